"""V1: was the person concerned heard before the decision (§ 28 VwVfG)?"""

from services.controlling.forms.case_file import CaseFile, Seen
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, answer
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import HearingAnswered, HearingSent
from shared.events.vocabulary import Grade


def heard(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Look for a hearing before the decision whose deadline had passed or that was answered."""
    sent = case.earlier(HearingSent)
    if not sent:
        return _not_heard_before(case, law)
    last = sent[-1]
    answers = [one for one in case.earlier(HearingAnswered) if last.event.time <= one.event.time]
    if answers:
        return answer(
            Grade.CORRECT,
            Sentence.HEARD_AND_ANSWERED,
            last,
            answers[0],
            case.decided,
            sent=last.day,
            before=case.day - last.day,
            answered=answers[0].day,
        )
    return _unanswered(case, law, last)


def _unanswered(case: CaseFile, law: Law, last: Seen[HearingSent]) -> Answer:
    due = last.data.due
    if due is None:
        return answer(
            None,
            Sentence.HEARING_WITHOUT_DEADLINE,
            last,
            case.decided,
            sent=last.day,
            before=case.day - last.day,
        )
    if due <= last.day:
        return answer(
            _weight(case, law), Sentence.HEARING_DEADLINE_PAST, last, sent=last.day, due=due
        )
    ends = law.calendar.on_or_after(due)
    if ends < case.day:
        return answer(
            Grade.CORRECT,
            Sentence.HEARD_AND_EXPIRED,
            last,
            case.decided,
            sent=last.day,
            before=case.day - last.day,
            ends=ends,
        )
    if due < case.day:
        return answer(
            None,
            Sentence.HEARING_ENDS_ON_DAY_OFF,
            last,
            case.decided,
            sent=last.day,
            due=due,
            ends=ends,
        )
    return answer(
        _weight(case, law),
        Sentence.HEARING_CUT_SHORT,
        last,
        case.decided,
        sent=last.day,
        ends=ends,
        decided=case.day,
    )


def _not_heard_before(case: CaseFile, law: Law) -> Answer:
    afterwards = case.later(HearingSent)
    if afterwards:
        return answer(
            _weight(case, law),
            Sentence.HEARD_AFTERWARDS,
            afterwards[0],
            case.decided,
            sent=afterwards[0].day,
            decided=case.day,
        )
    if _compulsory(case, law):
        return answer(None, Sentence.NO_HEARING_COMPULSORY, case.decided)
    return answer(None, Sentence.NO_HEARING_DISPUTED, case.decided)


def _weight(case: CaseFile, law: Law) -> Grade:
    return Grade.SIGNIFICANT if _compulsory(case, law) else Grade.MINOR


def _compulsory(case: CaseFile, law: Law) -> bool:
    kind = law.type_of(case.decision.type_code, case.day)
    return kind is not None and case.decision.direction in kind.hearing
