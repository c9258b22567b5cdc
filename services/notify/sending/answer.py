"""What a provider says to one message, whatever the channel."""

from enum import Enum, auto


class Answer(Enum):
    """The outcome of one attempt."""

    ACCEPTED = auto()
    """The provider took the message and is responsible for it now."""

    ADDRESS_REFUSED = auto()
    """There is no such recipient, and there will be none."""

    CONTENT_REFUSED = auto()
    """The provider will never take this message."""

    LATER = auto()
    """Not now, and it was not taken; the same attempt may succeed later."""

    UNCLEAR = auto()
    """Nobody knows whether it was taken: no answer came, or none that can be understood."""
