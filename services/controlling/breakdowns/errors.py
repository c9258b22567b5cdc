"""What may not be broken down."""

from collections.abc import Iterable
from pathlib import Path

from services.controlling.statistics.errors import TableInvalid
from shared.configuration.yaml_file import FileInvalid, nearest
from shared.errors import PermanentError


class BreakdownsInvalid(FileInvalid):
    """The list of breakdowns can't be used; the message names line, field and mend."""


class BreakdownUnlisted(PermanentError):
    """Figures by this column aren't agreed."""

    def __init__(self, column: str, listed: Iterable[str]) -> None:
        known = sorted(listed)
        super().__init__(
            f"no figure may be broken down by {column}{nearest(column, known)}, which might tell "
            f"of one officer. Listed are {', '.join(known)}; agree on more with the staff "
            "council and list it with its values (GLEICHFALL_BREAKDOWNS)"
        )


class ValueUnlisted(PermanentError):
    """Cases aren't chosen by a value that the list doesn't have; it isn't repeated."""

    def __init__(self, column: str) -> None:
        super().__init__(f"--where {column}: this value isn't listed; it might be a person's")


class PersonNamed(TableInvalid):
    """A label looks like a person's; it isn't repeated."""

    def __init__(self, path: Path, line: int, column: str) -> None:
        super().__init__(
            path, line, f"{column}: looks like a person; there are no figures about one officer"
        )
