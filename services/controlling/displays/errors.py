"""What can go wrong with displays."""

from collections.abc import Iterable

from shared.configuration.yaml_file import nearest
from shared.errors import PermanentError


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
