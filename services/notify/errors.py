"""What several rooms of notify find wrong."""

from collections.abc import Iterable

from shared.errors import PermanentError


class TextUnavailable(PermanentError):
    """Somebody asks for a language or channel that a message doesn't have."""

    def __init__(self, message: str, wanted: str, offered: Iterable[str]) -> None:
        super().__init__(f"message {message} has no text for {wanted}, only {', '.join(offered)}")
