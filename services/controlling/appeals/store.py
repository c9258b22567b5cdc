"""What became of decisions that somebody appealed against, in the database."""

from dataclasses import dataclass
from datetime import datetime

from services.controlling.appeals.hindsight import CONTRADICTIONS, Hindsight, Instance, hindsight
from shared.events.catalogue.case import AppealDecided, AppealRemedied, CourtDecided
from shared.events.vocabulary import AppealOutcome, FileVerdict
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
class Place:
    """Where a page of the list begins: behind this ruling."""

    at: datetime
    case_ref: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody who looked at a decision again made of it.

    Attributes:
        verdict: What we thought of it on the file as it was; None while no verdict holds.
    """

    place: Place
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


async def rulings(
    connection: Connection, wanted: Filter, after: Place | None = None, most: int = _ALL
) -> list[Ruling]:
    """Give rulings on decisions in the queue, the newest first."""
    pairs = sorted(f"{verdict} {outcome}" for verdict, outcome in CONTRADICTIONS)
    rows = await connection.fetch(
        QUERIES["rulings"],
        after and after.at,
        after and after.case_ref,
        after and after.sequence,
        wanted.decision_id,
        wanted.unit,
        pairs if wanted.contradicted else None,
        most,
    )
    return [
        Ruling(
            Place(row["at"], row["case_ref"], row["sequence"]),
            _INSTANCES[row["type"]],
            AppealOutcome(row["outcome"]),
            row["verdict"] and FileVerdict(row["verdict"]),
            row["type_code"],
            row["decided_at"],
            row["unit"],
        )
        for row in rows
    ]
