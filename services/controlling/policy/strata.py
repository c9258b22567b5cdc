"""Strata: decisions of one group, direction and unit, and alike in what a policy adds to these."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self

from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction, FeatureValue
from shared.law.decision_types import RESERVED_GROUP

FIELDS = (
    "language",
    "discretion_exercised",
    "reasons_given",
    "remedy_instruction",
)
"""Fields of decision.made, beside its type and its features, that may make strata."""
FEATURE = "features."
LATE = RESERVED_GROUP
"""The group of decisions whose own period was closed when they were registered."""
_RESERVED = str.maketrans("/()", "___")


@dataclass(frozen=True, slots=True)
class Stratum:
    """A cell of the sampling frame.

    Attributes:
        narrowed: What else its decisions have in common, as pairs of a field and its text.
    """

    group: str
    direction: Direction
    unit: str
    narrowed: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, key: str) -> Self:
        """Undo `key`; only a unit's name may hold a slash.

        Raises:
            ValueError: not the key of a stratum.
        """
        head, direction, unit = key.split("/", 2)
        group, *cells = head.split("(")
        narrowed = (cell.removesuffix(")").partition(":") for cell in cells)
        return cls(
            group, Direction(direction), unit, tuple((name, text) for name, _, text in narrowed)
        )

    @property
    def key(self) -> str:
        """The stratum's name in events, tables and reports, as `work(language:uk)/adverse/unit-3`.

        What narrows it stands behind the group, so that three parts are always group, direction
        and unit.
        """
        cells = "".join(f"({name}:{text})" for name, text in self.narrowed)
        return f"{self.group}{cells}/{self.direction.value}/{self.unit}"


def is_late(key: str) -> bool:
    """Whether a stratum, named by its key, is of decisions whose own period was closed."""
    return key.startswith(f"{LATE}/")


class Kind(NamedTuple):
    """What decides the stratum of a decision, beside the policy: nothing that others do.

    Attributes:
        day: The day it was taken where the authority is.
        texts: What stands in the fields by which the policy splits.
    """

    type_code: str
    direction: Direction
    unit: str
    day: date
    texts: tuple[str, ...]


def value_of(decision: DecisionMade, field: str) -> FeatureValue | None:
    """Give what an event says in a field; a feature's field is `features.` and its name."""
    if field.startswith(FEATURE):
        return decision.features.get(field.removeprefix(FEATURE))
    value: FeatureValue | None = getattr(decision, field)
    return value


def text_of(value: FeatureValue | None) -> str:
    """Write a value as it stands in a stratum's key; what the key itself is made of becomes `_`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).translate(_RESERVED)
