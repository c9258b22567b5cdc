"""Findings in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from services.controlling.audit.entry import Actor
from services.controlling.findings.errors import FindingUnknown
from services.controlling.findings.found import Found, Standing
from services.controlling.findings.life import ANSWERABLE, State, Step, on_day
from services.controlling.forms.criterion import Consequence, Texts
from shared.events.vocabulary import Severity
from shared.postgres.paging import Listing, Number, Order, Page, Rank, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, load

QUERIES = load(__file__)


async def standing(connection: Connection, decision_id: str) -> list[Standing]:
    """Give what was raised of a decision and not withdrawn; nobody else changes it meanwhile."""
    return [
        Standing(**{
            **row,
            "state": State(row["state"]),
            "severity": Severity(row["severity"]),
            "effect": row["effect"] and Consequence(row["effect"]),
        })
        for row in await connection.fetch(QUERIES["standing"], decision_id)
    ]  # fmt: skip


async def raise_findings(
    connection: Connection, decision_id: str, found: Sequence[Found], *, due: date, now: datetime
) -> dict[str, int]:
    """Raise what was found of a decision; gives the number of each question's."""
    document = as_document([
        (
            one.question,
            one.norm,
            one.asked.model_dump(),
            one.severity,
            one.effect,
            one.until,
            one.text,
        )
        for one in found
    ])  # fmt: skip
    rows = await connection.fetch(QUERIES["raise_findings"], decision_id, now, due, document)
    return {row["question"]: row["number"] for row in rows}


@dataclass(frozen=True, slots=True)
class Done:
    """Something that is done with a finding.

    Attributes:
        text: Reasons, or what was found, in people's own words.
        day: When it was put right.
    """

    step: Step
    text: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A finding as it stands while nobody else changes it."""

    number: int
    decision_id: str
    unit: str
    state: State
    due: date
    version: int
    decided_at: datetime
    last: Done
    by: UUID | None


async def hold(connection: Connection, number: int) -> Held:
    """Give a finding; nobody else changes it meanwhile.

    Raises:
        FindingUnknown: there is none.
    """
    await connection.execute(QUERIES["hold_finding"], number)
    # Something may have been done while we waited: only a new look sees it.
    row = await connection.fetchrow(QUERIES["held_finding"], number)
    if row is None:
        raise FindingUnknown(number)
    return Held(
        number,
        row["decision_id"],
        row["unit"],
        State(row["state"]),
        row["due"],
        row["version"],
        row["decided_at"],
        Done(Step(row["kind"]), row["text"], row["day"]),
        row["account"],
    )


async def note_step(
    connection: Connection, number: int, state: State, done: Done, *, who: Actor, now: datetime
) -> None:
    """Note what somebody did with a finding, and where it stands then."""
    await connection.execute(
        QUERIES["step"],
        number,
        state.value,
        done.step.value,
        who.id,
        str(who.role),
        done.text,
        done.day,
        now,
    )


async def may_settle(connection: Connection, decision_id: str, account: UUID) -> bool:
    """Whether somebody may decide about what was found of a decision."""
    return bool(await connection.fetchval(QUERIES["may_settle"], decision_id, account))


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as a list shows it.

    Attributes:
        kept: Its state, but for what the day brings.
    """

    number: int
    question: str
    norm: str
    asked: Texts
    severity: Severity
    effect: Consequence | None
    healable_until: date | None
    unit: str
    type_code: str
    decided_at: datetime
    raised_at: datetime
    due: date
    kept: State

    def state(self, today: date) -> State:
        """Give where it stands on a day."""
        return on_day(self.kept, self.due, today)


@dataclass(frozen=True, slots=True)
class Whole(Line):
    """A finding as its own page shows it.

    Attributes:
        text: What was found, in the words that stand now.
        version: What is done next is based on it.
    """

    decision_id: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are asked for; what is None doesn't narrow it."""

    unit: str | None = None
    states: Collection[State] | None = None
    norm: str | None = None
    question: str | None = None
    type_code: str | None = None
    text: str | None = None


def _listing(findings: str) -> Listing:
    columns = {
        "number": Number,
        "found": Words,
        "kind": Words,
        "unit": Words,
        "severity": Rank,
        "due": date,
        "state": Rank,
    }
    statement = QUERIES["page_of_findings"].replace("{findings}", findings)
    return Listing(statement, columns, unique={"number": Number}, usual="due")


FINDINGS, _OPEN = _listing("shown_finding"), _listing("open_finding")
"""Few findings are open: they are found without a look at those of years."""


async def page(
    connection: Connection, wanted: Filter, order: Order, *, words: str, today: date
) -> Page[Line]:
    """Give findings that may be shown; `words` has the names of types and units by their keys."""
    states = None if wanted.states is None else set(wanted.states)
    only_open = states is not None and states <= set(ANSWERABLE)
    if states == set(ANSWERABLE):
        states = None  # what is open is narrowed no more: its index gives the page and no line else
    found = await (_OPEN if only_open else FINDINGS).page(
        connection,
        order,
        wanted.unit,
        today,
        None if states is None else [one.value for one in states],
        wanted.norm,
        wanted.question,
        wanted.type_code,
        wanted.text,
        words,
    )
    return found.each(lambda row: Line(**_read(row)))


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do: `silent` is a part of `waiting`."""

    waiting: int
    silent: int
    replied: int


async def counts(connection: Connection, unit: str | None, today: date) -> Counts:
    """Count what waits for units and for leadership."""
    row = await connection.fetchrow(QUERIES["counts_of_findings"], unit, today)
    assert row is not None
    return Counts(**row)


async def read(connection: Connection, number: int, within: str | None) -> Whole:
    """Give a finding; of another unit than `within` there is none.

    Raises:
        FindingUnknown: there is none, or it can't be shown now.
    """
    row = await connection.fetchrow(QUERIES["finding"], number, within)
    if row is None:
        raise FindingUnknown(number)
    return Whole(**_read(dict(row)))


async def following(
    connection: Connection,
    found: Whole,
    unit: str | None,
    states: Collection[State],
    today: date,
) -> int | None:
    """Give the number of the finding in one of these states that is due next after another."""
    kept = [state.value for state in states]
    number: int | None = await connection.fetchval(
        QUERIES["next_finding"], found.number, found.due, unit, today, kept
    )
    return number


@dataclass(frozen=True, slots=True)
class Stepped:
    """What was done with a finding, by whom and when."""

    step: Step
    role: str | None
    text: str
    day: date | None
    at: datetime


async def steps(connection: Connection, number: int) -> list[Stepped]:
    """Give what was done with a finding, in its order."""
    rows = await connection.fetch(QUERIES["steps_of_finding"], number)
    return [Stepped(**{**row, "step": Step(row["step"])}) for row in rows]


async def alike(connection: Connection, number: int, unit: str | None) -> int:
    """Count the decisions of the same type of which the same was found, in a unit or in all."""
    return int(await connection.fetchval(QUERIES["alike"], number, unit))


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "kept": State(row.pop("state")),
        "asked": Texts(**from_json(row["asked"])),
        "severity": Severity(row["severity"]),
        "effect": row["effect"] and Consequence(row["effect"]),
    }
