"""Secrets are exchanged while services work: nothing is refused, and the old one is afterwards."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import dkim
import httpx
import pytest

from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from shared.contacts.handover import seal_contact
from shared.postgres.pool import service_url
from shared.security.key_ring import KeyRing, read_keys
from shared.security.secrets import SecretName
from shared.security.webhooks import signature
from tests.administered import administered
from tests.integration.intake import door
from tests.integration.notify import service
from tests.integration.notify.service import Notify, application, contact, pseudonym, story
from tests.integration.spine_helpers import CLI, until

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]

TOKEN, REPORTS = SecretName.HANDOVER_TOKEN, SecretName.MAIL_REPORT_KEY
SIGNING, OWNER = SecretName.DKIM_RSA_PEM, SecretName.OWNER_DATABASE_PASSWORD
PRIVATE = SecretName.CONTACT_SEALING_PRIVATE_KEY
PUBLIC = SecretName.CONTACT_SEALING_PUBLIC_KEY
SLOW = "no answer within"
"""What a busy machine says, and no key that was exchanged."""


@dataclass
class Town:
    """All processes, with the same secrets."""

    intake: door.Service
    notify: Notify
    others: list[door.Service]
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    async def rotate(self, name: SecretName, *options: str, **environment: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(*CLI, "secrets", "rotate", name, *options),
            env=self.environment | environment,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
        assert process.returncode == 0
        return told.decode()

    @property
    def acts(self) -> list[str]:
        """What the security log tells of operators."""
        return administered(Path(self.environment["GLEICHFALL_SECURITY_LOG"]))

    async def hand_over(self) -> httpx.Response:
        """Hand a contact over, by way of intake."""
        token = self.notify.secrets.text(SecretName.CLIENT_TOKEN).get_secret_value()
        document = {"contact_ref": pseudonym("contact"), "language": "de", "email": "a@example.org"}
        async with self.intake.client(token) as client:
            return await client.post("/v1/contacts", json=document)

    async def ready(self) -> bool:
        """Whether all services say that they can do all their work."""
        every = [self.intake.url, self.notify.url, *(one.url for one in self.others)]
        async with httpx.AsyncClient(verify=PLAIN) as client:
            answers = [await client.get(f"{url}/readyz") for url in every]
        unready = [answer.text for answer in answers if not answer.is_success]
        self.said = [text for text in unready if SLOW not in text]
        return not self.said

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[list[int]]:
        """Contacts are handed over all the while, and all services say that they are ready."""
        answers: list[int] = []

        async def work() -> None:
            while True:
                answers.append((await self.hand_over()).status_code)
                assert await self.ready(), self.said
                await asyncio.sleep(0.05)

        task = asyncio.create_task(work())
        try:
            yield answers
        finally:
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
            "GLEICHFALL_SECURITY_LOG": str(directory / "security.log"),
        }
        async with AsyncExitStack() as stop:
            intake, *others = [
                await stop.enter_async_context(
                    door.running(environment, notify.secrets, directory / name, name)
                )
                for name in ("intake", "controlling", "workbench", "desk")
            ]
            yield Town(intake, notify, others, environment)


def only(town: Town, name: SecretName) -> bytes:
    """Give the one value that a file holds."""
    keys = read_keys(town.notify.secrets, name)
    assert keys.others == ()
    return keys.current


async def test_the_handover_token(town: Town) -> None:
    old, acts = only(town, TOKEN), len(town.acts)
    async with town.working() as answers:
        await town.rotate(TOKEN)
        await until(lambda: len(answers) > 20)

    assert set(answers) == {202}
    assert town.acts[acts:] == ["secret rotated"]
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


@pytest.mark.parametrize("process", ["intake", "notify", "controlling", "workbench", "desk"])
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
    await until(lambda: back(town, owner, process, ended), 60)
    await owner.close()
    assert (await town.hand_over()).status_code == 202
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(service_url(town.notify.database_url, process, old))


async def back(town: Town, owner: asyncpg.Connection, process: str, ended: list[int]) -> bool:
    """Whether it has signed in again, its relay, too; who was ended may be listed a while."""
    query = """SELECT count(*) FROM pg_stat_activity
        WHERE usename = $1 AND pid <> ALL($2) AND application_name ~ $3"""
    part = "" if process in ("workbench", "desk") else "-relay$"
    again = await owner.fetchval(query, f"gleichfall_{process}", ended, part)
    return await town.ready() and bool(again)


@pytest.fixture
async def owner_url(town: Town) -> AsyncIterator[str]:
    """Who owns another database, with the password that stands in the file."""
    password = only(town, OWNER).decode()
    owner = await asyncpg.connect(town.notify.database_url)
    await owner.execute(f"CREATE ROLE exchange_owner LOGIN PASSWORD '{password}'")
    server = town.notify.database_url.rpartition("@")[2]
    yield f"postgresql://exchange_owner:{password}@{server}"
    await owner.execute("DROP ROLE exchange_owner")
    await owner.close()


async def test_the_owners_password(town: Town, owner_url: str) -> None:
    told = await town.rotate(OWNER, DATABASE_URL=owner_url)
    assert told.splitlines()[1].startswith("exchange_owner signs in with it from now on")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(owner_url)
    connection = await asyncpg.connect(owner_url, password=only(town, OWNER).decode())
    await connection.close()


async def test_the_owners_password_interrupted_between_the_role_and_the_file(
    town: Town, owner_url: str
) -> None:
    before = read_keys(town.notify.secrets, OWNER).with_next(b"the next one")
    (town.notify.secrets.directory / OWNER).write_text(before.text)
    connection = await asyncpg.connect(owner_url)
    await connection.execute("ALTER ROLE exchange_owner PASSWORD 'the next one'")
    await connection.close()

    await town.rotate(OWNER, DATABASE_URL=owner_url)
    assert only(town, OWNER) == b"the next one"
    connection = await asyncpg.connect(owner_url, password="the next one")
    await connection.close()


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

    # Repeated without a word it says the same, and the old one stays.
    assert await town.rotate(REPORTS) == told
    assert read_keys(town.notify.secrets, REPORTS).current == old
    word = told.rpartition("--published ")[2].partition("'")[0]
    await town.rotate(REPORTS, "--published", word)
    await until(lambda: _answered(town, old, 401), 10)
    assert await reported(town, fresh) == 422
    assert only(town, REPORTS) == fresh


async def _answered(town: Town, key: bytes, status: int) -> bool:
    return await reported(town, key) == status


async def signed_mail(town: Town) -> bytes:
    """Let notify write to somebody."""
    someone = pseudonym("contact")
    address = f"{someone}@example.org"
    await town.notify.register(contact(someone, address))
    await town.notify.publish(story(pseudonym("case"), application(someone)))
    await until(lambda: bool(town.notify.raw_mails(address)))
    [mail] = town.notify.raw_mails(address)
    return mail


async def records(town: Town, *selector: str) -> dict[bytes, bytes]:
    """What the operator is told to put into the DNS."""
    process = await asyncio.create_subprocess_exec(
        *(*CLI, "messages", "dkim", *selector), env=town.environment, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    lines = [line.partition(b" TXT ") for line in told.splitlines()]
    return {name: text.strip(b'"') for name, _, text in lines}


def is_signed(mail: bytes, dns: dict[bytes, bytes]) -> bool:
    return bool(dkim.verify(mail, dnsfunc=lambda asked, timeout=5: dns.get(asked)))


async def test_the_key_that_signs_mails_is_exchanged_while_both_records_stand_in_the_dns(
    town: Town,
) -> None:
    old = await records(town, "march")
    before = await signed_mail(town)
    told = await town.rotate(SIGNING)
    assert "which goes on signing" in told
    fresh = await records(town)
    [name] = fresh
    assert name.startswith(b"key-")
    between = await signed_mail(town)
    assert is_signed(between, old)

    assert await town.rotate(SIGNING) == told
    selector = name.partition(b".")[0].decode()
    ended = await town.rotate(SIGNING, "--published", selector)
    assert "Leave its record in the DNS for a week" in ended
    after = await signed_mail(town)
    assert is_signed(after, fresh)
    assert not is_signed(after, old)
    assert all(is_signed(mail, old | fresh) for mail in (before, between, after))
    only(town, SIGNING)
    assert await records(town, "march") == fresh


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
