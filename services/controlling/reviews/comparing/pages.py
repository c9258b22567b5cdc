"""Two reviews of one decision side by side, once all concerned have signed: never before."""

from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.practice.pages import practice_of
from services.controlling.reviews import store as reviews
from services.controlling.reviews.comparing.side_by_side import rows
from services.controlling.reviews.form import store
from services.controlling.reviews.form.pages import actor
from services.controlling.reviews.form.words import Words
from services.controlling.reviews.life import FIRST, SECOND, THIRD, State
from services.controlling.reviews.pages import changing_own
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

FOLDER = Path(__file__).parent
_DONE = frozenset({State.SIGNED, State.CLOSED})

router = APIRouter(
    prefix="/reviews/{review_id}", route_class=PageRoute, dependencies=[allows(Role.LEADERSHIP)]
)


@router.get("/comparison")
async def comparison(request: Request, review_id: UUID, signed: SignedIn) -> Response:
    """Show own answer, the other's, and what counts; nothing before all concerned have signed."""
    practice = practice_of(request)
    async with changing_own(request, signed) as change:
        review = await store.own(change.connection, review_id, signed.account.id)
        # Whoever still works on theirs mustn't learn from the refusal that there are two.
        if review.state not in _DONE or not await store.is_comparable(
            change.connection, review.decision_id
        ):
            raise _nothing_to_compare()
        answers = await reviews.signed_answers(change.connection, review.decision_id)
        own, other = (SECOND, FIRST) if review.round == SECOND else (FIRST, SECOND)
        whole = await store.whole(change.connection, review, practice)
        asked = {one.code: one for one in whole.sheet.questions}
        sides = answers[own], answers[other], answers.get(THIRD)
        found = rows(list(asked), *sides)
        change.note(Entry.by(actor(signed), Act.CASE_READ, review.decision_id))
    return show(
        request,
        signed,
        "comparison.html",
        review=review,
        decision=whole.case.decision,
        decided_on=whole.case.day,
        rows=found,
        asked=asked,
        words=Words(signed.session.language, practice.law),
    )


def _nothing_to_compare() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "comparison-unknown", "There is nothing to compare")
