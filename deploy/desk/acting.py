"""What people at the desk ask for and do: of which service, why, over all schemas at once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Form, Query

from services.controlling.audit.store import Change, changing
from services.controlling.entrance.app import HOST
from shared.configuration.places import SERVICES
from shared.postgres.pool import Pool, enter_schema
from shared.web.pages.typed import Typed
from shared.web.sign_in.session import Signed

LONGEST_REASON = 500
Reason = Annotated[Typed, Form(max_length=LONGEST_REASON)]
OneService = Annotated[str, Query(pattern=f"^({'|'.join(SERVICES)})?$")]
"""Of which service something is shown; empty: of all."""


def only(service: str) -> Sequence[str]:
    """Give the services that are meant."""
    return (service,) if service else SERVICES


def key_of(signed: Signed) -> str:
    """Give by what name an operator's act is kept: their account's, never their own."""
    return f"account:{signed.account.id}"


@asynccontextmanager
async def acting(pool: Pool) -> AsyncIterator[Change]:
    """Open a transaction that may go from schema to schema; entries are written at its end."""
    async with changing(pool) as change:
        yield change
        await enter_schema(change.connection, HOST)
