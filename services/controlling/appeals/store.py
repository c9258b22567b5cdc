"""What became of decisions that somebody appealed against, in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.controlling.appeals.hindsight import CONTRADICTIONS, Hindsight, Instance, hindsight
from shared.events.catalogue.case import AppealDecided, AppealRemedied, CourtDecided
from shared.events.vocabulary import AppealOutcome, FileVerdict
from shared.postgres.paging import Listing, Moment, Number, Order, Page, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_INSTANCES = {
    AppealRemedied.event_type: Instance.OFFICE,
    AppealDecided.event_type: Instance.SUPERVISORY,
    CourtDecided.event_type: Instance.COURT,
}
_ALL = 1_000


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody who looked at a decision again made of it.

    Attributes:
        verdict: What we thought of it on the file as it was; None while no verdict holds.
    """

    ruled_at: datetime
    instance: Instance
    outcome: AppealOutcome
    verdict: FileVerdict | None
    type_code: str
    decided_at: datetime
    unit: str

    @property
    def hindsight(self) -> Hindsight:
        """How the two go together."""
        return hindsight(self.verdict, self.outcome)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rulings are asked for; what is None doesn't narrow it."""

    decision_id: str | None = None
    unit: str | None = None
    contradicted: bool = False
    text: str | None = None


RULINGS = Listing(
    QUERIES["page_of_rulings"],
    {"kind": Words, "unit": Words, "decided": date, "ruled": Moment},
    unique={"case": Words, "sequence": Number},
    usual="-ruled",
)


async def page(
    connection: Connection, wanted: Filter, order: Order, *, words: str, zone: ZoneInfo
) -> Page[Ruling]:
    """Give rulings on decisions in the queue; `words` has the names of types and units."""
    pairs = sorted(f"{verdict} {outcome}" for verdict, outcome in CONTRADICTIONS)
    found = await RULINGS.page(
        connection,
        order,
        wanted.decision_id,
        wanted.unit,
        pairs if wanted.contradicted else None,
        wanted.text,
        words,
        zone.key,
    )
    return found.each(_ruling)


async def on_decision(connection: Connection, decision_id: str) -> Sequence[Ruling]:
    """Give the rulings on one decision, the newest first."""
    wanted, usual = Filter(decision_id), RULINGS.usual.whole(_ALL)
    found = await page(connection, wanted, usual, words="{}", zone=ZoneInfo("UTC"))
    return found.lines


def _ruling(row: Mapping[str, Any]) -> Ruling:
    return Ruling(
        row["at"],
        _INSTANCES[row["type"]],
        AppealOutcome(row["outcome"]),
        row["verdict"] and FileVerdict(row["verdict"]),
        row["type_code"],
        row["decided_at"],
        row["unit"],
    )
