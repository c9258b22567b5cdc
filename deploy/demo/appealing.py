"""What becomes of reviewed decisions that somebody appeals against; intake is told."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from pydantic import SecretStr

from deploy.demo.fate import Oracle
from deploy.demo.reviewers import Ruling
from services.controlling.forms.case_file import CaseFile
from services.intake.client import IntakeClient
from services.intake.simulation.batch import batches
from services.intake.simulation.chance import Chance
from services.intake.simulation.delivery import ToIntake, deliver
from services.intake.simulation.world import simulated_event
from shared.events.catalogue.case import (
    AppealDecided,
    AppealLodged,
    AppealRemedied,
    CourtActionFiled,
    CourtDecided,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import AppealOutcome, Direction

_OUTCOMES: Mapping[Ruling, AppealOutcome] = MappingProxyType({
    Ruling.UPHELD: AppealOutcome.UPHELD,
    Ruling.PARTLY_REVERSED: AppealOutcome.PARTLY_REVERSED,
    Ruling.REVERSED: AppealOutcome.REVERSED,
    Ruling.UPHELD_IN_COURT: AppealOutcome.UPHELD,
    Ruling.REVERSED_IN_COURT: AppealOutcome.REVERSED,
})  # fmt: skip
_MONTH = timedelta(days=30)


def appeals(cases: Iterable[CaseFile], oracle: Oracle) -> list[Event]:
    """Tell what becomes of some adverse decisions, as far as it was before today. Pure.

    Cases in which somebody has appealed anyway are left as they are.
    """
    found = {one.decision.decision_id: one for one in cases if _may_be_appealed(one)}
    told = [event for _, one in sorted(found.items()) for event in _appeal(one, oracle)]
    return sorted(told, key=lambda event: event.time)


async def send(events: Collection[Event], url: str, token: SecretStr) -> None:
    """Send them through intake's door; those that it has already are duplicates."""
    async with IntakeClient(url, token) as client:
        await deliver(batches(events), ToIntake(client), lambda *_: None)


def _may_be_appealed(case: CaseFile) -> bool:
    appealed = any(isinstance(one.data, AppealLodged) for one in case.about)
    return case.decision.direction is Direction.ADVERSE and not appealed


def _appeal(case: CaseFile, oracle: Oracle) -> Iterator[Event]:
    decision = case.decision.decision_id
    assumed = oracle.assumed.appeals
    chance = Chance(oracle.seed, "appeal", decision)
    if not chance.happens(assumed.share):
        return
    at = case.decided.event.time
    for months, facts in _ends(chance.pick(assumed.ends), decision):
        at = oracle.later(chance, oracle.calendar.day_of(at + months * _MONTH), 0)
        if not oracle.is_past(at):
            return
        yield simulated_event(chance, case.decided.event.subject, at, facts)


def _ends(ruling: Ruling, decision: str) -> Iterator[tuple[int, Facts]]:
    """Give what happens, and how many months after what was before."""
    yield 1, AppealLodged(decision_id=decision)
    if ruling is Ruling.REMEDIED:
        yield 1, AppealRemedied(decision_id=decision)
        return
    in_court = ruling in (Ruling.UPHELD_IN_COURT, Ruling.REVERSED_IN_COURT)
    outcome = _OUTCOMES[ruling]
    yield (
        2,
        AppealDecided(decision_id=decision, outcome=AppealOutcome.UPHELD if in_court else outcome),
    )
    if in_court:
        yield 1, CourtActionFiled(decision_id=decision)
        yield 4, CourtDecided(decision_id=decision, outcome=outcome)
