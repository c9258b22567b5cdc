"""Measures: what was agreed on findings, until when, and whether it helped."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse

from services.controlling.accounts.access import allows, note_refused, own_unit
from services.controlling.accounts.account import Role
from services.controlling.audit.export import export
from services.controlling.audit.store import Change, changing
from services.controlling.forms.criterion import Criterion
from services.controlling.guidance import store as guidance
from services.controlling.measures import following, store
from services.controlling.measures.agreeing import Agreeing, Fault, faults
from services.controlling.measures.errors import (
    ActUnfit,
    FindingsUnfit,
    MeasureUnknown,
    ReasonMissing,
)
from services.controlling.measures.measure import OPEN, OWNERS, Kind, Measure, State
from services.controlling.measures.picture import picture
from services.controlling.measures.store import Filter
from services.controlling.practice.free_text import Suspicion, suspicions
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import doubt, naming, practice_of
from shared.web.pages.cells import Row, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Search, Selection, WantedPage
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
LIKE = 50
LONGEST_REASON = 500
_USUAL = timedelta(days=90)
_HEADS = (
    *("measures.number", "measures.kind", "measures.name", "measures.owner", "measures.unit"),
    *("measures.question", "measures.due", "measures.state", "measures.step.agreed"),
    *("measures.step.done", "measures.step.checked", "measures.effect"),
)
AGREE = (Role.LEADERSHIP, Role.CONTROLLING)
router = APIRouter(
    prefix="/measures",
    route_class=PageRoute,
    dependencies=[allows(*AGREE, Role.UNIT_HEAD, Role.AUDITOR)],
)
_agreeing = [allows(*AGREE)]
Number = Annotated[int, InPath(ge=1, lt=2**63)]


class Shown(StrEnum):
    """Which measures are listed, by where they stand."""

    OPEN = "open"
    AGREED = "agreed"
    DONE = "done"
    CHECKED = "checked"
    DROPPED = "dropped"
    ALL = "all"

    @property
    def states(self) -> Collection[State] | None:
        """The states of those."""
        if self is Shown.ALL:
            return None
        return OPEN if self is Shown.OPEN else (State(self.value),)


class Asked(Selection):
    """Which measures are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        state: Shown = Shown.OPEN,
        kind: Annotated[Kind | Literal[""], Query()] = "",
        finding: Annotated[str, Query(pattern=r"^\d{0,18}$")] = "",
    ) -> None:
        self.state, self.kind, self.finding = state, kind, finding
        shown = "" if state is Shown.OPEN else state
        super().__init__(
            "/measures", store.MEASURES, wanted, q=q, state=shown, kind=kind, finding=finding
        )

    def filter(self, within: str | None) -> Filter:
        """What the store understands, for who may see only one unit's."""
        on = int(self.finding) if self.finding else None
        return Filter(self.state.states, self.kind or None, within, self.text, on)


AskedFor = Annotated[Asked, Depends()]


class Told(StrEnum):
    """What became of what was asked for, as the next page says it."""

    AGREED = "agreed"
    DONE = "done"
    DROPPED = "dropped"
    CHECKED = "checked"
    REASON = "reason"


@router.get("")
async def measures(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """List measures: those that are to be carried out first, unless others are asked for."""
    names, within = naming(request, signed), own_unit(signed)
    words = _words(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await store.page(connection, asked.filter(within), asked.order, words)
        counts = await store.counts(connection, within, names.today)
    return show(
        request,
        signed,
        "measures.html",
        names=names,
        measures=found.lines,
        further=found.further,
        counts=counts,
        asked=asked,
        kinds=list(Kind),
        shown=list(Shown),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all measures asked for as a table; that somebody took it is an entry of the log."""
    wanted = asked.filter(own_unit(signed))
    words, names = _words(request, signed), naming(request, signed)
    return await export(
        request,
        signed,
        "measures",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: store.page(connection, wanted, order, words),
        row=lambda one: _row(request, one, names),
    )


@router.get("/new", dependencies=_agreeing)
async def new(
    request: Request, signed: SignedIn, finding: Annotated[int, Query(ge=1, lt=2**63)]
) -> Response:
    """Show the form of a measure on a finding, with others about the same question."""
    usual = naming(request, signed).today + _USUAL
    return await _form(request, signed, Agreeing(on=finding, finding=[finding], due=usual))


@router.post("", dependencies=_agreeing)
async def agree(request: Request, signed: SignedIn, given: Annotated[Agreeing, Form()]) -> Response:
    """Agree a measure, unless something is to be mended or looks like personal data."""
    names = naming(request, signed)
    units = {one.key for one in names.law.organisation.units}
    if wrong := list(faults(given, units, names.today)):
        return await _form(request, signed, given, wrong=wrong)
    signs = suspicions(given.title, names.today)
    if signs and not given.confirmed:
        return await _form(request, signed, given, signs=signs)
    try:
        async with changing(pool_of(request)) as change:
            number = await following.agree(change, signed.account, given.plan, datetime.now(UTC))
    except FindingsUnfit:
        return await _form(request, signed, given, wrong=[Fault.FINDING])
    return _to(number, Told.AGREED)


@router.get("/{number}")
async def measure(
    request: Request, number: Number, signed: SignedIn, told: Told | None = None
) -> Response:
    """Show a measure, what it was agreed on, and whether it helped."""
    return await _page(request, signed, number, told=told)


@router.get("/{number}/done", dependencies=[allows(*OWNERS)])
async def ask(request: Request, number: Number, signed: SignedIn) -> Response:
    """Ask once more before somebody reports done what others are to carry out."""
    async with _changing(request, signed) as change:
        found = await store.read(change.connection, number, own_unit(signed))
    if not _carries_out(signed, found):
        return RedirectResponse(f"/measures/{number}", HTTPStatus.SEE_OTHER)
    return show(request, signed, "measure_done.html", measure=found, names=naming(request, signed))


@router.post("/{number}/done", dependencies=[allows(*OWNERS)])
async def done(request: Request, number: Number, signed: SignedIn) -> Response:
    """Say that a measure is carried out; a unit's head says so of the unit's own."""
    async with _changing(request, signed) as change:
        within = own_unit(signed)
        await following.carry_out(change, signed.account, number, datetime.now(UTC), within=within)
    return _to(number, Told.DONE)


@router.post("/{number}/drop", dependencies=_agreeing)
async def drop(
    request: Request,
    number: Number,
    signed: SignedIn,
    reason: Annotated[Typed, Form(max_length=LONGEST_REASON)] = "",
) -> Response:
    """Give a measure up, for a reason; one that looks like personal data is asked about first."""
    if (asked := await doubt(request, signed, "reason", LONGEST_REASON)) is not None:
        return asked
    try:
        async with _changing(request, signed) as change:
            await following.drop(change, signed.account, number, reason, datetime.now(UTC))
    except ReasonMissing:
        return _to(number, Told.REASON)
    return _to(number, Told.DROPPED)


@router.post("/{number}/check", dependencies=_agreeing)
async def check(request: Request, number: Number, signed: SignedIn) -> Response:
    """Look whether a measure has helped."""
    law = practice_of(request).law
    async with _changing(request, signed) as change:
        await following.check(change, signed.account, number, datetime.now(UTC), law)
    return _to(number, Told.CHECKED)


@asynccontextmanager
async def _changing(request: Request, signed: Signed) -> AsyncIterator[Change]:
    """Look at a measure, or change it; what can't be done is a page that says so.

    Where a unit's head has none, that is written down.
    """
    try:
        async with changing(pool_of(request)) as change:
            yield change
    except MeasureUnknown as error:
        if own_unit(signed) is not None:
            await note_refused(request, signed)
        raise Problem(HTTPStatus.NOT_FOUND, "measure-unknown", str(error)) from error
    except ActUnfit as error:
        raise Problem(HTTPStatus.CONFLICT, "measure-changed", str(error)) from error


async def _page(
    request: Request,
    signed: Signed,
    number: int,
    *,
    told: Told | None = None,
) -> Response:
    async with _changing(request, signed) as change:
        connection = change.connection
        found = await store.read(connection, number, own_unit(signed))
        findings = await store.findings_of(connection, number)
        question = _criterion(request, found.question)
        articles = await guidance.for_norms(connection, [question.citation] if question else [])
        fault = await following.fault_of(connection, found, practice_of(request).law)
    before, after = (found.effect.before, found.effect.after) if found.effect else (None, None)
    return show(
        request,
        signed,
        "measure.html",
        names=naming(request, signed),
        measure=found,
        findings=[one for one in findings if own_unit(signed) in (None, one.unit)],
        question=question,
        article=next(iter(articles.values()), None),
        picture=picture(before, after) if before and after else None,
        fault=fault,
        agrees=signed.account.role in AGREE,
        carries_out=_carries_out(signed, found),
        own=signed.account.role == found.owner,
        told=told,
    )


async def _form(
    request: Request,
    signed: Signed,
    given: Agreeing,
    *,
    wrong: Sequence[Fault] = (),
    signs: Sequence[Suspicion] = (),
) -> Response:
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        findings = await store.findings_like(connection, given.on, LIKE)
    if not findings:
        raise Problem(HTTPStatus.NOT_FOUND, "finding-unknown", "There is no such finding")
    return show(
        request,
        signed,
        "measure_form.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong or signs else HTTPStatus.OK,
        typed=True,
        names=names,
        given=given,
        findings=findings,
        question=_criterion(request, findings[0].question),
        code=findings[0].question,
        kinds=list(Kind),
        owners=OWNERS,
        units=[one.key for one in names.law.organisation.units],
        wrong=wrong,
        signs=signs,
    )


def _criterion(request: Request, code: str) -> Criterion | None:
    """Give the last wording of a criterion; None for one that this authority's file lacks."""
    every = practice_of(request).criteria.criteria
    return max(
        (one for one in every if one.code == code), key=lambda one: one.valid_from, default=None
    )


def _row(request: Request, one: Measure, names: Naming) -> Row:
    days = [at and names.day(at) for at in (one.agreed_at, one.done_at, one.checked_at)]
    outcome = one.effect and said(f"measures.outcome.{one.effect.outcome}")
    where = names.unit(one.unit) if one.unit else said("measures.unit.all")
    asked = _criterion(request, one.question)
    question = one.question if asked is None else asked.question.in_language(names.language)
    what = (one.number, said(f"measures.kind.{one.kind}"), one.title, said(f"role.{one.owner}"))
    return (*what, where, question, one.due, said(f"measures.shown.{one.state}"), *days, outcome)


def _words(request: Request, signed: Signed) -> str:
    names = naming(request, signed)
    keys = (*(f"measures.kind.{one}" for one in Kind), *(f"role.{one}" for one in OWNERS))
    return names.words(pages_of(request).words(names.language, *keys))


def _carries_out(signed: Signed, found: Measure) -> bool:
    own = signed.account.role in AGREE or found.unit == own_unit(signed)
    return own and signed.account.role in OWNERS and found.state is State.AGREED


def _to(number: int, told: Told) -> Response:
    return RedirectResponse(f"/measures/{number}?told={told}", HTTPStatus.SEE_OTHER)
