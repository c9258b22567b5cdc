"""The tokens of source systems in the database."""

from collections.abc import Collection
from datetime import date, datetime

from services.intake.tokens.token import Token, Usable
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.bearer import NewBearer

QUERIES = load(__file__)


async def create(
    connection: Connection,
    token: NewBearer,
    system: str,
    begins_at: datetime,
    ends_at: datetime | None,
) -> None:
    """Keep the hash of a new token."""
    await connection.execute(QUERIES["create"], token.id, system, token.hash, begins_at, ends_at)


async def every(connection: Connection) -> list[Token]:
    """Give all tokens there ever were, the newest last."""
    return [Token(**row) for row in await connection.fetch(QUERIES["every"])]


async def revoke(connection: Connection, token_id: str) -> str | None:
    """End a token now; gives whose it was, None if there is no such one that could be used."""
    system: str | None = await connection.fetchval(QUERIES["revoke"], token_id)
    return system


async def usable(connection: Connection) -> list[Usable]:
    """Give the tokens that can be used now or later."""
    return [Usable(**row) for row in await connection.fetch(QUERIES["usable"])]


async def note_use(connection: Connection, tokens: Collection[str], day: date) -> None:
    """Note that tokens were used on a day."""
    await connection.execute(QUERIES["note_use"], sorted(tokens), day)
