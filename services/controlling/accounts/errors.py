"""What can be wrong with accounts."""

from collections.abc import Iterable

from shared.errors import PermanentError


class LoginTaken(PermanentError):
    """Two people can't sign in by the same name."""

    def __init__(self, login: str) -> None:
        super().__init__(f"there is an account {login!r} already; see 'gleichfall accounts list'")


class AccountUnknown(PermanentError):
    """Nobody signs in by this name."""

    def __init__(self, login: str) -> None:
        super().__init__(f"there is no account {login!r}; see 'gleichfall accounts list'")


class AccountUnfit(PermanentError):
    """There can't be an account as it is described."""

    exit_code = 2

    def __init__(self, login: str, faults: Iterable[str]) -> None:
        super().__init__(f"the account {login!r} can't be so: {'; '.join(faults)}")


class PasswordsOff(PermanentError):
    """In production the identity provider knows who people are, and nobody else."""

    def __init__(self) -> None:
        super().__init__(
            "accounts have no passwords of their own here (GLEICHFALL_PRODUCTION is set); "
            "people sign in with WORKBENCH_ISSUER"
        )


class AbsenceUnfit(PermanentError):
    """Days on which somebody isn't there have an order and an end."""

    def __init__(self) -> None:
        super().__init__(
            "an absence has a first and a last day, in this order; it ends today or later, and "
            "within a year"
        )
