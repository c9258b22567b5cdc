"""The review: one question at a time beside the case, each answer saved alone, then signed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Actor, Entry
from services.controlling.audit.store import Change
from services.controlling.guidance import store as guidance
from services.controlling.guidance.store import Link
from services.controlling.practice.pages import doubt, naming, practice_of
from services.controlling.practice.practice import Practice
from services.controlling.reviews import answering
from services.controlling.reviews import store as reviews
from services.controlling.reviews.asked import GOOD, Asked, Remedy
from services.controlling.reviews.errors import (
    ActUnfit,
    AnswerStale,
    BothSigned,
    ReasonMissing,
)
from services.controlling.reviews.form import store
from services.controlling.reviews.form.given import LONGEST, Given, warned
from services.controlling.reviews.form.opened import Opened, Reviewed
from services.controlling.reviews.form.sides import (
    Compared,
    Side,
    facts,
    next_open,
    questions,
    side_by_side,
    steps,
)
from services.controlling.reviews.form.store import HUMAN
from services.controlling.reviews.form.words import Words
from services.controlling.reviews.life import State
from services.controlling.reviews.pages import LONGEST_REASON, Reason, changing_own
from services.controlling.reviews.store import NewAnswer, SavedAnswer
from services.controlling.reviews.time_needed import Durations
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Connection
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, asked_by_script
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
_UNREAD = frozenset({State.WAITING, State.ASSIGNED})

router = APIRouter(
    prefix="/reviews/{review_id}", route_class=PageRoute, dependencies=[allows(Role.LEADERSHIP)]
)


class Done(StrEnum):
    """What went well before the page that says so."""

    SAVED = "saved"
    SIGNED = "signed"
    REOPENED = "reopened"


class Missing(StrEnum):
    """What keeps somebody on a page."""

    ANSWER = "answer"
    COMMENT = "comment"
    REASON = "reason"
    SETTLING = "settling"


@router.get("/form")
async def form(
    request: Request,
    review_id: UUID,
    signed: SignedIn,
    *,
    q: str | None = None,
    done: Done | None = None,
    missing: Missing | None = None,
) -> Response:
    """Show the case and one question, or what became of the review once it is signed.

    A like case that is reviewed with it stands beside it, with the same question.
    """
    async with changing_own(request, signed) as change:
        review = await store.own(change.connection, review_id, signed.account.id)
        if review.state in _UNREAD:
            return RedirectResponse(f"/reviews/{review_id}", HTTPStatus.SEE_OTHER)
        beside = await store.beside(change.connection, review)
        practice = practice_of(request)
        opened = [
            await _read(change, signed, one, practice)
            for one in (review, *(beside[:1] if review.works else ()))
        ]
        comparable = await store.is_comparable(change.connection, review.decision_id)
        sides = side_by_side(opened, practice.law)
        current = _current(sides, q)
        article = await _article_on(change.connection, current.one)
        durations = await reviews.durations(change.connection, {review.group})
    values = {**_shown(request, signed, opened[0]), "done": done, "missing": missing}
    if not review.works:
        left = next((one for one in beside if one.works), None)
        values |= {"comparable": comparable, "left": left}
        return show(request, signed, "review_signed.html", **values)
    values |= _questions(sides, current) | {"durations": durations}
    values |= {"further": beside[1:], "article": article}
    return show(request, signed, "review.html", **values)


@router.post("/answers/{code}")
async def answer(
    request: Request,
    review_id: UUID,
    code: str,
    signed: SignedIn,
    given: Annotated[Given, Form()],
) -> Response:
    """Save one answer; who had an older one before them sees both and chooses."""
    practice, now = practice_of(request), datetime.now(UTC)
    stale: SavedAnswer | None = None
    async with changing_own(request, signed) as change:
        review = await store.own(change.connection, review_id, signed.account.id)
        found = await store.opened(change.connection, review, practice)
        asked = found.sheet.find(code)
        if not given.answers(asked):
            reason = "Its catalogue has no such answer" if asked else "Nothing asks for this"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "answer-unfit", reason)
        new = NewAnswer(code, given.based_on, given.grade, given.text, given.detail, HUMAN)
        seconds = round((now - _last_saved(found)).total_seconds()) if _begun(found) else 0
        try:
            await answering.save(change, actor(signed), review_id, new, now, seconds=seconds)
        except AnswerStale:
            stale = await store.last(change.connection, review_id, code)
        except ActUnfit:
            raise Problem(HTTPStatus.CONFLICT, "review-unfit", "It is signed already") from None
        found = await store.reread(change.connection, found)
        beside = await store.beside(change.connection, review)
        others = [await store.opened(change.connection, one, practice) for one in beside[:1]]
        durations = await reviews.durations(change.connection, {review.group})
    return _answered(
        request,
        signed,
        [found, *others],
        code=code,
        given=given,
        stale=stale,
        durations=durations,
    )


@router.post("/sign")
async def sign(
    request: Request,
    review_id: UUID,
    signed: SignedIn,
    *,
    confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Sign what is complete; comments that look like personal data are shown first."""
    practice, now = practice_of(request), datetime.now(UTC)
    async with changing_own(request, signed) as change:
        review = await store.own(change.connection, review_id, signed.account.id)
        found = await store.opened(change.connection, review, practice)
        if review.works:
            if not found.sheet.complete:
                return _to(review_id, q=found.sheet.missing[0], missing=Missing.ANSWER)
            signs = warned(found.sheet, now.astimezone(practice.law.calendar.zone).date())
            if signs and not confirmed:
                values = _shown(request, signed, found)
                return show(request, signed, "review_check.html", **values, warned=signs)
            await store.keep_told(change.connection, found, practice.law, now)
        await answering.sign(
            change,
            actor(signed),
            review_id,
            questions=found.questions,
            now=now,
            calendar=Calendar.of(practice.law.organisation),
        )
    return _to(review_id, done=Done.SIGNED)


@router.post("/reopen")
async def reopen(
    request: Request, review_id: UUID, signed: SignedIn, reason: Reason = ""
) -> Response:
    """Open a signed review again; what was answered stays to be seen."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        async with changing_own(request, signed) as change:
            await answering.reopen(change, actor(signed), review_id, reason, datetime.now(UTC))
    except ReasonMissing:
        return _to(review_id, missing=Missing.REASON)
    except BothSigned:
        return _to(review_id, missing=Missing.SETTLING)
    except ActUnfit:
        return _to(review_id)
    return _to(review_id, done=Done.REOPENED)


@router.post("/file")
async def file(request: Request, review_id: UUID, signed: SignedIn) -> Response:
    """Lead to the file, and log who opens it; where nothing leads there, say where it is kept."""
    async with changing_own(request, signed) as change:
        review = await store.own(change.connection, review_id, signed.account.id)
        if review.state in _UNREAD:
            return RedirectResponse(f"/reviews/{review_id}", HTTPStatus.SEE_OTHER)
        found = await store.opened(change.connection, review, practice_of(request))
        dataref = found.case.decision.dataref
        address = dataref and practice_of(request).address(dataref)
        act = Act.FILE_OPENED if address else Act.CASE_READ
        change.note(Entry.by(actor(signed), act, review.decision_id))
    values = _shown(request, signed, found)
    return show(request, signed, "review_file.html", **values, dataref=dataref, address=address)


def actor(signed: Signed) -> Actor:
    """Give who acts, as the audit log knows them."""
    return signed.account


async def _read(change: Change, signed: Signed, review: Reviewed, practice: Practice) -> Opened:
    """Open a case to whoever reads it, with what its events answer by now."""
    found = await store.opened(change.connection, review, practice)
    change.note(Entry.by(actor(signed), Act.CASE_READ, review.decision_id))
    if review.works and await store.keep_told(
        change.connection, found, practice.law, datetime.now(UTC)
    ):
        return await store.reread(change.connection, found)
    return found


def _answered(
    request: Request,
    signed: Signed,
    opened: Sequence[Opened],
    *,
    code: str,
    given: Given,
    stale: SavedAnswer | None,
    durations: Durations,
) -> Response:
    """Tell what became of an answer: in part to our own script, as a page to all others."""
    found = opened[0]
    sides = side_by_side(opened, practice_of(request).law)
    rows = questions(sides)
    row = next(one for one in rows if one.code == code)
    side = next(one for one in sides if one.review == found.review)
    asked = side.sheet.find(code)
    assert asked is not None
    values = {**_shown(request, signed, found), **_questions(sides, row)}
    values |= {"given": given, "stale": stale, "side": side, "current": asked}
    values |= {"durations": durations}
    status = HTTPStatus.OK if stale is None else HTTPStatus.CONFLICT
    if asked_by_script(request):
        return show(request, signed, "review_saved.html", status, **values)
    if stale is not None:
        return show(request, signed, "review_stale.html", status, **values)
    if asked.needs_comment:
        return _to(found.review.id, q=code, missing=Missing.COMMENT)
    after = row if row.open_on(sides) else next_open(rows, sides, code)
    return _to(found.review.id, q=after.code if after else code, done=Done.SAVED)


def _current(sides: Sequence[Side], asked_for: str | None) -> Compared:
    """Give the question to show: the one asked for, else the first that needs something."""
    rows = questions(sides)
    wanted = next((one for one in rows if one.code == asked_for), None)
    return wanted or next_open(rows, sides, None) or rows[-1]


async def _article_on(connection: Connection, asked: Asked) -> Link | None:
    """Give the article on the norm of a question, if there is one."""
    if asked.criterion is None:
        return None
    norm = asked.criterion.citation
    return (await guidance.for_norms(connection, [norm])).get(norm)


def _questions(sides: Sequence[Side], current: Compared) -> dict[str, Any]:
    rows = questions(sides)
    place = rows.index(current)
    return {
        "sides": sides,
        "rows": rows,
        "current": current,
        "after": next_open(rows, sides, current.code) or next(iter(rows[place + 1 :]), None),
        "facts": facts([one.opened.case for one in sides]),
        "steps": steps([one.line for one in sides]),
        "longest": LONGEST,
        "remedies": list(Remedy),
        "good": GOOD,
    }


def _shown(request: Request, signed: Signed, found: Opened) -> dict[str, Any]:
    return {
        "review": found.review,
        "decision": found.case.decision,
        "decided_on": found.case.day,
        "sheet": found.sheet,
        "today": naming(request, signed).today,
        "words": Words(signed.session.language, practice_of(request).law),
    }


def _begun(found: Opened) -> bool:
    return any(one.kept is not None for one in found.sheet.questions)


def _last_saved(found: Opened) -> datetime:
    return max(one.kept.saved_at for one in found.sheet.questions if one.kept is not None)


def _to(review_id: UUID, **query: str) -> Response:
    asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    anchor = "#question" if "q" in query else ""
    return RedirectResponse(f"/reviews/{review_id}/form?{asked}{anchor}", HTTPStatus.SEE_OTHER)
