"""Who else is told about a case: a representative, or somebody whom the person wants told, too."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.events.vocabulary import CaseRef, Code, ContactRef


class Capacity(StrEnum):
    """As what somebody is told who isn't the person of the case."""

    REPRESENTATIVE = "representative"
    """Is told in the person's place: § 14(3) VwVfG."""
    ADDITIONAL = "additional"


class Party(BaseModel):
    """Somebody who is told about one case of a person.

    Attributes:
        case: Which case.
        contact_ref: A contact of its own, with addresses and language of its own.
        capacity: As what.
        copied: Whether the person is told, too, where somebody represents them.
        basis: Where the power of attorney or the person's wish is written down, as a key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    case: CaseRef
    contact_ref: ContactRef
    capacity: Capacity
    copied: bool = False
    basis: Code

    @model_validator(mode="after")
    def _who_is_told_anyway_gets_no_copy(self) -> Self:
        if self.copied and self.capacity is Capacity.ADDITIONAL:
            raise ValueError(
                "copied is for who has a representative; else the person is told anyway"
            )
        return self
