"""A key is exchanged while services write and read, and nothing is unreadable at any time."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from deploy.secrets.files import create_missing
from deploy.secrets.ring_file import HEARD
from deploy.secrets.rotation import RowsUnreadable, rotate
from shared.postgres.keys import KeyDiffers, prove_keys
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.encryption import CiphertextBroken, data_key, decrypt, encrypt, new_data_key
from shared.security.key_ring import KeyRing, Keys, Place, read_keys
from shared.security.secrets import SecretName, SecretStore
from shared.service.looking import tell_secrets
from tests.figures import read_by
from tests.integration.notify.service import new_database
from tests.integration.spine_helpers import CLI
from tests.runbooks import Follow, console

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(240)]

MASTER, SEEDS = SecretName.CONTACT_MASTER_KEY, SecretName.SEED_ENCRYPTION_KEY


class Notify:
    """What a process of notify does with its keys: makes new ones, opens those that are there."""

    def __init__(self, pool: Pool, store: SecretStore) -> None:
        self._pool = pool
        self._ring = KeyRing(store, MASTER)
        self.opened: dict[str, bytes] = {}

    async def enter(self, count: int = 1) -> None:
        for _ in range(count):
            owner = f"contact-{len(self.opened):06d}"
            wrapped = new_data_key(self._ring, owner)
            self.opened[owner] = data_key(self._ring, wrapped, owner)
            await self._pool.execute(
                "INSERT INTO contact_key (contact_ref, wrapped_key) VALUES ($1, $2)", owner, wrapped
            )

    async def read(self, ring: KeyRing | None = None) -> None:
        """Open every key; each is what it was when it was made."""
        for owner, wrapped in await self._pool.fetch(
            "SELECT contact_ref, wrapped_key FROM contact_key"
        ):
            assert data_key(ring or self._ring, wrapped, owner) == self.opened[owner]

    async def work(self) -> None:
        while True:
            await self.enter()
            await self.read()
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
async def place(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A database of its own, and secrets."""
    secrets = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    database_url = await new_database(stack, "rotation")
    await migrate(database_url, secrets)
    return database_url, secrets


@pytest.fixture
async def owner(place: tuple[str, Path]) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(place[0])
    await connection.execute("DELETE FROM notify.contact_key")
    for service in ("notify", "controlling"):
        await connection.execute(f"DELETE FROM {service}.key_proof")
    yield connection
    await connection.close()


@pytest.fixture
def store(place: tuple[str, Path]) -> SecretStore:
    return SecretStore(place[1])


@pytest.fixture
async def pool(
    place: tuple[str, Path], store: SecretStore, owner: asyncpg.Connection
) -> AsyncIterator[Pool]:
    del owner
    password = store.text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    async with await open_pool(service_url(place[0], "notify", password), service="notify") as one:
        yield one


@contextlib.asynccontextmanager
async def working(*services: Notify) -> AsyncIterator[None]:
    """Processes at work; none of them may fail."""
    tasks = [asyncio.create_task(one.work()) for one in services]
    yield
    for task in tasks:
        assert not task.done() or task.result()
        task.cancel()
    await asyncio.wait(tasks)


async def test_services_write_and_read_all_the_while(
    pool: Pool, owner: asyncpg.Connection, store: SecretStore
) -> None:
    before = read_keys(store, MASTER).current
    service, told = Notify(pool, store), list[str]()
    await prove_keys(pool, "notify", {MASTER: KeyRing(store, MASTER)})
    await service.enter(1_500)
    async with working(service):
        changed = await rotate(owner, store, MASTER, tell=told.append)
        await asyncio.sleep(1)

    assert changed >= 1_500
    assert len(told) >= 4
    keys = read_keys(store, MASTER)
    assert keys.current != before
    assert keys.others == ()
    await service.read(KeyRing(store, MASTER))
    await prove_keys(pool, "notify", {MASTER: KeyRing(store, MASTER)})
    assert {path.name for path in store.directory.iterdir()} == set(SecretName)


async def test_killed_at_any_moment_it_is_gone_on_with(
    pool: Pool, place: tuple[str, Path], store: SecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    database_url, secrets = place
    before = read_keys(store, MASTER).current
    service = Notify(pool, store)
    await service.enter(500)
    environment = os.environ | {"DATABASE_URL": database_url}
    command = (*CLI, "secrets", "rotate", MASTER, "--secrets", str(secrets))
    ended = False
    async with working(service):
        for limit in (*(random.uniform(0.5, 9) for _ in range(4)), 60):
            process = await asyncio.create_subprocess_exec(*command, env=environment)
            with contextlib.suppress(TimeoutError):
                ended = await asyncio.wait_for(process.wait(), limit) == 0
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                await process.wait()
            await service.read(KeyRing(store, MASTER))
    assert ended
    assert read_keys(store, MASTER).others == ()
    assert read_keys(store, MASTER).current != before


async def test_a_backup_from_before_is_read_with_the_old_key_beside_the_new(
    pool: Pool, owner: asyncpg.Connection, store: SecretStore
) -> None:
    old = read_keys(store, MASTER).current
    await prove_keys(pool, "notify", {MASTER: KeyRing(store, MASTER)})
    service = Notify(pool, store)
    await service.enter(5)
    backup = await owner.fetch("SELECT * FROM notify.contact_key")
    proof = await owner.fetchval("SELECT proof FROM notify.key_proof WHERE name = $1", MASTER)
    await rotate(owner, store, MASTER, tell=lambda _: None)

    for row in backup:
        await owner.execute(
            "UPDATE notify.contact_key SET wrapped_key = $2 WHERE contact_ref = $1",
            row["contact_ref"], row["wrapped_key"],
        )  # fmt: skip
    await owner.execute("UPDATE notify.key_proof SET proof = $1 WHERE name = $2", proof, MASTER)
    with pytest.raises(KeyDiffers):
        await prove_keys(pool, "notify", {MASTER: KeyRing(store, MASTER)})

    new = read_keys(store, MASTER).current
    (store.directory / MASTER).write_text(Keys(new, ((Place.OLD, old),)).text)
    await prove_keys(pool, "notify", {MASTER: KeyRing(store, MASTER)})
    await service.read(KeyRing(store, MASTER))
    assert await rotate(owner, store, MASTER, tell=lambda _: None) == 5
    assert read_keys(store, MASTER) == Keys(new)
    await service.read(KeyRing(store, MASTER))


async def test_while_something_fits_no_key_the_old_one_is_not_given_up(
    pool: Pool, owner: asyncpg.Connection, store: SecretStore
) -> None:
    service = Notify(pool, store)
    await service.enter(3)
    await owner.execute(
        "INSERT INTO notify.contact_key (contact_ref, wrapped_key) VALUES ('contact-lost', $1)",
        new_data_key(b"l" * 32, "contact-lost"),
    )
    with pytest.raises(RowsUnreadable, match=r"1 things of notify .* \(first: contact-lost\)"):
        await rotate(owner, store, MASTER, tell=lambda _: None)
    assert [place for place, _ in read_keys(store, MASTER).others] == [Place.OLD]

    keys = read_keys(store, MASTER)
    found = Keys(keys.current, (*keys.others, (Place.OLD, b"l" * 32)))
    (store.directory / MASTER).write_text(found.text)
    await rotate(owner, store, MASTER, tell=lambda _: None)
    assert read_keys(store, MASTER) == Keys(keys.current)


async def test_a_transaction_that_wrote_with_the_old_key_is_waited_for(
    pool: Pool, owner: asyncpg.Connection, store: SecretStore
) -> None:
    service = Notify(pool, store)
    await service.enter(1)
    async with pool.acquire() as connection:
        slow = connection.transaction()
        await slow.start()
        wrapped = new_data_key(read_keys(store, MASTER).current, "contact-slow")
        await connection.execute(
            "INSERT INTO contact_key (contact_ref, wrapped_key) VALUES ('contact-slow', $1)",
            wrapped,
        )
        rotating = asyncio.create_task(rotate(owner, store, MASTER, tell=lambda _: None))
        await asyncio.sleep(HEARD.total_seconds() * 2 + 2)
        assert not rotating.done()
        await slow.commit()
    assert await rotating == 2
    kept = await pool.fetchval(
        "SELECT wrapped_key FROM contact_key WHERE contact_ref = 'contact-slow'"
    )
    data_key(KeyRing(store, MASTER), kept, "contact-slow")


async def test_a_secret_that_is_old_is_exchanged_and_its_file_is_of_today(
    place: tuple[str, Path], owner: asyncpg.Connection, store: SecretStore, follow: Follow
) -> None:
    del owner
    file = store.directory / SEEDS
    here = {"DATABASE_URL": place[0], "GLEICHFALL_SECRETS_DIR": str(store.directory)}
    figures = read_by(controlling=[partial(tell_secrets, store)])
    runbook = await follow("SecretOld", console(here), figures, NAME=SEEDS.value)
    os.utime(file, (0, 0))
    await runbook.look()
    await runbook.do("is gone from the file")

    assert read_keys(store, SEEDS).others == ()
    await runbook.prove()


async def test_seeds_are_exchanged_likewise(owner: asyncpg.Connection, store: SecretStore) -> None:
    old = read_keys(store, SEEDS).current
    await owner.execute(
        "INSERT INTO controlling.period (key, first_day, last_day, sealed_seed, commitment,"
        " policy_version) VALUES ('2026-05', '2026-05-01', '2026-05-31', $1, $2, 'v1')",
        encrypt(old, b"s" * 32, "2026-05"), "0" * 64,
    )  # fmt: skip
    try:
        assert await rotate(owner, store, SEEDS, tell=lambda _: None) == 1
        sealed = await owner.fetchval("SELECT sealed_seed FROM controlling.period")
        assert decrypt(KeyRing(store, SEEDS), sealed, "2026-05") == b"s" * 32
        with pytest.raises(CiphertextBroken):
            decrypt(old, sealed, "2026-05")
    finally:
        await owner.execute("DELETE FROM controlling.period")
