"""Whether like cases that were decided in opposite ways are found, and no others."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from services.controlling.figures.twins import Likeness, twins
from services.controlling.statistics.tables import Row
from services.intake.simulation.generator import generate
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from tests.proof.histories import FIRST, authority

WITHIN = timedelta(days=30)
_FEATURES = ("renewal", "livelihood-secured", "passport-valid", "years-of-stay")
_LIKENESS = Likeness(("type", *_FEATURES), "refused", "decided_on", WITHIN)


class Twins(NamedTuple):
    """How many pairs were injected, found, and found without having been injected."""

    decisions: int
    injected: int
    found: int
    false: int


def inject_and_find(seed: int, injected: int, *, weeks: int = 12, rate: float = 0.15) -> Twins:
    """Let an authority decide like cases alike, then slip opposite ones in."""
    rows = _consistent(seed, weeks, rate)
    chance = random.Random(seed)
    chosen = chance.sample(range(len(rows)), injected)
    slipped = [_opposite(rows[place], place, chance) for place in chosen]
    found = twins([*rows, *slipped], _LIKENESS)
    wanted = {row.text("case") for row in slipped}
    right = sum(one.with_outcome in wanted for one in found)
    return Twins(len(rows), injected, right, len(found) - right)


def _consistent(seed: int, weeks: int, rate: float) -> list[Row]:
    """Give the decisions of an authority that refuses nobody who applied."""
    organisation, assumptions = authority()
    groups = {
        key: group.model_copy(update={"adverse": 0.0})
        for key, group in assumptions.groups.items()
        if not group.ex_officio
    }
    events = generate(
        organisation,
        DecisionTypes.load(),
        weeks=weeks,
        rate=rate,
        seed=seed,
        start=FIRST,
        assumptions=assumptions.model_copy(update={"groups": groups}),
    )
    made = [one for one in events if isinstance(one, Event) and isinstance(one.data, DecisionMade)]
    return [_row(one, one.data) for one in made if isinstance(one.data, DecisionMade)]


def _row(event: Event, facts: DecisionMade) -> Row:
    cells = {
        "case": facts.decision_id,
        "type": facts.type_code,
        "refused": "yes" if facts.direction is Direction.ADVERSE else "no",
        "decided_on": f"{event.time:%Y-%m-%d}",
    }
    cells |= {name: str((facts.features or {}).get(name, "")) for name in _FEATURES}
    return Row(Path("generated"), 0, cells)


def _opposite(row: Row, number: int, chance: random.Random) -> Row:
    """Make a like case, decided the other way some days later."""
    day = date.fromisoformat(row.cells["decided_on"]) + timedelta(days=chance.randint(0, 20))
    cells = row.cells | {"case": f"slipped-{number}", "refused": "yes", "decided_on": f"{day}"}
    return Row(row.file, 0, cells)


def added(parts: Sequence[Twins]) -> Twins:
    """Add up several authorities."""
    return Twins(*(sum(column) for column in zip(*parts, strict=True)))
