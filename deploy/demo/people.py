"""Invented people who may try the workbench of the local stack."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.controlling.accounts import store
from services.controlling.accounts.account import Role
from services.controlling.accounts.joining import Joining
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import write
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.postgres.pool import Connection, Pool
from shared.web.sign_in.local import fits, hash_password, new_password


class PeopleInvalid(FileInvalid):
    """The file of invented people can't be used; the message names line, field and mend."""


class Invented(Section):
    """Who they are, and what each role sees first."""

    people: tuple[Joining, ...]
    sees: dict[Role, str]


def invented() -> Invented:
    """Read the file of invented people.

    Raises:
        PeopleInvalid: with everything that is wrong, by line and field.
    """
    return load(Path(__file__).with_suffix(".yaml"), Invented, invalid=PeopleInvalid)


def people() -> Sequence[Joining]:
    """Give who they are."""
    return invented().people


def password_in(file: Path) -> str:
    """Give the password that all of them share; it is made once and kept for its owner only."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"{new_password()}\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


async def let_in(pool: Pool, password: str) -> None:
    """Give an account to those who have none, and the password to those who have another one.

    Who has it stays signed in, who is locked stays so.
    """
    hashed = hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        known = {one.login: one for one in await store.every(connection)}
        right: dict[str, bool] = {}  # most have the same: hashing is slow on purpose
        entries = []
        for one in people():
            if one.login not in known:
                entries.append(await _add(connection, replace(one, password_hash=hashed)))
                continue
            kept = await store.credentials(connection, one.login)
            if kept is not None and kept.password_hash not in right:
                right[kept.password_hash] = await fits(password, kept)
            if kept is not None and not right[kept.password_hash]:
                entries.append(await _renew(connection, kept.account, hashed))
        await write(connection, *entries)


async def _add(connection: Connection, joining: Joining) -> Entry:
    account = await store.add(connection, joining, datetime.now(UTC))
    detail = {"by": "command", "role": joining.role.value}
    return Entry(None, None, Act.ACCOUNT_ADDED, f"account:{account}", detail)


async def _renew(connection: Connection, account: UUID, hashed: str) -> Entry:
    await store.set_password(connection, account, hashed)
    return Entry(None, None, Act.PASSWORD_RESET, f"account:{account}", {"by": "command"})
