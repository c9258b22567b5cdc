"""Appeals and rulings beside our verdicts: where others saw it as we did, and where not."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.appeals import store
from services.controlling.appeals.store import Filter, Place, Ruling
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import naming
from shared.postgres.pool import Connection
from shared.web.pages.refusals import PageRoute
from shared.web.pages.spreadsheet import Row, as_spreadsheet, in_pages
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
PAGE = 50
_HEADS = ("kind", "unit", "decided", "ruled", "instance", "outcome", "verdict", "hindsight")
router = APIRouter(
    prefix="/appeals",
    route_class=PageRoute,
    dependencies=[allows(Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR)],
)


class Asked:
    """Which rulings are asked for, as the address says it."""

    def __init__(
        self,
        unit: Annotated[str, Query(max_length=64)] = "",
        seen: Annotated[str, Query(pattern="^(otherwise)?$")] = "",
    ) -> None:
        self.unit, self.seen = unit, seen

    @property
    def filter(self) -> Filter:
        """What the store understands."""
        return Filter(unit=self.unit or None, contradicted=bool(self.seen))

    def address(self, path: str, after: Ruling | None = None) -> str:
        """Give the address of another page of the same rulings."""
        fields = {name: value for name, value in vars(self).items() if value}
        if after is not None:
            place = after.place
            fields |= {"at": place.at.isoformat(), "case": place.case_ref}
            fields |= {"sequence": str(place.sequence)}
        return f"{path}?{urlencode(fields)}" if fields else path


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def appeals(
    request: Request,
    signed: SignedIn,
    asked: AskedFor,
    *,
    at: datetime | None = None,
    case: Annotated[str, Query(max_length=64)] = "",
    sequence: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> Response:
    """List what became of decisions in the queue that somebody appealed against."""
    after = None if at is None or at.tzinfo is None else Place(at, case, sequence)
    async with pool_of(request).acquire() as connection:
        found = await store.rulings(connection, asked.filter, after, PAGE)
    return show(
        request,
        signed,
        "appeals.html",
        rulings=found,
        asked=asked,
        names=naming(request, signed),
        further=asked.address("/appeals", found[-1]) if len(found) == PAGE else None,
        file=asked.address("/appeals/list.csv"),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all rulings asked for as a table; that somebody took it is an entry of the log."""
    pool = pool_of(request)
    async with changing(pool) as change:
        change.note(Entry.by(signed.account, Act.EXPORTED, "appeals"))
    names = naming(request, signed)

    async def read(connection: Connection, after: Place | None, most: int) -> list[Ruling]:
        return await store.rulings(connection, asked.filter, after, most)

    rows = in_pages(pool, read, lambda one: _row(one, names), behind=lambda last: last.place)
    return as_spreadsheet("appeals", _HEADS, rows)


def _row(one: Ruling, names: Naming) -> Row:
    return (
        names.kind(one.type_code, one.decided_at),
        names.unit(one.unit),
        names.day(one.decided_at),
        names.day(one.place.at),
        one.instance,
        one.outcome,
        one.verdict,
        one.hindsight,
    )
