"""What can be wrong with what is looked at."""

from collections.abc import Iterable

from shared.errors import PermanentError


class MessageUnknown(PermanentError):
    """Somebody asks for a message that isn't there."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no message {name}; there are {', '.join(known)}")
