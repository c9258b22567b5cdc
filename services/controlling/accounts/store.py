"""Accounts in the database."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.controlling.accounts.account import Account, Role
from services.controlling.accounts.errors import AccountUnknown, LoginTaken
from services.controlling.accounts.joining import Joining
from shared.postgres.paging import Listing, Order, Page, Rank, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.web.sign_in.local import Credentials
from shared.web.sign_in.store import end_sessions_of_account

QUERIES = load(__file__)


async def get(connection: Connection, account: UUID) -> Account | None:
    """Give an account."""
    row = await connection.fetchrow(QUERIES["account"], account)
    return None if row is None else _account(row)


async def of_login(connection: Connection, login: str) -> Account:
    """Give the account that signs in by this name.

    Raises:
        AccountUnknown: nobody does.
    """
    row = await connection.fetchrow(QUERIES["account_of_login"], login)
    if row is None:
        raise AccountUnknown(login)
    return _account(row)


async def every(connection: Connection) -> list[Account]:
    """Give all accounts by name."""
    return [_account(row) for row in await connection.fetch(QUERIES["accounts"])]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which accounts are asked for; what is None doesn't narrow it."""

    text: str | None = None
    role: Role | None = None
    locked: bool | None = None


ACCOUNTS = Listing(
    QUERIES["page_of_accounts"],
    {"name": Words, "login": Words, "role": Words, "unit": Words, "state": Rank},
    unique={"login": Words},
    usual="name",
)


async def page(connection: Connection, wanted: Filter, order: Order, words: str) -> Page[Account]:
    """Give some accounts; `words` has the names of roles by their keys."""
    role = wanted.role and wanted.role.value
    found = await ACCOUNTS.page(connection, order, wanted.text, role, wanted.locked, words)
    return found.each(_account)


async def count_open(connection: Connection) -> int:
    """Count those who may sign in."""
    return int(await connection.fetchval(QUERIES["open_accounts"]))


async def credentials(connection: Connection, login: str) -> Credentials | None:
    """Give what is stored of a password; None if there is none, or the account is locked."""
    row = await connection.fetchrow(QUERIES["password_of_login"], login)
    return None if row is None else Credentials(row["id"], row["password_hash"])


async def add(connection: Connection, joining: Joining, now: datetime) -> UUID:
    """Make an account.

    Raises:
        LoginTaken: somebody signs in by this name already.
    """
    added: UUID | None = await connection.fetchval(
        QUERIES["add_account"],
        uuid7(),
        joining.login,
        joining.name,
        joining.role.value,
        joining.unit,
        list(joining.groups),
        joining.share,
        joining.staff_number,
        joining.password_hash,
        now,
    )
    if added is None:
        raise LoginTaken(joining.login)
    return added


async def described(connection: Connection, login: str) -> tuple[UUID, Joining]:
    """Give an account as it was described, until the transaction ends.

    Raises:
        AccountUnknown: nobody signs in by this name.
    """
    row = await connection.fetchrow(QUERIES["described_account"], login)
    if row is None:
        raise AccountUnknown(login)
    account, *facts = row.values()
    login, name, role, unit, groups, share, staff_number = facts
    joining = Joining(login, name, Role(role), unit, tuple(groups), share, staff_number)
    return account, joining


async def describe(connection: Connection, account: UUID, joining: Joining) -> None:
    """Describe an account anew; login, role and password stay."""
    await connection.execute(
        QUERIES["describe_account"],
        account,
        joining.name,
        joining.unit,
        list(joining.groups),
        joining.share,
        joining.staff_number,
    )


async def lock(connection: Connection, account: UUID, now: datetime) -> bool:
    """Let somebody sign in no more, and end their sessions; tells if that changed anything."""
    changed = await connection.fetchval(QUERIES["lock_account"], account, now)
    await end_sessions_of_account(connection, account)
    return changed is not None


async def unlock(connection: Connection, account: UUID) -> bool:
    """Let somebody sign in again; tells if that changed anything."""
    return await connection.fetchval(QUERIES["unlock_account"], account) is not None


async def set_absence(
    connection: Connection, account: UUID, first: date | None, last: date | None
) -> bool:
    """Note when somebody isn't there; tells if that changed anything."""
    changed = await connection.fetchval(QUERIES["set_absence"], account, first, last)
    return changed is not None


async def set_password(connection: Connection, account: UUID, password_hash: str) -> None:
    """Replace a password; whoever is signed in with the old one is signed out."""
    await connection.execute(QUERIES["set_password"], account, password_hash)
    await end_sessions_of_account(connection, account)


def _account(row: Any) -> Account:  # noqa: ANN401 - a row of whatever connection
    return Account(**{**row, "role": Role(row["role"]), "groups": tuple(row["groups"])})
