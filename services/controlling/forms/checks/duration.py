"""V3 and T1: how soon the applicant was told, and how soon the authority decided."""

from datetime import timedelta

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, Value, answer
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import ApplicationAcknowledged, ApplicationReceived
from shared.events.vocabulary import Grade
from shared.law.time_limits import INACTION


def told_soon(case: CaseFile, _: Law, criterion: Criterion) -> Answer:
    """Count the days from the application to its acknowledgement (§ 25(2) VwVfG)."""
    applied = case.earlier(ApplicationReceived)
    if not applied:
        return answer(None, Sentence.NO_APPLICATION, case.decided)
    received = applied[0]
    told = [
        one
        for one in case.earlier(ApplicationAcknowledged)
        if one.event.time >= received.event.time
    ]
    if not told:
        return answer(None, Sentence.NO_ACKNOWLEDGEMENT, received, received=received.day)
    first = told[0]
    days = first.day - received.day
    known: dict[str, Value] = {
        "received": received.day,
        "acknowledged": first.day,
        "after": days,
    }
    if criterion.check.within_days is None:
        return answer(None, Sentence.TOLD_WITHOUT_MEASURE, received, first, **known)
    within = timedelta(days=criterion.check.within_days)
    if days <= within:
        return answer(Grade.CORRECT, Sentence.TOLD_IN_TIME, received, first, **known)
    return answer(Grade.MINOR, Sentence.TOLD_LATE, received, first, **known, within=within)


def decided_soon(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Compare the day of the decision with the limit of § 75 VwGO.

    It is a time that an applicant must wait, not one in which to act: it also ends on a day off.
    """
    applied = case.earlier(ApplicationReceived)
    if not applied:
        return answer(None, Sentence.NO_APPLICATION, case.decided)
    received = applied[0]
    limit = law.limits.find(INACTION, received.day)
    if limit is None:
        return answer(None, Sentence.LIMIT_UNKNOWN, received, received=received.day)
    ends = limit.last_day(received.day)
    in_time = case.day <= ends
    return answer(
        Grade.CORRECT if in_time else Grade.MINOR,
        Sentence.DECIDED_IN_TIME if in_time else Sentence.DECIDED_LATE,
        received,
        case.decided,
        received=received.day,
        decided=case.day,
        after=case.day - received.day,
        ends=ends,
        citation=limit.citation,
    )
