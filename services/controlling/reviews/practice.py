"""What every review is done with."""

from dataclasses import dataclass
from typing import Self

from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.law import Law
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Practice:
    """What every review is done with; kept in the state of the application.

    Attributes:
        law: The law's tables, the authority and its calendar.
        criteria: What reviews that begin now are asked.
    """

    law: Law
    criteria: Criteria

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Read everything once."""
        law = Law.of(organisation)
        return cls(law, Criteria.load(law.types))
