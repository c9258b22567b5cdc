"""The audit log for those who check: who saw and did what, page by page and as a file."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit import store
from services.controlling.audit.entry import Act
from services.controlling.audit.export import export
from services.controlling.audit.store import Filter, Told
from services.controlling.audit_log.details import in_words
from services.controlling.practice.pages import practice_of
from shared.organisation.calendar import Calendar
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.pages.spreadsheet import Row
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
_HEADS = ("number", "at", "name", "role", "act", "object", "detail")
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
        act: Key = "",
        since: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
        until: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    ) -> None:
        self.act, self.since, self.until = act, since, until
        super().__init__("/audit", store.LOG, wanted, q=q, act=act, since=since, until=until)

    def filter(self, calendar: Calendar) -> Filter:
        """What the store understands; a day ends before the next one begins."""
        return Filter(
            text=self.text,
            acts=[Act(self.act)] if self.act in set(Act) else None,
            since=_begin(calendar, self.since),
            until=_begin(calendar, self.until, timedelta(days=1)),
        )


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def log(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Show a page of the log, the newest first."""
    wanted = asked.filter(practice_of(request).law.calendar)
    async with pool_of(request).acquire() as connection:
        found = await store.page(connection, wanted, asked.order)
        head = await store.head_of(connection)
    pages, language = pages_of(request), signed.session.language
    return show(
        request,
        signed,
        "audit_log.html",
        entries=found.lines,
        further=found.further,
        asked=asked,
        acts=list(Act),
        head=head,
        details=lambda one: in_words(one.detail, lambda key: pages.words(language, key)[key]),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all entries asked for as a table; that somebody took it is an entry itself."""
    wanted = asked.filter(practice_of(request).law.calendar)
    return await export(
        request,
        signed,
        "audit",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: store.page(connection, wanted, order),
        row=_row,
    )


def _begin(calendar: Calendar, text: str, later: timedelta = timedelta()) -> datetime | None:
    try:
        return calendar.moment(date.fromisoformat(text) + later, time())
    except (ValueError, OverflowError):
        return None


def _row(one: Told) -> Row:
    detail = "; ".join(f"{name}={value}" for name, value in one.detail.items())
    return (one.number, one.at.isoformat(), one.name, one.role, one.act, one.object, detail)
