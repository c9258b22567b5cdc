"""What can be wrong with the chain of a register, or with what is asked of it."""

from shared.errors import PermanentError


class HeadUnreadable(PermanentError):
    """What was given as a published head is none."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no head of a register; write it as 2026-05-03:1204:9f86…, as published"
        )


class RegisterIncomplete(PermanentError):
    """A decision that was registered is gone before it came into the chain."""

    def __init__(self, period: str, missing: int) -> None:
        decisions = "1 decision is" if missing == 1 else f"{missing} decisions are"
        super().__init__(
            f"{decisions} gone from the register of {period} before the chain held them; keep the "
            "database as it is and tell the internal audit; when they know why, "
            f"'gleichfall draw note-gap {period}' chains the rest"
        )


class NothingGone(PermanentError):
    """There is no gap to note."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"nothing that waits for the chain of {period} is gone from its register; "
            f"'gleichfall draw chain {period}' tells what was changed afterwards"
        )


class RegisterUnchained(PermanentError):
    """A period that closed before registers were chained has nothing to follow."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"the review period {period} was closed before registers were chained: "
            "nothing tells whether its register was changed"
        )


class RegisterChanged(PermanentError):
    """The register isn't what its chain says."""

    def __init__(self, period: str, faults: int) -> None:
        super().__init__(
            f"the register of {period} was changed in {faults} place(s); keep the database as it "
            "is and show it to the internal audit and the staff council"
        )
