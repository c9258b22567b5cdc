"""A list taken as a file: an entry of the log."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from fastapi import Request, Response

from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row
from shared.web.pages.page import pages_of
from shared.web.pages.spreadsheet import as_spreadsheet, in_pages
from shared.web.sign_in.recognising import pool_of
from shared.web.sign_in.session import Signed

Item = TypeVar("Item")


async def export(
    request: Request,
    signed: Signed,
    name: str,
    heads: Sequence[str],
    *,
    order: Order,
    read: Callable[[Connection, Order], Awaitable[Page[Item]]],
    row: Callable[[Item], Row],
    **detail: str | int | None,
) -> Response:
    """Give somebody a whole list as a table, once it is written down that they took it.

    Args:
        request: That asks for it.
        signed: Who asks.
        name: What the list is called, in the log and as a file.
        heads: The columns, by their keys in the catalogues.
        order: How the list is ordered.
        read: Gives a page of it.
        row: What of a line stands in the file; what it says by `said`, it says in their language.
        detail: What else the log tells.
    """
    pool = pool_of(request)
    async with changing(pool) as change:
        known = {key: value for key, value in detail.items() if value is not None}
        change.note(Entry.by(signed.account, Act.EXPORTED, name, **known))
    pages, language = pages_of(request), signed.session.language
    return as_spreadsheet(
        language,
        name,
        pages.heads(language, heads),
        in_pages(pool, order, read, lambda one: pages.written(language, row(one))),
    )
