"""What somebody has reviewed and signed: found again, to be read, compared or reopened."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.export import export
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import naming
from services.controlling.reviews.listed import HEADS, Sought, cells
from services.controlling.reviews.signed import store
from services.controlling.reviews.signed.store import SIGNED, SignedReview
from shared.events.vocabulary import FileVerdict
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row, said
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Key, Search, Selection, WantedPage
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
_HEADS = (*HEADS, "signed.verdict", "signed.at", "signed.comparison")

router = APIRouter(
    prefix="/reviews/signed", route_class=PageRoute, dependencies=[allows(Role.LEADERSHIP)]
)


class Asked(Selection):
    """Which of somebody's signed reviews are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        verdict: Annotated[FileVerdict | Literal[""], Query()] = "",
        unit: Key = "",
    ) -> None:
        self.verdict, self.unit = verdict, unit
        super().__init__("/reviews/signed", SIGNED, wanted, q=q, verdict=verdict, unit=unit)


AskedFor = Annotated[Asked, Depends()]


@router.get("")
async def signed_ones(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """List what somebody has signed, the newest first."""
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await _page(connection, signed, asked, names, asked.order)
    return show(
        request,
        signed,
        "signed_reviews.html",
        names=names,
        reviews=found.lines,
        further=found.further,
        asked=asked,
        verdicts=list(FileVerdict),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give what somebody has signed as a table; that they took it is an entry of the log."""
    names = naming(request, signed)

    def row(one: SignedReview) -> Row:
        verdict = one.verdict and said(f"verdict.{one.verdict}")
        comparison = said("review.yes" if one.comparable else "review.no")
        return (*cells(one, names), verdict, names.day(one.signed_at), comparison)

    return await export(
        request,
        signed,
        "signed-reviews",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: _page(connection, signed, asked, names, order),
        row=row,
    )


async def _page(
    connection: Connection, signed: Signed, asked: Asked, names: Naming, order: Order
) -> Page[SignedReview]:
    verdict, sought = asked.verdict or None, Sought.of(names, asked.q, asked.unit)
    return await store.signed_reviews(connection, signed.account.id, verdict, sought, order)
