"""V2: were missing documents named, with a deadline, and was it waited for (§ 82(1) AufenthG)?"""

from collections.abc import Iterable

from services.controlling.forms.case_file import CaseFile, Seen
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, answer, worst
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    DocumentsReceived,
    DocumentsRequested,
)
from shared.events.vocabulary import Direction, Grade


def named_with_deadline(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Look at every request for documents; the first with the worst answer decides."""
    requests = case.earlier(DocumentsRequested)
    if not requests:
        return _nothing_requested(case)
    return worst(_request(case, law, one) for one in requests)


def _nothing_requested(case: CaseFile) -> Answer:
    told = [one for one in case.earlier(ApplicationAcknowledged) if one.data.complete is not None]
    if told and told[-1].data.complete:
        return answer(
            Grade.NOT_APPLICABLE,
            Sentence.DOCUMENTS_COMPLETE,
            told[-1],
            acknowledged=told[-1].day,
        )
    return answer(None, Sentence.NO_DOCUMENTS_REQUESTED, case.decided)


def _request(case: CaseFile, law: Law, request: Seen[DocumentsRequested]) -> Answer:
    due = request.data.due
    if due is None:
        return answer(None, Sentence.DOCUMENTS_WITHOUT_DEADLINE, request, requested=request.day)
    if due <= request.day:
        return answer(
            Grade.SIGNIFICANT,
            Sentence.DOCUMENTS_DEADLINE_PAST,
            request,
            requested=request.day,
            due=due,
        )
    ends = law.calendar.on_or_after(due)
    adverse = case.decision.direction is Direction.ADVERSE
    if not adverse or ends < case.day or _received(request, case.earlier(DocumentsReceived)):
        return answer(
            Grade.CORRECT,
            Sentence.DOCUMENTS_WITH_DEADLINE,
            request,
            requested=request.day,
            due=due,
        )
    if due < case.day:
        return answer(
            None,
            Sentence.DOCUMENTS_END_ON_DAY_OFF,
            request,
            case.decided,
            requested=request.day,
            due=due,
            ends=ends,
        )
    return answer(
        Grade.SIGNIFICANT,
        Sentence.DOCUMENTS_CUT_SHORT,
        request,
        case.decided,
        requested=request.day,
        ends=ends,
        decided=case.day,
    )


def _received(
    request: Seen[DocumentsRequested], received: Iterable[Seen[DocumentsReceived]]
) -> bool:
    """Whether documents came in after the request; which ones, a person judges."""
    return any(one.event.time >= request.event.time for one in received)
