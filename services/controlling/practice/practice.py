"""What every review is done with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from services.controlling.forms.catalogue import PACKAGED, Criteria
from services.controlling.forms.law import Law
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Practice:
    """What every review is done with; kept in the state of the application.

    Attributes:
        law: The law's tables, the authority and its calendar.
        criteria: What reviews that begin now are asked.
        file_url: Where the Fachverfahren shows a file, with `{dataref}`; None when it can't.
    """

    law: Law
    criteria: Criteria
    file_url: str | None = None

    @classmethod
    def of(
        cls, organisation: Organisation, criteria_file: Path = PACKAGED, file_url: str | None = None
    ) -> Self:
        """Read everything once."""
        law = Law.of(organisation)
        return cls(law, Criteria.load(law.types, criteria_file), file_url)

    def address(self, dataref: str) -> str | None:
        """Give the address of a file."""
        return self.file_url and self.file_url.replace("{dataref}", quote(dataref, safe=""))
