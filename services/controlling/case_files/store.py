"""What happened to cases, kept as evidence for reviews; decisions stand in the register already."""

from collections.abc import Collection, Iterable, Sequence

from asyncpg import Record
from pydantic_core import from_json

from services.controlling.policy.strata import Stratum
from shared.events.catalogue import case, paper
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.registry import CATALOGUE
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, load

QUERIES = load(__file__)
EMPTY = QUERIES["forget_case_events"]
KEPT = frozenset({
    case.ApplicationReceived,
    case.ApplicationAcknowledged,
    case.ApplicationWithdrawn,
    case.DocumentsRequested,
    case.DocumentsReceived,
    case.DocumentsDeadlineExtended,
    case.DocumentsOverdue,
    case.HearingSent,
    case.HearingDeadlineExtended,
    case.HearingAnswered,
    case.ParticipationRequested,
    case.ParticipationDelayed,
    case.ParticipationAnswered,
    case.DecisionDispatched,
    case.DecisionNotified,
    case.DecisionCorrected,
    case.DecisionWithdrawn,
    case.AppealLodged,
    case.AppealRemedied,
    case.AppealForwarded,
    case.AppealDecided,
    case.CourtActionFiled,
    case.CourtInactionFiled,
    case.CourtDecided,
    case.CaseTransferred,
    case.CaseClosed,
    paper.PermitIssued,
    paper.ProvisionalPaperIssued,
    paper.CardReady,
    paper.CardCollected,
})  # fmt: skip
"""What reviews look at; `decision.made` stands in the register."""
NOBODY = "decider-" + "a" * 26
"""In place of who decided: evidence says what was done, never by whom."""
_KEPT_HERE = "urn:gleichfall:case-file"


async def keep(connection: Connection, events: Sequence[Event]) -> None:
    """Keep what a batch tells of its cases, in one statement; most decisions cost nothing here."""
    kept = [one for one in events if type(one.data) in KEPT]
    if not kept:
        return
    await connection.execute(
        QUERIES["keep_case_events"],
        as_document([
            (
                one.subject,
                one.sequence,
                one.data.event_type,
                one.time,
                one.data.model_dump(mode="json", exclude_none=True),
            )
            for one in kept
        ]),
    )  # fmt: skip


async def events_of_case(connection: Connection, decision_id: str) -> list[Event]:
    """Give what is known of the case that a decision fell in; empty when nobody knows it.

    Events from before cases were kept aren't among them, nor is who decided.
    """
    decisions = await connection.fetch(QUERIES["decisions_of_case"], decision_id)
    if not decisions:
        return []
    happened = await connection.fetch(QUERIES["events_of_case"], decisions[0]["case_ref"])
    return _events(decisions, happened)


async def events_of_cases(connection: Connection, cases: Collection[str]) -> list[Event]:
    """Give the same of several cases, one after the other."""
    return _events(
        await connection.fetch(QUERIES["decisions_of_cases"], list(cases)),
        await connection.fetch(QUERIES["events_of_cases"], list(cases)),
    )


def _events(decisions: Iterable[Record], happened: Iterable[Record]) -> list[Event]:
    made = [
        Event(
            row["decision_id"],
            _KEPT_HERE,
            row["case_ref"],
            row["decided_at"],
            _decision(dict(row)),
        )
        for row in decisions
    ]
    kept = [
        Event(
            str(row["sequence"]),
            _KEPT_HERE,
            row["case_ref"],
            row["at"],
            CATALOGUE[row["type"]].read(row["data"], strict=True, extra="ignore"),
            row["sequence"],
        )
        for row in happened
        if row["type"] in CATALOGUE
    ]
    return [*made, *kept]


def _decision(row: dict[str, str]) -> DecisionMade:
    """Write down again what the register says of a decision."""
    stratum = Stratum.parse(row["stratum"])
    facts = {
        name: value for name, value in from_json(row["facts"] or "{}").items() if value is not None
    }
    return DecisionMade.model_validate(
        {
            **facts,
            "decision_id": row["decision_id"],
            "type_code": row["type_code"],
            "direction": stratum.direction,
            "unit": stratum.unit,
            "decider": NOBODY,
        }
    )
