"""What a review is about, read for its page."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.controlling.case_files import store as case_files
from services.controlling.forms import store as catalogues
from services.controlling.forms.automatic import answers
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.evidence import Answer
from services.controlling.forms.law import Law
from services.controlling.forms.questions import form_for
from services.controlling.practice.practice import Practice
from services.controlling.reviews import store as reviews
from services.controlling.reviews.answering import to_settle
from services.controlling.reviews.asked import sheet
from services.controlling.reviews.errors import ReviewUnknown
from services.controlling.reviews.form.opened import Opened, Reviewed
from services.controlling.reviews.form.words import Words
from services.controlling.reviews.life import FIRST, State
from services.controlling.reviews.store import NewAnswer, SavedAnswer
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.web.pages.words import Language

QUERIES = load(__file__)
AUTO, HUMAN = "auto", "human"


async def own(connection: Connection, review: UUID, account: UUID) -> Reviewed:
    """Give one of somebody's reviews.

    Raises:
        ReviewUnknown: there is no such review, or it is another's.
    """
    row = await connection.fetchrow(QUERIES["own_review"], review, account)
    if row is None:
        raise ReviewUnknown
    return Reviewed(**{**row, "state": State(row["state"])})


async def beside(connection: Connection, review: Reviewed) -> list[Reviewed]:
    """Give what else its reviewer has opened of the same task, what belongs beside it first."""
    if review.task is None:
        return []
    rows = await connection.fetch(QUERIES["beside"], review.id)
    return [Reviewed(**{**row, "state": State(row["state"])}) for row in rows]


async def opened(connection: Connection, review: Reviewed, practice: Practice) -> Opened:
    """Read a review with its case.

    Raises:
        DecisionNotInCase: nothing is known of the decision.
        CatalogueMissing: what it began with wasn't kept.
    """
    criteria = await _catalogue(connection, review, practice.criteria)
    events = await case_files.events_of_case(connection, review.decision_id)
    case = CaseFile.of(events, review.decision_id, practice.law.calendar)
    form = form_for(
        criteria,
        practice.law.types,
        type_code=case.decision.type_code,
        direction=case.decision.direction,
        on=case.day,
    )
    order = tuple(dict.fromkeys(one.code for one in criteria.criteria))
    saved = await reviews.saved_answers(connection, review.id)
    if not review.settles:
        told = answers(form.questions, case, practice.law)
        return Opened(review, case, order, form.questions, sheet(form.questions, told, saved), {})
    others = await to_settle(connection, review.decision_id)
    only = sheet(form.questions, {}, saved).only(others)
    return Opened(review, case, order, form.questions, only, others)


async def reread(connection: Connection, found: Opened) -> Opened:
    """Give the same review with the answers as they are kept by now; the case is as it was."""
    saved = await reviews.saved_answers(connection, found.review.id)
    return replace(found, sheet=found.sheet.with_kept(saved))


async def keep_told(connection: Connection, found: Opened, law: Law, now: datetime) -> bool:
    """Keep what the events answer by themselves, as somebody sees it; tells whether it is new.

    Their sentence is kept as the comment: an error has a reason, whoever found it.
    """
    words = Words(Language.GERMAN, law)
    new_ones = False
    for one in found.sheet.questions:
        if one.by_itself and one.told is not None and one.told_is_new:
            new = NewAnswer(
                one.code, one.version, one.grade, words.told(one.told), _reason(one.told), AUTO
            )
            await reviews.save_answer(connection, found.review.id, new, now)
            new_ones = True
    return new_ones


async def last(connection: Connection, review: UUID, code: str) -> SavedAnswer:
    """Give the answer to a question that was saved last."""
    return (await reviews.saved_answers(connection, review))[code]


async def is_comparable(connection: Connection, decision_id: str) -> bool:
    """Whether several have reviewed a decision, and all are done."""
    found: bool = await connection.fetchval(QUERIES["is_comparable"], decision_id)
    return found


async def whole(connection: Connection, review: Reviewed, practice: Practice) -> Opened:
    """Read a review with every question of the form, whoever answers it."""
    return await opened(connection, replace(review, round=FIRST), practice)


async def _catalogue(connection: Connection, review: Reviewed, now: Criteria) -> Criteria:
    if review.form_digest in (None, now.digest):
        return now
    return await catalogues.kept(connection, review.form_digest)


def _reason(told: Answer) -> dict[str, str]:
    return {"sentence": told.sentence.value}
