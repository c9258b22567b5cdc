"""V4: were other authorities asked, and had they answered before the decision?"""

from services.controlling.forms.case_file import CaseFile, Seen
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, answer, worst
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import ParticipationAnswered, ParticipationRequested
from shared.events.vocabulary import Direction, Grade
from shared.law.participation import Participation


def took_part(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Look at the bodies that must take part, then at the others that were asked.

    The worst answer decides; of equals the one that rests on the latest event.
    """
    decision = case.decision
    required = law.participations.required(decision.type_code, decision.direction, case.day)
    asked = {one.data.body: one for one in case.earlier(ParticipationRequested)}
    if not required and not asked:
        return answer(None, Sentence.NO_PARTICIPATION, case.decided)
    found = [_required(case, asked.get(rule.body), rule) for rule in required]
    other = [body for body in asked if body not in {rule.body for rule in required}]
    found += [_asked(case, asked[body], Grade.MINOR) for body in other]
    found.sort(key=lambda one: one.evidence[-1].day, reverse=True)
    return worst(found)


def _required(
    case: CaseFile, request: Seen[ParticipationRequested] | None, rule: Participation
) -> Answer:
    if request is None:
        return answer(
            None,
            Sentence.PARTICIPATION_NOT_RECORDED,
            case.decided,
            body=rule.body,
            citation=rule.citation,
        )
    plain = _asked(case, request, Grade.SIGNIFICANT)
    if plain.grade is not Grade.CORRECT or not rule.consent:
        return plain
    return _consent(case, request, rule) or plain


def _consent(
    case: CaseFile, request: Seen[ParticipationRequested], rule: Participation
) -> Answer | None:
    """Give what is wrong with a consent that was needed; None when it was given."""
    last = _answers(case.earlier(ParticipationAnswered), request)[-1]
    if case.decision.direction is not Direction.FAVOURABLE or last.data.agreed:
        return None
    refused = last.data.agreed is False
    return answer(
        Grade.SIGNIFICANT if refused else None,
        Sentence.CONSENT_REFUSED if refused else Sentence.CONSENT_UNKNOWN,
        request,
        last,
        body=rule.body,
        answered=last.day,
        citation=rule.citation,
    )


def _asked(case: CaseFile, request: Seen[ParticipationRequested], weight: Grade) -> Answer:
    body = request.data.body
    in_time = _answers(case.earlier(ParticipationAnswered), request)
    if in_time:
        last = in_time[-1]
        return answer(
            Grade.CORRECT,
            Sentence.PARTICIPATION_COMPLETE,
            request,
            last,
            body=body,
            answered=last.day,
        )
    late = _answers(case.later(ParticipationAnswered), request)
    if late:
        return answer(
            weight,
            Sentence.PARTICIPATION_TOO_LATE,
            request,
            case.decided,
            late[0],
            body=body,
            requested=request.day,
            answered=late[0].day,
        )
    return answer(
        None,
        Sentence.PARTICIPATION_UNANSWERED,
        request,
        case.decided,
        body=body,
        requested=request.day,
    )


def _answers(
    answered: tuple[Seen[ParticipationAnswered], ...], request: Seen[ParticipationRequested]
) -> list[Seen[ParticipationAnswered]]:
    return [
        one
        for one in answered
        if one.data.body == request.data.body and one.event.time >= request.event.time
    ]
