"""Findings: the list, one with its way, the unit's reply and what leadership makes of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, Field

from services.controlling.accounts.access import allows, note_refused, own_unit, refuse
from services.controlling.accounts.account import Role
from services.controlling.appeals import store as appeals
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.export import export
from services.controlling.audit.store import changing
from services.controlling.findings import replying, store
from services.controlling.findings.errors import (
    DayUnfit,
    Excluded,
    FindingChanged,
    FindingRefused,
    FindingUnknown,
    ReasonsMissing,
)
from services.controlling.findings.life import (
    ANSWERABLE,
    ENDINGS,
    REPLIED,
    REPLIES,
    UNANSWERED,
    State,
    Step,
)
from services.controlling.findings.store import Done, Filter, Line, Whole
from services.controlling.guidance import store as guidance
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import doubt, naming, practice_of
from services.controlling.statistics.suppression import MINIMUM
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row, said
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
LONGEST = 4_000
_HEADS = (
    "findings.number", "findings.norm", "findings.found", "list.kind", "list.unit",
    "findings.severity", "finding.effect", "finding.healable_until", "findings.raised",
    "findings.due", "list.state",
)  # fmt: skip
router = APIRouter(
    prefix="/findings",
    route_class=PageRoute,
    dependencies=[allows(Role.LEADERSHIP, Role.CONTROLLING, Role.UNIT_HEAD, Role.AUDITOR)],
)
Number = Annotated[int, InPath(ge=1, lt=2**63)]


class Shown(StrEnum):
    """Which findings a list shows."""

    OPEN = "open"
    RAISED = "raised"
    SILENT = "silent"
    REPLIED = "replied"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    ALL = "all"

    @property
    def states(self) -> Sequence[State] | None:
        """In which states these are; None: in any."""
        some = {Shown.OPEN: ANSWERABLE, Shown.REPLIED: REPLIED, Shown.ALL: None}
        return some[self] if self in some else (State(self),)


class Told(StrEnum):
    """What went well before the page that says so."""

    REPLIED = "replied"
    SETTLED = "settled"


class Fault(StrEnum):
    """Why what was sent wasn't kept."""

    REASONS = "reasons"
    DAY = "day"
    CHANGED = "changed"


_AWAITS: Mapping[StrEnum, Collection[State]] = {
    Role.UNIT_HEAD: UNANSWERED,
    Role.LEADERSHIP: (State.SILENT, *REPLIED),
    Role.CONTROLLING: ANSWERABLE,
    Role.AUDITOR: ANSWERABLE,
}
"""What waits for whom."""
_FAULTS = {ReasonsMissing: Fault.REASONS, DayUnfit: Fault.DAY, FindingChanged: Fault.CHANGED}


class Asked(Selection):
    """Which findings are asked for, as the address says it; a unit's head sees its own alone."""

    def __init__(
        self,
        signed: SignedIn,
        wanted: WantedPage,
        *,
        q: Search = "",
        unit: Key = "",
        state: Shown = Shown.OPEN,
        norm: Key = "",
        question: Key = "",
        type: Key = "",  # noqa: A002 - the address has it so
    ) -> None:
        self.unit = own_unit(signed) or unit
        self.state, self.norm, self.question, self.type = state, norm, question, type
        super().__init__(
            "/findings",
            store.FINDINGS,
            wanted,
            q=q,
            unit="" if own_unit(signed) else unit,
            state="" if state is Shown.OPEN else state,
            norm=norm,
            question=question,
            type=type,
        )

    @property
    def filter(self) -> Filter:
        """What the store understands."""
        return Filter(
            unit=self.unit or None,
            states=self.state.states,
            norm=self.norm or None,
            question=self.question or None,
            type_code=self.type or None,
            text=self.text,
        )


AskedFor = Annotated[Asked, Depends()]


def _nothing(value: object) -> object:
    return None if value == "" else value


class Given(BaseModel):
    """What somebody says of a finding, as a form sends it."""

    step: Step
    text: Typed = Field(default="", max_length=LONGEST)
    day: Annotated[date | None, BeforeValidator(_nothing)] = None
    based_on: int = Field(ge=1, lt=2**31)

    @property
    def done(self) -> Done:
        """What is to be done."""
        return Done(self.step, self.text, self.day)


Sent = Annotated[Given, Form()]


@router.get("")
async def findings(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """List findings, the first due first; who asks for a number is led to it."""
    if asked.q.isdecimal():
        return RedirectResponse(f"/findings/{int(asked.q)}", HTTPStatus.SEE_OTHER)
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await _page(connection, asked, names, asked.order)
        counts = await store.counts(connection, own_unit(signed), names.today)
    return show(
        request,
        signed,
        "findings.html",
        findings=found.lines,
        further=found.further,
        counts=counts,
        asked=asked,
        names=names,
        norms=sorted({one.citation for one in practice_of(request).criteria.criteria}),
        choices=list(Shown),
        units=names.units if own_unit(signed) is None else [],
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all findings asked for as a table; that somebody took it is an entry of the log."""
    names = naming(request, signed)
    return await export(
        request,
        signed,
        "findings",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: _page(connection, asked, names, order),
        row=lambda one: _row(one, names),
        unit=asked.unit or None,
    )


async def _page(connection: Connection, asked: Asked, names: Naming, order: Order) -> Page[Line]:
    words, today = names.words(), names.today
    return await store.page(connection, asked.filter, order, words=words, today=today)


@router.get("/{number}")
async def finding(
    request: Request, number: Number, signed: SignedIn, told: Told | None = None
) -> Response:
    """Show a finding with its way, and what whoever looks may do next."""
    async with changing(pool_of(request)) as change:
        found = await _visible(request, change.connection, number, signed)
        change.note(Entry.by(signed.account, Act.CASE_READ, found.decision_id, finding=number))
    return await _shown(request, signed, found, told=told)


@router.post("/{number}/reply", dependencies=[allows(Role.UNIT_HEAD)])
async def reply(request: Request, number: Number, signed: SignedIn, given: Sent) -> Response:
    """Say for the own unit what it thinks of a finding."""
    return await _kept(request, signed, number, given, Told.REPLIED)


@router.post("/{number}/settle", dependencies=[allows(Role.LEADERSHIP)])
async def settle(request: Request, number: Number, signed: SignedIn, given: Sent) -> Response:
    """Say what holds in the end."""
    return await _kept(request, signed, number, given, Told.SETTLED)


async def _kept(
    request: Request, signed: Signed, number: int, given: Given, told: Told
) -> Response:
    """Keep what was sent, once nothing in it looks like personal data or somebody says it isn't."""
    pool, now = pool_of(request), datetime.now(UTC)
    does = replying.reply if told is Told.REPLIED else replying.settle
    async with pool.acquire() as connection:
        found = await _visible(request, connection, number, signed)
    if (asked := await doubt(request, signed, "text", LONGEST)) is not None:
        return asked
    try:
        async with changing(pool) as change:
            await does(
                change,
                signed.account,
                number,
                given.done,
                based_on=given.based_on,
                now=now,
                calendar=practice_of(request).law.calendar,
            )
    except Excluded as error:
        raise await refuse(request, signed) from error
    except FindingRefused as error:
        fault = _FAULTS.get(type(error))
        if fault is None:
            raise _refused(error) from error
        return await _again(request, signed, found, given, fault)
    return RedirectResponse(f"/findings/{number}?told={told}", HTTPStatus.SEE_OTHER)


async def _again(
    request: Request, signed: Signed, found: Whole, given: Given, fault: Fault
) -> Response:
    """Show the finding as it is by now, with what was typed."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if fault is Fault.CHANGED:
        status = HTTPStatus.CONFLICT
        async with pool_of(request).acquire() as connection:
            found = await _visible(request, connection, found.number, signed)
    return await _shown(request, signed, found, status, given=given, fault=fault)


async def _visible(request: Request, connection: Connection, number: int, signed: Signed) -> Whole:
    """Give a finding that somebody may see; where a unit's head has none, that is written down."""
    within = own_unit(signed)
    try:
        return await store.read(connection, number, within)
    except FindingUnknown as error:
        if within is not None:
            await note_refused(request, signed)
        raise _refused(error) from error


async def _shown(
    request: Request,
    signed: Signed,
    found: Whole,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    told: Told | None = None,
    given: Given | None = None,
    fault: Fault | None = None,
) -> Response:
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        steps = await store.steps(connection, found.number)
        alike = await store.alike(connection, found.number, own_unit(signed))
        awaits = _AWAITS[signed.account.role]
        following = await store.following(connection, found, own_unit(signed), awaits, names.today)
        fit = await store.may_settle(connection, found.decision_id, signed.account.id)
        rulings = await appeals.on_decision(connection, found.decision_id)
        article = (await guidance.for_norms(connection, [found.norm])).get(found.norm)
    values: dict[str, Any] = {"told": told, "given": given, "fault": fault, "names": names}
    return show(
        request,
        signed,
        "finding.html",
        status,
        finding=found,
        state=found.state(names.today),
        steps=steps,
        alike=alike if alike >= MINIMUM else None,
        minimum=MINIMUM,
        alike_address=f"/findings?{_alike(found)}",
        rulings=rulings,
        article=article,
        fit=fit,
        following=following,
        replies=REPLIES,
        endings=ENDINGS,
        longest=LONGEST,
        **values,
    )


def _alike(found: Whole) -> str:
    fields = {"question": found.question, "type": found.type_code, "state": Shown.ALL.value}
    return urlencode(fields)


def _refused(error: FindingRefused) -> Problem:
    if isinstance(error, FindingUnknown):
        return Problem(HTTPStatus.NOT_FOUND, "finding-unknown", str(error))
    return Problem(HTTPStatus.CONFLICT, "finding-changed", str(error))


def _row(one: Line, names: Naming) -> Row:
    return (
        one.number,
        one.norm,
        one.asked.in_language(names.language),
        names.kind(one.type_code, one.decided_at),
        names.unit(one.unit),
        said(f"findings.severity.{one.severity}"),
        said(f"finding.effect.{one.effect or 'open'}"),
        one.healable_until,
        names.day(one.raised_at),
        one.due,
        said(f"findings.state.{one.state(names.today)}"),
    )
