"""What can be wrong with an organisation file."""

from collections.abc import Sequence

from shared.configuration.yaml_file import FileInvalid
from shared.errors import PermanentError


class OrganisationInvalid(FileInvalid):
    """The organisation file can't be used; the message names line, field and mend."""


class UnitVanished(PermanentError):
    """A unit is no more, and nobody took it over: its decisions would be nobody's."""

    def __init__(self, version: str, keys: Sequence[str]) -> None:
        named = ", ".join(keys)
        super().__init__(
            f"version {version} of the organisation file doesn't say what became of {named}; name "
            "it under formerly of the unit that it was renamed to or merged into, or under "
            "split_from of each unit that took over a part"
        )
