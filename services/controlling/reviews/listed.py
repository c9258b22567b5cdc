"""What lists of reviews have in common: by what they are searched, and what they say of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

from services.controlling.practice.naming import Naming
from shared.events.vocabulary import DrawReason
from shared.web.pages.cells import Said, said

HEADS = ("list.kind", "list.unit", "list.decided", "list.why")
"""Of what `cells` gives."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list of reviews is searched for, and what decides about what is found.

    Attributes:
        text: A part of the names of types and units; None: everything is found.
        unit: One unit's only; None: all.
        words: Those names by their keys.
        zone: Where days begin.
    """

    text: str | None
    unit: str | None
    words: str
    zone: str
    today: date

    @classmethod
    def of(cls, names: Naming, text: str = "", unit: str = "") -> Self:
        """Search in the reader's words."""
        return cls(
            text or None, unit or None, names.words(), names.law.calendar.zone.key, names.today
        )

    @property
    def values(self) -> tuple[object, ...]:
        """As statements take them."""
        return (self.text, self.unit, self.words, self.zone, self.today)


class Listed(Protocol):
    """A review in some list."""

    @property
    def type_code(self) -> str:
        """What was decided."""

    @property
    def decided_at(self) -> datetime:
        """When."""

    @property
    def unit(self) -> str:
        """Where."""

    @property
    def reasons(self) -> Sequence[DrawReason]:
        """Why it was drawn."""


def cells(one: Listed, names: Naming) -> tuple[object, ...]:
    """Give what every file of reviews says of one."""
    kind, day = names.kind(one.type_code, one.decided_at), names.day(one.decided_at)
    return (kind, names.unit(one.unit), day, drawn_for(one.reasons))


def drawn_for(reasons: Sequence[DrawReason]) -> Said:
    """Say why a decision was drawn."""
    return said(*(f"list.reason.{reason}" for reason in reasons))
