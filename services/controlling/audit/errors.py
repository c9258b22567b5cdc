"""What can be wrong with the audit log."""

from shared.errors import PermanentError


class AuditBroken(PermanentError):
    """The chain doesn't hold."""

    def __init__(self, breaks: int) -> None:
        super().__init__(
            f"the audit log was tampered with in {breaks} place(s); keep the database as it is and "
            "tell the data protection officer"
        )
