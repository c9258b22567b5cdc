"""What became of messages, by text and way: a month, as a page and as a file."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.notify.messages.text import title_of
from services.notify.reports.reasons import load_reasons
from services.notify.staff import Act, Staff, staff_of
from services.notify.statistics import store
from services.notify.statistics.month import Month
from services.notify.statistics.table import Column, Table, table_of
from shared.organisation.calendar import Calendar
from shared.web.pages.cells import Row, Said, said
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.spreadsheet import as_spreadsheet, at_once
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

FOLDER = Path(__file__).parent
HEADS = (
    "statistics.since", "statistics.last", "statistics.text", "statistics.way", "statistics.what",
    "statistics.messages",
)  # fmt: skip
_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)
_REASONS = load_reasons()
router = APIRouter(prefix="/messages/statistics", route_class=PageRoute)


def _month(
    request: Request, day: Annotated[date | None, Query(ge=_FIRST, le=_LAST)] = None
) -> Month:
    today = Calendar.of(staff_of(request).organisation).day_of(datetime.now(UTC))
    return Month.around(day or today)


AskedFor = Annotated[Month, Depends(_month)]
"""Whole months only: no two of them share a day whose figures would follow."""


@router.get("")
async def statistics(request: Request, signed: SignedIn, month: AskedFor) -> Response:
    """Say what became of the messages of a month."""
    staff, language = staff_of(request), signed.session.language
    return show(
        request,
        signed,
        "message_statistics.html",
        opens=staff.opens(request, signed),
        month=month,
        table=await _table(staff, month),
        columns=list(Column),
        title=lambda name: _title(staff, name, language),
        reasons=_REASONS[language],
    )


@router.get("/table.csv")
async def as_file(request: Request, signed: SignedIn, month: AskedFor) -> Response:
    """Give the figures of the page; that somebody took them is an entry of the log."""
    staff, pages, language = staff_of(request), pages_of(request), signed.session.language
    table = await _table(staff, month)
    async with staff.acting() as work:
        work.note(signed, Act.EXPORTED, "message-statistics")
    rows = _rows(table, month, lambda name: _title(staff, name, language), language)
    written = [pages.written(language, row) for row in rows]
    return as_spreadsheet(language, "messages", pages.heads(language, HEADS), at_once(written))


def _rows(table: Table, month: Month, title: Callable[[str], str], language: str) -> Iterator[Row]:
    days = (month.since, month.last)
    every, hidden = said("statistics.all_texts"), said("statistics.hidden")
    for column, messages in table.whole.items():
        yield (*days, every, None, said(f"statistics.{column}"), _told(messages, hidden))
    for one in table.failures:
        why = _REASONS[language][one.reason].happened
        yield (*days, every, None, why, _told(one.messages, hidden))
    for row in table.rows:
        way = said(f"messages.by.{row.channel}")
        for column, messages in row.figures.items():
            told = _told(messages, hidden)
            yield (*days, title(row.name), way, said(f"statistics.{column}"), told)


def _told(messages: int | None, hidden: Said) -> object:
    return hidden if messages is None else messages


async def _table(staff: Staff, month: Month) -> Table:
    """Count; which figures must be hidden is reckoned beside the loop, for it may take a second."""
    calendar = Calendar.of(staff.organisation)
    since, until = (calendar.moment(day, time()) for day in (month.since, month.until))
    async with staff.pool.acquire() as connection:
        counted = await store.planned_between(connection, since, until)
    return await asyncio.to_thread(table_of, counted, staff.withhold)


def _title(staff: Staff, name: str, language: str) -> str:
    kind = staff.messages.by_name.get(name)
    return name if kind is None else title_of(kind, language)
