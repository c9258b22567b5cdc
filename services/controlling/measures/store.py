"""Measures in the database, and the answers in which their effect shows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from pydantic_core import from_json

from services.controlling.accounts.account import Role
from services.controlling.figures.rate import Judged
from services.controlling.figures.reviews import Answer
from services.controlling.measures.effect import Drawn, Effect, Outcome
from services.controlling.measures.errors import FindingsUnfit, MeasureUnknown
from services.controlling.measures.measure import Kind, Measure, Plan, State
from services.controlling.periods.deadlines import Promise, promise_of
from services.controlling.policy.strata import Stratum
from services.controlling.reviews import verdict
from shared.events.vocabulary import Grade
from shared.organisation.model import Organisation
from shared.postgres.paging import Listing, Number, Order, Page, Rank, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.time_stamps import stamped_at

QUERIES = load(__file__)
_EFFECT: TypeAdapter[Effect | None] = TypeAdapter(Effect | None)
_ERRORS = frozenset({Grade.MINOR, Grade.SIGNIFICANT})
"""What a finding is raised of, so what a measure is to make rarer."""


async def agree(connection: Connection, plan: Plan, now: datetime) -> tuple[int, bool]:
    """Keep a measure on findings; gives its number, and whether it is new.

    Raises:
        FindingsUnfit: one of the findings isn't there or was withdrawn, or they differ in what
            they are about.
    """
    rows = await connection.fetch(QUERIES["hold_findings"], list(plan.findings))
    standing = [row for row in rows if row["state"] != _WITHDRAWN]
    questions = {row["question"] for row in standing}
    if len(standing) != len(set(plan.findings)) or len(questions) != 1:
        raise FindingsUnfit
    (question,) = questions
    words = (plan.kind.value, plan.title, plan.owner.value, plan.unit, question, plan.due)
    already = await connection.fetchval(QUERIES["agreed_already"], *words)
    if already is not None:
        return already, False
    return await connection.fetchval(QUERIES["agree"], *words, now, list(plan.findings)), True


async def hold(connection: Connection, number: int, within: str | None) -> Measure:
    """Give a measure; nobody else changes it meanwhile.

    Raises:
        MeasureUnknown: there is none, or not in the unit of who may see no other.
    """
    row = await connection.fetchrow(QUERIES["hold_measure"], number)
    if row is None or within not in (None, row["unit"]):
        raise MeasureUnknown(number)
    return _measure(row)


async def read(connection: Connection, number: int, within: str | None) -> Measure:
    """Give a measure; one for the whole authority is every unit's.

    Raises:
        MeasureUnknown: there is none, or it is of another unit than who asks may see.
    """
    row = await connection.fetchrow(QUERIES["measure"], number)
    if row is None or (within is not None and row["unit"] not in (None, within)):
        raise MeasureUnknown(number)
    return _measure(row)


async def carry_out(connection: Connection, number: int, state: State, now: datetime) -> None:
    """Note that a measure is done."""
    await connection.execute(QUERIES["carry_out"], number, state.value, now)


async def drop(connection: Connection, number: int, state: State, reason: str) -> None:
    """Note that a measure is given up."""
    await connection.execute(QUERIES["drop"], number, state.value, reason)


async def keep_effect(
    connection: Connection, number: int, state: State, effect: Effect, now: datetime
) -> None:
    """Note what a look at a measure's effect gave."""
    document = _EFFECT.dump_json(effect).decode()
    await connection.execute(QUERIES["keep_effect"], number, state.value, now, document)


@dataclass(frozen=True, slots=True)
class On:
    """A finding on which a measure is agreed, or may be."""

    number: int
    question: str
    unit: str
    type_code: str
    state: str
    raised_at: datetime


async def findings_of(connection: Connection, number: int) -> list[On]:
    """Give the findings on which a measure was agreed."""
    return [On(**row) for row in await connection.fetch(QUERIES["findings_of_measure"], number)]


async def findings_like(connection: Connection, finding: int, most: int) -> list[On]:
    """Give a finding that stands, before others about the same question; none if it doesn't."""
    rows = await connection.fetch(QUERIES["findings_like"], finding, most)
    return [On(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which measures are asked for; what is None doesn't narrow it.

    Attributes:
        states: Where they stand.
        kind: What they are.
        within: A unit: its own, and those of the whole authority.
        text: A part of their title, their number, or the question that they are about.
        finding: One that they were agreed on.
    """

    states: Collection[State] | None = None
    kind: Kind | None = None
    within: str | None = None
    text: str | None = None
    finding: int | None = None

    @property
    def values(self) -> tuple[object, ...]:
        """As statements take them."""
        states = None if self.states is None else [one.value for one in self.states]
        return (states, self.kind and self.kind.value, self.within, self.text, self.finding)


MEASURES = Listing(
    QUERIES["page_of_measures"],
    {
        "number": Number,
        "title": Words,
        "kind": Words,
        "owner": Words,
        "due": date,
        "state": Rank,
    },
    unique={"number": Number},
    usual="due",
)


async def page(connection: Connection, wanted: Filter, order: Order, words: str) -> Page[Measure]:
    """Give some measures; `words` has the names of kinds, owners and units by their keys."""
    found = await MEASURES.page(connection, order, *wanted.values, words)
    return found.each(_measure)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many measures are to be carried out, are overdue, and wait for a look at their effect."""

    open: int
    overdue: int
    done: int


async def counts(connection: Connection, within: str | None, today: date) -> Counts:
    """Count the measures that somebody may see."""
    row = await connection.fetchrow(QUERIES["measure_counts"], within, today)
    assert row is not None
    return Counts(**row)


class Days(NamedTuple):
    """From one moment to before another."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a measure is to help: a unit of today, or the whole authority.

    Attributes:
        organisation: Says what became of former units: their decisions are those of the heir.
    """

    unit: str | None
    organisation: Organisation

    @property
    def units(self) -> list[str] | None:
        """The units whose decisions may be meant, former ones among them; None: all."""
        if self.unit is None:
            return None
        one = next((one for one in self.organisation.units if one.key == self.unit), None)
        return [self.unit] if one is None else [one.key, *one.formerly, *one.split_from]

    def stratum(self, key: str) -> str | None:
        """Give what a stratum is today; None when it belongs elsewhere."""
        found = Stratum.parse(key)
        unit = self.organisation.unit_now(found.unit, found.group)
        return replace(found, unit=unit).key if self.unit in (None, unit) else None

    def count(self, counts: Iterable[tuple[str, int]]) -> Counter[str]:
        """Add up what was counted by stratum."""
        found = Counter[str]()
        for key, count in counts:
            if (stratum := self.stratum(key)) is not None:
                found[stratum] += count
        return found


async def drawn(connection: Connection, question: str, days: Days, place: Place) -> Drawn:
    """Give what chance drew of some days, and what counts in the end as answer to a question."""
    rows = await connection.fetch(QUERIES["drawn_between"], *days, place.units)
    by_stratum = place.count((row["stratum"], row["drawn"]) for row in rows)
    return Drawn(await _judged_of(connection, question, days, place), by_stratum)


async def _judged_of(
    connection: Connection, question: str, days: Days, place: Place
) -> Sequence[Judged]:
    rounds: defaultdict[tuple[str, str], dict[int, verdict.Answers]] = defaultdict(dict)
    rows = await connection.fetch(QUERIES["answers_between"], question, *days, place.units)
    for row in rows:
        answers = {} if row["grade"] is None else {question: verdict.Answer(row["grade"])}
        rounds[row["decision_id"], row["stratum"]][row["round"]] = answers
    found = []
    for (_, key), given in rounds.items():
        stratum = place.stratum(key)
        counts_in_the_end = verdict.final(given[1], given.get(2), given.get(3))
        if stratum and counts_in_the_end and (answer := counts_in_the_end.get(question)):
            found.append(_judged(stratum, Grade(answer.grade)))
    return found


async def sizes(connection: Connection, days: Days, place: Place) -> Counter[str]:
    """Count the decisions of some days by stratum."""
    rows = await connection.fetch(QUERIES["strata_between"], *days, place.units)
    return place.count((row["stratum"], row["size"]) for row in rows)


async def promises(connection: Connection, first: date, last: date) -> set[Promise]:
    """Give what is known of the times at which the draws of some days were promised."""
    rows = await connection.fetch(QUERIES["draws_between"], first, last)
    return {
        promise_of(
            row["first_day"],
            row["opened_at"],
            stamped_at(row["time_stamp"], row["commitment"]),
            simulated=row["simulated"],
        )
        for row in rows
    }


_WITHDRAWN = "withdrawn"


def _judged(stratum: str, grade: Grade) -> Judged:
    applies = grade is not Grade.NOT_APPLICABLE
    return Judged(stratum, Answer(grade.value) if applies else None, grade in _ERRORS)


def _effect(document: str | None) -> Effect | None:
    """Read an effect; of one from before rates were told in steps the word alone."""
    found = from_json(document or "null")
    if found and found["before"] and not isinstance(found["before"]["rate"], dict):
        return Effect(Outcome(found["outcome"]), overturned=found.get("overturned", False))
    return _EFFECT.validate_python(found)


def _measure(row: Any) -> Measure:  # noqa: ANN401 - a row of whatever connection
    return Measure(**{
        **row,
        "kind": Kind(row["kind"]),
        "owner": Role(row["owner"]),
        "state": State(row["state"]),
        "effect": _effect(row["effect"]),
    })  # fmt: skip
