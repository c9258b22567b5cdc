"""Sessions and attempts to sign in, in the service's own schema."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.web.pages.words import Language
from shared.web.sign_in.session import Limits, Session, hash_of, new_csrf, new_id

QUERIES = load(__file__)
_SEEN_EVERY = timedelta(minutes=1)
_ATTEMPTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun: what the browser holds, and what its forms carry."""

    session_id: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Found:
    """A session and whose it is."""

    session: Session
    account: UUID


async def open_session(
    connection: Connection,
    account: UUID,
    language: Language,
    limits: Limits,
    *,
    now: datetime,
    sid: str | None = None,
) -> Opened:
    """Begin a session; what is over goes.

    Args:
        connection: In a transaction.
        account: Whose.
        language: In which pages are shown.
        limits: How long it lasts.
        now: When it begins.
        sid: What the identity provider calls its session, to be ended from there.
    """
    session_id, csrf = new_id(), new_csrf()
    await connection.execute(QUERIES["end_old_sessions"], now, now - limits.idle)
    await connection.execute(
        QUERIES["open_session"],
        hash_of(session_id),
        account,
        sid,
        csrf,
        language.value,
        now,
        now + limits.longest,
    )
    return Opened(session_id, csrf.hex())


async def find_session(
    connection: Connection,
    session_id: str,
    limits: Limits,
    now: datetime,
    asked: Language | None = None,
) -> Found | None:
    """Give the session that a browser holds, unless it is over, and note that it was seen.

    Args:
        connection: Any.
        session_id: What the browser holds.
        limits: How long sessions last.
        now: When the request came.
        asked: The language that the request asks for; the session remembers it.
    """
    id_hash = hash_of(session_id)
    row = await connection.fetchrow(QUERIES["find_session"], id_hash, now, now - limits.idle)
    if row is None:
        return None
    language = asked or Language(row["language"])
    if language.value != row["language"] or now - row["seen_at"] > _SEEN_EVERY:
        await connection.execute(QUERIES["keep_session"], id_hash, now, language.value)
    return Found(Session(id_hash, row["csrf"].hex(), language), row["account"])


async def end_session(connection: Connection, id_hash: bytes) -> None:
    """End one session."""
    await connection.execute(QUERIES["end_session"], id_hash)


async def end_sessions_of_account(connection: Connection, account: UUID) -> None:
    """End all sessions of an account, wherever they are."""
    await connection.execute(QUERIES["end_sessions_of_account"], account)


async def end_sessions_of_sid(connection: Connection, sid: str) -> None:
    """End the sessions that the identity provider calls so."""
    await connection.execute(QUERIES["end_sessions_of_sid"], sid)


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often somebody tried lately, by what they called themselves, from where, and by both."""

    of_login: int
    of_address: int
    of_login_there: int


async def note_attempt(
    connection: Connection, login_hash: bytes, address: str, now: datetime, window: timedelta
) -> Attempts:
    """Count an attempt before it is looked at, so that many at once count, too."""
    await connection.execute(QUERIES["forget_old_attempts"], now - _ATTEMPTS_KEPT)
    await connection.execute(QUERIES["note_attempt"], login_hash, address, now)
    row = await connection.fetchrow(QUERIES["count_attempts"], login_hash, address, now - window)
    assert row is not None
    return Attempts(**row)


async def forget_attempts(connection: Connection, login_hash: bytes) -> None:
    """Forget the attempts of somebody who has got in."""
    await connection.execute(QUERIES["forget_attempts"], login_hash)
