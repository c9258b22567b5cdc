"""The audit log for those who check: who saw and did what, page by page and as a file."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows, may_open
from services.controlling.accounts.account import Role
from services.controlling.audit import store
from services.controlling.audit.entry import Act
from services.controlling.audit.export import export
from services.controlling.audit.store import Filter, Told
from services.controlling.audit_log.details import in_words
from services.controlling.audit_log.objects import sought, thing
from services.controlling.audit_log.store import things_of_case
from services.controlling.forms.criterion import Texts
from services.controlling.practice.pages import naming, practice_of
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Day, Search, Selection, WantedPage
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
_HEADS = (
    *("audit.number", "audit.at", "audit.who", "audit.role", "audit.act", "audit.object"),
    "audit.detail",
)
router = APIRouter(
    prefix="/audit",
    route_class=PageRoute,
    dependencies=[allows(Role.AUDITOR, Role.STAFF_COUNCIL)],
)


class Asked(Selection):
    """Which entries are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        *,
        q: Search = "",
        act: Annotated[Act | Literal[""], Query()] = "",
        since: Day = None,
        until: Day = None,
    ) -> None:
        self.act, self.since, self.until = act, since, until
        super().__init__("/audit", store.LOG, wanted, q=q, act=act, since=since, until=until)

    async def filter(
        self, connection: Connection, calendar: Calendar, say: Callable[[str], str]
    ) -> Filter:
        """What the store understands; a day ends before the next one begins."""
        objects = None
        if self.text is not None:
            objects = sought(self.text, say)
            objects += await things_of_case(connection, objects)
        return Filter(
            text=self.text,
            objects=objects,
            acts=[self.act] if self.act else None,
            since=_begin(calendar, self.since),
            until=_begin(calendar, self.until, timedelta(days=1)),
        )


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def log(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Show a page of the log, the newest first."""
    say = _catalogue(request, signed)
    async with pool_of(request).acquire() as connection:
        wanted = await asked.filter(connection, practice_of(request).law.calendar, say)
        found = await store.page(connection, wanted, asked.order)
        head = await store.head_of(connection)
        verified = await store.last_verified(connection)
    return show(
        request,
        signed,
        "audit_log.html",
        entries=found.lines,
        further=found.further,
        asked=asked,
        acts=list(Act),
        head=head,
        verified=verified,
        things=lambda text: thing(text, say, partial(may_open, request, signed)),
        details=lambda one: in_words(
            one.detail,
            one.concerned,
            say=say,
            names=naming(request, signed),
            questions=_questions(request),
        ),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all entries asked for as a table; that somebody took it is an entry itself."""
    say, names = _catalogue(request, signed), naming(request, signed)
    async with pool_of(request).acquire() as connection:
        wanted = await asked.filter(connection, names.law.calendar, say)
    questions = _questions(request)

    def row(one: Told) -> Row:
        details = in_words(one.detail, one.concerned, say=say, names=names, questions=questions)
        detail = "; ".join(f"{name}: {value}" for name, value in details)
        role = one.role and said(f"role.{one.role}")
        object_ = thing(one.object, say, lambda _: False).name
        return (one.number, one.at, one.name, role, said(f"audit.act.{one.act}"), object_, detail)

    return await export(
        request,
        signed,
        "audit",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: store.page(connection, wanted, order),
        row=row,
    )


def _begin(calendar: Calendar, day: date | None, later: timedelta = timedelta()) -> datetime | None:
    """Give when a day begins; None: none is named, or an end of all days, which bounds nothing."""
    try:
        return None if day is None else calendar.moment(day + later, time())
    except OverflowError:
        return None


def _catalogue(request: Request, signed: Signed) -> Callable[[str], str]:
    """Give what says a key in the reader's language; one without words as it is."""
    pages, language = pages_of(request), signed.session.language
    return lambda key: pages.words(language, key)[key]


def _questions(request: Request) -> Mapping[str, Texts]:
    """Give the questions of reviews, each as it is asked last."""
    every = practice_of(request).criteria.criteria
    return {one.code: one.question for one in sorted(every, key=lambda one: one.valid_from)}
