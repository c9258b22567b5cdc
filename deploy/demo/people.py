"""Invented people who may try the workbench of the local stack."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from services.controlling.accounts import store
from services.controlling.accounts.store import Joining
from shared.postgres.command_pool import on_database_at
from shared.postgres.pool import Pool
from shared.security.secrets import SecretStore
from shared.web.sign_in.local import hash_password, new_password

_PEOPLE = TypeAdapter[tuple[Joining, ...]](tuple[Joining, ...])


def people() -> Sequence[Joining]:
    """Give who they are."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return _PEOPLE.validate_python(yaml.safe_load(text))


def password_in(file: Path) -> str:
    """Give the password that all of them share; it is made once and kept for its owner only."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"{new_password()}\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


async def let_in(server: str, secrets: SecretStore, password: str) -> None:
    """Give an account to those who have none, and to all the password.

    Raises:
        DatabaseUnreachable: the server doesn't answer.
    """
    hashed = hash_password(password)

    async def work(pool: Pool) -> None:
        async with pool.acquire() as connection, connection.transaction():
            known = {one.login: one.id for one in await store.every(connection)}
            for joining in people():
                if joining.login in known:
                    await store.set_password(connection, known[joining.login], hashed)
                else:
                    invited = replace(joining, password_hash=hashed)
                    await store.add(connection, invited, datetime.now(UTC))

    await on_database_at(server, secrets, "controlling", work)
