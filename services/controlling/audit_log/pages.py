"""The audit log for those who check: who saw and did what, page by page and as a file."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit import store
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import Filter, Told, changing
from services.controlling.practice.pages import practice_of
from shared.postgres.pool import Connection
from shared.web.pages.refusals import PageRoute
from shared.web.pages.spreadsheet import Row, as_spreadsheet, in_pages
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
PAGE = 50
_HEADS = ("number", "at", "name", "role", "act", "object", "detail")
router = APIRouter(
    prefix="/audit",
    route_class=PageRoute,
    dependencies=[allows(Role.AUDITOR, Role.STAFF_COUNCIL)],
)


class Asked:
    """Which entries are asked for, as the address says it."""

    def __init__(
        self,
        request: Request,
        *,
        object: Annotated[str, Query(max_length=100)] = "",  # noqa: A002 - the address has it so
        act: Annotated[str, Query(max_length=40)] = "",
        since: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
        until: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    ) -> None:
        self.object, self.act, self.since, self.until = object.strip(), act, since, until
        self._calendar = practice_of(request).law.calendar

    @property
    def filter(self) -> Filter:
        """What the store understands; a day ends before the next one begins."""
        return Filter(
            object=self.object or None,
            acts=[Act(self.act)] if self.act in set(Act) else None,
            since=self._begin(self.since),
            until=self._begin(self.until, timedelta(days=1)),
        )

    def address(self, path: str, **more: object) -> str:
        """Give the address of another page of the same entries."""
        names = ("object", "act", "since", "until")
        fields = {name: getattr(self, name) for name in names if getattr(self, name)} | more
        return f"{path}?{urlencode(fields)}" if fields else path

    def _begin(self, text: str, later: timedelta = timedelta()) -> datetime | None:
        try:
            day = date.fromisoformat(text) + later
        except (ValueError, OverflowError):
            return None
        return self._calendar.moment(day, time())


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def log(
    request: Request,
    signed: SignedIn,
    asked: AskedFor,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """Show a page of the log, the newest first."""
    async with pool_of(request).acquire() as connection:
        found = await store.page(connection, asked.filter, before=before, size=PAGE)
        head = await store.head_of(connection)
    return show(
        request,
        signed,
        "audit_log.html",
        entries=found,
        asked=asked,
        acts=list(Act),
        head=head,
        further=asked.address("/audit", before=found[-1].number) if len(found) == PAGE else None,
        file=asked.address("/audit/log.csv"),
    )


@router.get("/log.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all entries as a table; that somebody took it is an entry itself."""
    pool = pool_of(request)
    async with changing(pool) as change:
        change.note(Entry.by(signed.account, Act.EXPORTED, "audit"))

    async def read(connection: Connection, before: int | None, size: int) -> list[Told]:
        return await store.page(connection, asked.filter, before=before, size=size)

    rows = in_pages(pool, read, _row, behind=lambda last: last.number)
    return as_spreadsheet("audit", _HEADS, rows)


def _row(one: Told) -> Row:
    detail = "; ".join(f"{name}={value}" for name, value in one.detail.items())
    return (one.number, one.at.isoformat(), one.name, one.role, one.act, one.object, detail)
