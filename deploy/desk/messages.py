"""The message log at the desk: notify's pages, with controlling's accounts and log.

Notify knows neither who signs in nor the audit log, and controlling nothing of messages.
"""

from collections.abc import AsyncIterator, Collection, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from deploy.desk.acting import acting
from services.controlling.accounts.access import allows, may_open, note_refused, own_unit
from services.controlling.accounts.account import Role
from services.controlling.audit import entry
from services.controlling.audit.entry import Entry
from services.controlling.audit.store import Change
from services.controlling.entrance.navigation import TELLS
from services.controlling.statistics.suppression import suppressed
from services.notify.messages.catalogue import load_messages
from services.notify.messages.stationery import load_stationery
from services.notify.operation import pages as log
from services.notify.preview import pages as texts
from services.notify.staff import Act, Staff
from services.notify.statistics import pages as statistics
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection, Pool, enter_schema
from shared.web.sign_in.session import Signed

FOLDERS = (log.FOLDER, texts.FOLDER, statistics.FOLDER)


def routers() -> list[APIRouter]:
    """Give notify's pages, each for the roles that it is for."""
    for_those_who_tell = APIRouter(dependencies=[allows(*TELLS)])
    for_those_who_tell.include_router(log.router)
    counted = APIRouter(dependencies=[allows(Role.OPERATIONS)])
    counted.include_router(statistics.router)
    for_those_who_tell.include_router(texts.router)
    return [counted, for_those_who_tell]


@dataclass(frozen=True, slots=True)
class Work:
    """A transaction in which something is done with messages."""

    change: Change

    @property
    def connection(self) -> Connection:
        """On notify's schema."""
        return self.change.connection

    def note(self, signed: Signed, act: Act, on: str, **detail: str | int | None) -> None:
        """Write down what is done, with it."""
        self.change.note(Entry.by(signed.account, entry.Act(act.value), on, **detail))


def staff(app: FastAPI, pool: Pool, organisation: Organisation) -> Staff:
    """Give notify's pages what they stand on, once the desk's own connections are open.

    Args:
        app: The desk.
        pool: On notify's schema.
        organisation: Whose pages they are.
    """

    @asynccontextmanager
    async def working() -> AsyncIterator[Work]:
        async with acting(app.state.pool) as change:
            await enter_schema(change.connection, "notify")
            yield Work(change)

    return Staff(
        pool=pool,
        messages=load_messages(),
        stationery=load_stationery(),
        organisation=organisation,
        acting=working,
        own_unit=own_unit,
        note_refused=note_refused,
        opens=lambda request, signed: lambda path: may_open(request, signed, path),
        withhold=_withheld,
    )


def _withheld(cells: Mapping[Hashable, Mapping[Hashable, int]]) -> Collection[Hashable]:
    """Name the figures that must not be shown; messages are in no error that could be told of."""
    return suppressed(
        {cell: {part: (0, size) for part, size in parts.items()} for cell, parts in cells.items()}
    )
