"""What can go wrong with displays."""

from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus

from shared.configuration.yaml_file import nearest
from shared.errors import PermanentError
from shared.web.problems import Problem


class NoSuchOffice(PermanentError):
    """The description of the authority has no office of this key."""

    def __init__(self, office: str, known: Iterable[str]) -> None:
        super().__init__(f"the authority has no office {office}{nearest(office, known)}")


class NoSuchDisplay(PermanentError):
    """There is no display of this id that could be revoked."""

    def __init__(self, display: str) -> None:
        super().__init__(
            f"there is no display {display} that could be revoked; see 'gleichfall displays list'"
        )


class KeyUnknown(Problem):
    """Somebody has no key of a display, or one that was revoked."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN, "display-unknown", "No display has this key", "Ask for a new one."
        )


class NothingToShow(Problem):
    """The database is away, and this display has shown nothing today; it asks again by itself."""

    def __init__(self, again: timedelta) -> None:
        super().__init__(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "display-dark",
            "There is nothing to show now",
            headers={"Refresh": f"{again.total_seconds():.0f}"},
        )
