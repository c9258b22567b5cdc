"""M1, N2, N3: what the decision says, as far as its event records it."""

from datetime import date, timedelta

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, answer
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import DecisionNotified
from shared.events.vocabulary import FeatureValue, Grade
from shared.law.time_limits import (
    DEPARTURE_LONGEST,
    DEPARTURE_SHORTEST,
    ENTRY_BAN_LONGEST,
)

_YEAR = 366


def discretion_exercised(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Whether discretion, where the law usually gives it, is recorded as exercised (§ 40 VwVfG)."""
    kind = law.type_of(case.decision.type_code, case.day)
    if kind is None or not kind.discretion:
        return answer(None, Sentence.DISCRETION_NOT_TYPICAL, case.decided)
    match case.decision.discretion_exercised:
        case True:
            return answer(Grade.CORRECT, Sentence.DISCRETION_EXERCISED, case.decided)
        case False:
            return answer(Grade.SIGNIFICANT, Sentence.DISCRETION_NOT_EXERCISED, case.decided)
    return answer(None, Sentence.DISCRETION_UNKNOWN, case.decided)


def time_to_leave(case: CaseFile, law: Law, criterion: Criterion) -> Answer:
    """Whether the days given to leave keep the shortest and the longest time of the law."""
    days = _number(case, criterion)
    code = case.decision.type_code
    shortest = law.limits.find(DEPARTURE_SHORTEST, case.day, code)
    if days is None or shortest is None:
        return answer(None, Sentence.DEPARTURE_UNKNOWN, case.decided)
    given = timedelta(days=days)
    longest = law.limits.find(DEPARTURE_LONGEST, case.day, code)
    if longest is not None and not any(
        begins + given <= longest.last_day(begins) for begins in _begins(case)
    ):
        return answer(
            Grade.MINOR,
            Sentence.DEPARTURE_TOO_LONG,
            case.decided,
            given=given,
            citation=longest.citation,
        )
    kept = {begins + given >= shortest.last_day(begins) for begins in _begins(case)}
    if len(kept) > 1:
        grade, sentence = None, Sentence.DEPARTURE_DEPENDS_ON_DAY
    elif kept == {True}:
        grade, sentence = Grade.CORRECT, Sentence.DEPARTURE_WITHIN
    else:
        grade, sentence = Grade.SIGNIFICANT, Sentence.DEPARTURE_TOO_SHORT
    return answer(grade, sentence, case.decided, given=given, citation=shortest.citation)


def _begins(case: CaseFile) -> list[date]:
    """Give the day of notification; unknown, any day of the year that follows may be it."""
    told = case.naming_it(DecisionNotified)
    if told:
        return [told[-1].data.notified_on]
    return [case.day + timedelta(days=later) for later in range(_YEAR)]


def ban_limited(case: CaseFile, law: Law, criterion: Criterion) -> Answer:
    """Whether a ban on entry and residence is recorded as limited, and to how many months."""
    value = _feature(case, criterion)
    if value is True:
        return answer(Grade.CORRECT, Sentence.BAN_LIMITED, case.decided)
    if value is False:
        return answer(Grade.SIGNIFICANT, Sentence.BAN_NOT_LIMITED, case.decided)
    months = _number(case, criterion)
    limit = law.limits.find(ENTRY_BAN_LONGEST, case.day, case.decision.type_code)
    if months is None or limit is None or limit.months is None:
        return answer(None, Sentence.BAN_UNKNOWN, case.decided)
    usual = months <= limit.months
    return answer(
        Grade.CORRECT if usual else None,
        Sentence.BAN_LIMITED_MONTHS if usual else Sentence.BAN_LONGER_THAN_USUAL,
        case.decided,
        months=months,
        longest=limit.months,
        citation=limit.citation,
    )


def _number(case: CaseFile, criterion: Criterion) -> int | None:
    """Give a feature that is a number above zero; anything else tells nothing."""
    value = _feature(case, criterion)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= 10 * _YEAR else None


def _feature(case: CaseFile, criterion: Criterion) -> FeatureValue | None:
    name = criterion.check.feature
    return None if name is None else case.decision.features.get(name)
