"""What can be wrong with messages and their texts."""

from collections.abc import Iterable
from pathlib import Path

from shared.errors import PermanentError


class MessageInvalid(PermanentError):
    """A text or its description can't be used; found when the service starts."""

    def __init__(self, where: Path, *what: str) -> None:
        super().__init__("\n".join(f"{where}: {one}" for one in what))


class MessagesInvalid(MessageInvalid):
    """Texts or descriptions can't be used; everything that is wrong is told, a line each."""

    def __init__(self, found: Iterable[MessageInvalid]) -> None:
        lines = (line for one in found for line in str(one).splitlines())
        PermanentError.__init__(self, "\n".join(dict.fromkeys(lines)))


class ValueMissing(PermanentError):
    """A text needs a value that the cause or the configuration doesn't give."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(f"message {message}: {what}")
