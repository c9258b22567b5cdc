"""What can be wrong with the audit log."""

from pathlib import Path

from shared.errors import PermanentError


class AuditBroken(PermanentError):
    """The chain doesn't hold."""

    def __init__(self, breaks: int) -> None:
        super().__init__(
            f"the audit log was tampered with in {breaks} place(s); keep the database as it is and "
            "tell the data protection officer"
        )


class LogInaccessible(PermanentError):
    """The file can't be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot write {path}: {error.strerror}")
