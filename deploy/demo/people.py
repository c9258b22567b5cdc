"""Invented people who may try the workbench of the local stack."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.controlling.accounts import store
from services.controlling.accounts.account import Account
from services.controlling.accounts.store import Joining
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import write
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.postgres.pool import Connection, Pool
from shared.web.sign_in.local import fits, hash_password, new_password


class PeopleInvalid(FileInvalid):
    """The file of invented people can't be used; the message names line, field and mend."""


class _People(Section):
    people: tuple[Joining, ...]


def people() -> Sequence[Joining]:
    """Give who they are."""
    return load(Path(__file__).with_suffix(".yaml"), _People, invalid=PeopleInvalid).people


def password_in(file: Path) -> str:
    """Give the password that all of them share; it is made once and kept for its owner only."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"{new_password()}\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


async def let_in(pool: Pool, password: str) -> None:
    """Give an account to those who have none, and the password to those who have another one."""
    hashed = hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        known = {one.login: one for one in await store.every(connection)}
        entries = [
            await _renew(connection, known[one.login], password, hashed)
            if one.login in known
            else await _add(connection, replace(one, password_hash=hashed))
            for one in people()
        ]
        await write(connection, *(one for one in entries if one is not None))


async def _add(connection: Connection, joining: Joining) -> Entry:
    account = await store.add(connection, joining, datetime.now(UTC))
    detail = {"by": "command", "role": joining.role.value}
    return Entry(None, None, Act.ACCOUNT_ADDED, f"account:{account}", detail)


async def _renew(
    connection: Connection, account: Account, password: str, hashed: str
) -> Entry | None:
    """Give somebody the password; who has it stays signed in, who is locked stays so."""
    has_it = await fits(password, await store.credentials(connection, account.login))
    if has_it or account.locked_at is not None:
        return None
    await store.set_password(connection, account.id, hashed)
    return Entry(None, None, Act.PASSWORD_RESET, f"account:{account.id}", {"by": "command"})
