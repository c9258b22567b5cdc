"""Appeals and rulings beside our verdicts: where others saw it as we did, and where not."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.appeals import store
from services.controlling.appeals.store import Filter, Ruling
from services.controlling.audit.export import export
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import naming
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row, said
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
_HEADS = (
    *("list.kind", "list.unit", "list.decided", "appeals.ruled", "appeals.instance"),
    *("appeals.outcome", "appeals.verdict", "appeals.compared"),
)
router = APIRouter(
    prefix="/appeals",
    route_class=PageRoute,
    dependencies=[allows(Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR)],
)


class Asked(Selection):
    """Which rulings are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        unit: Key = "",
        seen: Annotated[str, Query(pattern="^(otherwise)?$")] = "",
    ) -> None:
        self.unit, self.seen = unit, seen
        super().__init__("/appeals", store.RULINGS, wanted, q=q, unit=unit, seen=seen)

    @property
    def filter(self) -> Filter:
        """What the store understands."""
        return Filter(unit=self.unit or None, contradicted=bool(self.seen), text=self.text)


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def appeals(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """List what became of decisions in the queue that somebody appealed against."""
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await _page(connection, asked, names, asked.order)
    return show(
        request,
        signed,
        "appeals.html",
        rulings=found.lines,
        further=found.further,
        asked=asked,
        names=names,
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all rulings asked for as a table; that somebody took it is an entry of the log."""
    names = naming(request, signed)
    return await export(
        request,
        signed,
        "appeals",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: _page(connection, asked, names, order),
        row=lambda one: _row(one, names),
    )


async def _page(connection: Connection, asked: Asked, names: Naming, order: Order) -> Page[Ruling]:
    words, zone = names.words(), names.law.calendar.zone
    return await store.page(connection, asked.filter, order, words=words, zone=zone)


def _row(one: Ruling, names: Naming) -> Row:
    return (
        names.kind(one.type_code, one.decided_at),
        names.unit(one.unit),
        names.day(one.decided_at),
        names.day(one.ruled_at),
        said(f"appeals.instance.{one.instance}"),
        said(f"outcome.{one.outcome}"),
        one.verdict and said(f"verdict.{one.verdict}"),
        said(f"appeals.hindsight.{one.hindsight}"),
    )
