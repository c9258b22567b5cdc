"""Findings in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.controlling.audit.entry import Actor
from services.controlling.findings.errors import FindingUnknown
from services.controlling.findings.found import Found, Standing
from services.controlling.findings.life import State, Step
from services.controlling.forms.criterion import Consequence
from shared.events.vocabulary import Severity
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
