"""Secrets are exchanged while services work: nothing is refused, and the old one is afterwards."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from shared.contacts.handover import seal_contact
from shared.postgres.pool import service_url
from shared.security.key_ring import KeyRing, read_keys
from shared.security.secrets import SecretName
from shared.security.webhooks import signature
from tests.integration.intake import door
from tests.integration.notify import service
from tests.integration.notify.service import Notify, contact, pseudonym
from tests.integration.spine_helpers import CLI, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

TOKEN, REPORTS = SecretName.HANDOVER_TOKEN, SecretName.MAIL_REPORT_KEY
PRIVATE = SecretName.CONTACT_SEALING_PRIVATE_KEY
PUBLIC = SecretName.CONTACT_SEALING_PUBLIC_KEY


@dataclass
class Town:
    """Intake and notify, with the same secrets."""

    intake: door.Service
    notify: Notify
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    async def rotate(self, name: SecretName) -> str:
        process = await asyncio.create_subprocess_exec(
            *CLI, "secrets", "rotate", name, env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        assert process.returncode == 0
        return told.decode()

    async def hand_over(self) -> httpx.Response:
        """Hand a contact over, by way of intake."""
        token = self.notify.secrets.text(SecretName.CLIENT_TOKEN).get_secret_value()
        document = {"contact_ref": pseudonym("contact"), "language": "de", "email": "a@example.org"}
        async with self.intake.client(token) as client:
            return await client.post("/v1/contacts", json=document)

    async def ready(self) -> bool:
        """Whether both services say that they can do all their work."""
        async with httpx.AsyncClient(verify=PLAIN) as client:
            answers = [
                await client.get(f"{url}/readyz") for url in (self.intake.url, self.notify.url)
            ]
        self.said = [answer.text for answer in answers if not answer.is_success]
        return not self.said

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[list[int]]:
        """Contacts are handed over all the while, and both services say that they are ready."""
        answers: list[int] = []

        async def work() -> None:
            while True:
                answers.append((await self.hand_over()).status_code)
                assert await self.ready(), self.said
                await asyncio.sleep(0.05)

        task = asyncio.create_task(work())
        yield answers
        assert not task.done() or task.result()
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(scope="module")
async def town(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    directory = tmp_path_factory.mktemp("exchange")
    async with service.running(stack, directory, "exchange") as notify:
        environment = os.environ | {
            "DATABASE_URL": notify.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
            "GLEICHFALL_SECRETS_DIR": str(notify.secrets.directory),
            "NOTIFY_URL": notify.url,
        }
        async with door.running(environment, notify.secrets, directory / "intake") as intake:
            yield Town(intake, notify, environment)


def only(town: Town, name: SecretName) -> bytes:
    """Give the one value that a file holds."""
    keys = read_keys(town.notify.secrets, name)
    assert keys.others == ()
    return keys.current


async def test_the_handover_token(town: Town) -> None:
    old = only(town, TOKEN)
    async with town.working() as answers:
        await town.rotate(TOKEN)
        await asyncio.sleep(2)

    assert set(answers) == {202}
    assert len(answers) > 20
    box = seal_contact(only(town, PUBLIC), contact(pseudonym("contact"), "b@example.org"))
    assert (await town.notify.put([box], old.decode())).status_code == 401
    assert (await town.notify.put([box], only(town, TOKEN).decode())).is_success


async def test_the_sealing_pair(town: Town) -> None:
    old = only(town, PUBLIC)
    async with town.working() as answers:
        await town.rotate(PRIVATE)
        await asyncio.sleep(2)

    assert set(answers) == {202}
    someone = contact(pseudonym("contact"), "c@example.org")
    assert (await town.notify.put([seal_contact(only(town, PUBLIC), someone)])).is_success
    assert (await town.notify.put([seal_contact(old, someone)])).is_client_error
    only(town, PRIVATE)
    owner = await asyncpg.connect(town.notify.database_url)
    assert await owner.fetchval("SELECT count(*) FROM intake.key_proof") == 1
    await owner.close()


@pytest.mark.parametrize("process", ["intake", "notify"])
async def test_the_password_of_a_role(town: Town, process: str) -> None:
    name = SecretName(f"{process}_database_password")
    old = only(town, name).decode()
    async with town.working() as answers:
        await town.rotate(name)
        await asyncio.sleep(2)
    assert set(answers) == {202}

    owner = await asyncpg.connect(town.notify.database_url)
    ended = [
        row["pid"]
        for row in await owner.fetch(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
            f"gleichfall_{process}",
        )
    ]
    assert ended  # whoever has a connection kept it; now all must be made anew
    await until(lambda: publishing(owner, process, ended), 60)
    await owner.close()
    await until(town.ready, 30)
    assert (await town.hand_over()).status_code == 202
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(service_url(town.notify.database_url, process, old))


async def publishing(owner: asyncpg.Connection, process: str, ended: list[int]) -> bool:
    """Whether a relay has signed in again; who was ended may still be listed for a moment."""
    query = """SELECT count(*) FROM pg_stat_activity
        WHERE application_name = $1 AND pid <> ALL($2)"""
    return bool(await owner.fetchval(query, f"gleichfall-{process}-relay", ended))


async def reported(town: Town, key: bytes) -> int:
    """Say how a report with this key's signature is answered: 422 if read, for it says nothing."""
    now, body = str(int(datetime.now(UTC).timestamp())), b"Subject: Danke"
    async with httpx.AsyncClient(base_url=town.notify.url, verify=PLAIN) as client:
        answer = await client.post(
            "/v1/mail-reports",
            content=body,
            headers={
                "webhook-id": "msg_1",
                "webhook-timestamp": now,
                "webhook-signature": signature(key, "msg_1", now, body),
            },
        )
    return answer.status_code


async def test_the_key_of_mail_reports_takes_two_steps_with_the_provider_between(
    town: Town,
) -> None:
    old = only(town, REPORTS)
    told = await town.rotate(REPORTS)
    assert "Give it to whoever signs with it" in told
    fresh = read_keys(town.notify.secrets, REPORTS).next
    assert fresh is not None
    await until(lambda: _answered(town, fresh, 422), 10)
    assert await reported(town, old) == 422

    await town.rotate(REPORTS)
    await until(lambda: _answered(town, old, 401), 10)
    assert await reported(town, fresh) == 422
    assert only(town, REPORTS) == fresh


async def _answered(town: Town, key: bytes, status: int) -> bool:
    return await reported(town, key) == status


async def test_interrupted_it_is_gone_on_with(town: Town) -> None:
    old = only(town, TOKEN)
    process = await asyncio.create_subprocess_exec(
        *CLI, "secrets", "rotate", TOKEN, env=town.environment
    )
    ring = KeyRing(town.notify.secrets, TOKEN)
    while len(ring.every) == 1:
        await asyncio.sleep(0.1)
    process.kill()
    await process.wait()
    assert (await town.hand_over()).status_code == 202

    await town.rotate(TOKEN)
    assert (await town.hand_over()).status_code == 202
    assert only(town, TOKEN) != old
