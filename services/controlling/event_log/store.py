"""All that is kept of cases and offices, as a stream: whoever writes it needs no memory for it."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
from pydantic_core import from_json

from services.controlling.case_files.store import NOBODY
from services.controlling.event_log.ocel import Item
from services.controlling.event_log.trace import Trace, trace
from services.controlling.policy.strata import Stratum
from services.controlling.source import SOURCE
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.registry import CATALOGUE
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_PREFETCH = 5_000


class Extent(NamedTuple):
    """How many events there are."""

    of_cases: int
    of_offices: int


async def extent(connection: Connection) -> Extent:
    """Count what is kept."""
    row = await connection.fetchrow(QUERIES["extent"])
    assert row is not None  # a row of counts is always there
    return Extent(**row)


async def traces(connection: Connection) -> AsyncIterator[Trace]:
    """Give all cases; needs an open transaction."""
    case, events = "", list[Event]()
    query = connection.cursor(
        QUERIES["events_of_cases"], DecisionMade.event_type, prefetch=_PREFETCH
    )
    async for row in query:
        if row["case_ref"] != case and events:
            yield trace(case, events)
            events = []
        case = row["case_ref"]
        events.append(_event(case, row) if row["stratum"] is None else _decision(row))
    if events:
        yield trace(case, events)


async def of_offices(connection: Connection) -> AsyncIterator[Event]:
    """Give what happened at counters and telephones; needs an open transaction."""
    async for row in connection.cursor(QUERIES["events_of_offices"], prefetch=_PREFETCH):
        yield _event(row["subject"], row)


async def items(connection: Connection) -> AsyncIterator[Item]:
    """Give cases and the things of cases, each once; needs an open transaction."""
    async for row in connection.cursor(QUERIES["items_of_cases"], prefetch=_PREFETCH):
        yield Item(**row)


def _event(subject: str, row: asyncpg.Record) -> Event:
    facts = CATALOGUE[row["type"]].read(row["data"], strict=True, extra="ignore")
    return Event("", SOURCE, subject, row["at"], facts, row["sequence"])


def _decision(row: asyncpg.Record) -> Event:
    """Write a decision down again as its event had it, but for who decided.

    The unit is the one that the event names; the stratum's may have taken it over since.
    """
    stratum = Stratum.parse(row["stratum"])
    facts = {name: value for name, value in from_json(row["data"]).items() if value is not None}
    named = {"unit": stratum.unit, "direction": stratum.direction, "decider": NOBODY}
    return Event("", SOURCE, row["case_ref"], row["at"], DecisionMade.model_validate(named | facts))
