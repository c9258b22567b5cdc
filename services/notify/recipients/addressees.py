"""Whom messages about a case go to: its person, a representative, who is told besides. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contacts.party import Capacity


@dataclass(frozen=True, slots=True)
class NamedParty:
    """Somebody whom the contact data of a person name for a case.

    Attributes:
        named_by: The person.
        contact_ref: Who is named.
        copied: Whether the person is told beside a representative.
    """

    named_by: str
    contact_ref: str
    capacity: Capacity
    copied: bool


@dataclass(frozen=True, slots=True)
class Addressee:
    """One whom a message goes to; without a capacity, the person of the case."""

    contact_ref: str | None
    capacity: Capacity | None = None


def addressees(person: str | None, parties: Sequence[NamedParty]) -> tuple[Addressee, ...]:
    """Give whom messages about a case go to (§ 14(3) VwVfG).

    Args:
        person: Whom the events of the case name.
        parties: Who is named for the case. Only what that person's own contact data say counts:
            nobody else can turn the case's messages to somebody.
    """
    named = [one for one in parties if one.named_by == person]
    represented = [one for one in named if one.capacity is Capacity.REPRESENTATIVE]
    told = not represented or any(one.copied for one in represented)
    first = (Addressee(person),) if told else ()
    return (*first, *(Addressee(one.contact_ref, one.capacity) for one in named))
