"""Kafka with TLS, passwords and access control: what is granted is enough, all else refused."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest

from deploy.containers.compose import SECURED_KAFKA, resolve
from deploy.local import child
from deploy.local.infrastructure import Addresses
from deploy.local.ports import allot
from deploy.local.services import url
from deploy.local.status import consumer_lags
from deploy.reconciliation.topic import extent, records
from deploy.standing.reads import READS
from services.controlling.app import RETAINS
from services.controlling.settings import Settings
from shared.configuration.places import SERVICES
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering
from shared.kafka.errors import RightsMissing
from shared.kafka.grants import Rule, apply_access, declared_access
from shared.kafka.rights import Operation, ResourceType, Right, require_rights
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import apply_topics, differences
from shared.observe.health import Health
from shared.postgres import outbox
from shared.postgres.migrations import migrate
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.service import spine
from shared.service.spine import Spine, running_spine
from tests.administered import administered
from tests.integration.notify.service import new_database
from tests.integration.secured_kafka import USERS, Authority, SecuredKafka, secured_kafka
from tests.integration.spine_helpers import CLI, message, new_case, until
from tests.integration.test_keys import started
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]

ACCESS = declared_access()
TOPIC, GROUP = ResourceType.TOPIC, ResourceType.GROUP


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    with secured_kafka(tmp_path_factory.mktemp("secured")) as running:
        yield running


@pytest.fixture
async def granted(kafka: SecuredKafka) -> SecuredKafka:
    """The same with its topics, and all that is declared granted."""
    await apply_topics(kafka.brokers)
    await apply_access(kafka.brokers, ACCESS.values())
    return kafka


async def command(environment: Mapping[str, str], *words: str) -> tuple[int | None, str]:
    """Run a command as a process; gives its exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *CLI, *words, env={**os.environ, "COLUMNS": "200", **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    return process.returncode, told.decode()


async def test_an_administrator_sets_all_up_by_commands(
    kafka: SecuredKafka, tmp_path: Path
) -> None:
    log = tmp_path / "security.log"
    admin = kafka.environment("admin") | {"GLEICHFALL_SECURITY_LOG": str(log)}
    assert (await command(admin, "topics", "apply"))[0] == 0
    assert set(administered(log)) == {"topic changed"}
    await withdraw_all(kafka)

    code, told = await command(admin, "topics", "acl", "check")
    assert code == 1
    assert "missing: User:notify may READ topic case-events" in told

    code, told = await command(admin, "topics", "acl", "apply", "--dry-run")
    assert code == 0
    assert "would grant: User:intake may WRITE topic case-events" in told
    code, told = await command(admin, "topics", "acl", "apply")
    assert code == 0
    assert told.count("granted:") == sum(len(user.rights) for user in ACCESS.values())
    assert (await command(admin, "topics", "acl", "apply"))[1].startswith("nothing to do")

    stray = Rule.granting("User:notify", Right(TOPIC, "case-events", Operation.WRITE))
    await change(kafka, CreateAclsRequest, stray)
    code, told = await command(admin, "topics", "acl", "check")
    assert (code, told.count("undeclared: User:notify may WRITE topic case-events")) == (1, 1)
    code, told = await command(admin, "topics", "acl", "apply")
    assert told.strip() == "taken away: User:notify may WRITE topic case-events"
    assert (await command(admin, "topics", "acl", "check"))[0] == 0
    acts = Counter(administered(log))
    assert acts["right granted"] == sum(len(user.rights) for user in ACCESS.values())
    assert acts["right taken away"] == 1


async def test_nobody_else_may_change_who_may_what(granted: SecuredKafka) -> None:
    for user in USERS:
        code, told = await command(granted.environment(user), "topics", "acl", "apply")
        assert code == 1
        assert f"Kafka doesn't let user {user} change the cluster" in told


async def test_each_user_may_do_all_that_is_declared(granted: SecuredKafka) -> None:
    for user in USERS:
        await require_rights(granted.as_user(user), ACCESS[user].rights)


async def test_and_nothing_else_of_what_others_may(granted: SecuredKafka) -> None:
    every = {right for user in ACCESS.values() for right in user.rights}
    for user in USERS:
        implied = {
            Right(right.kind, right.name, Operation.DESCRIBE) for right in ACCESS[user].rights
        }
        for right in every - ACCESS[user].rights - implied:
            with pytest.raises(RightsMissing, match=f"user {user} {right}"):
                await require_rights(granted.as_user(user), [right])


async def read_one(brokers: Brokers, group: str | None) -> None:
    reader = AIOKafkaConsumer(
        "case-events", group_id=group, auto_offset_reset="earliest", **brokers.arguments
    )
    try:
        await reader.start()
        await asyncio.wait_for(reader.getone(), 30)
    finally:
        await reader.stop()


async def test_and_kafka_means_it(granted: SecuredKafka) -> None:
    async with AIOKafkaProducer(**granted.brokers.arguments) as producer:
        await producer.send_and_wait("case-events", b"seen by nobody")
    async with AIOKafkaProducer(**granted.as_user("notify").arguments) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("case-events", b"forged")
    with pytest.raises(GroupAuthorizationFailedError):
        await read_one(granted.as_user("intake"), "controlling")
    with pytest.raises(GroupAuthorizationFailedError):
        await read_one(granted.as_user("controlling"), "notify")
    with pytest.raises(TopicAuthorizationFailedError):
        await read_one(granted.as_user("intake"), None)


async def test_an_operator_reads_what_intake_wrote_in_no_group_and_writes_nothing(
    granted: SecuredKafka,
) -> None:
    operator = granted.as_user("operator")
    async with AIOKafkaProducer(**granted.brokers.arguments) as producer:
        await producer.send_and_wait("case-events", b"seen by the operator")
    within = await extent(operator, ("controlling", "notify"))
    read = [
        one.value async for batch in records(operator, within, lambda *_: None) for one in batch
    ]
    assert b"seen by the operator" in read
    with pytest.raises(GroupAuthorizationFailedError):
        await read_one(operator, "notify")
    async with AIOKafkaProducer(**operator.arguments) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("case-events", b"forged")


async def test_an_operator_sees_where_all_is(granted: SecuredKafka) -> None:
    operator = granted.as_user("operator")
    assert await differences(operator) == []
    lags = await consumer_lags(operator, READS)
    assert lags.keys() == READS.keys()


async def test_a_certificate_is_as_good_as_a_password(granted: SecuredKafka) -> None:
    brokers = KafkaSettings.of(granted.certified("notify")).brokers
    await require_rights(brokers, ACCESS["notify"].rights)
    with pytest.raises(RightsMissing, match="our certificate WRITE topic case-events"):
        await require_rights(brokers, [Right(TOPIC, "case-events", Operation.WRITE)])


@pytest.mark.parametrize("service", SERVICES)
async def test_each_container_is_its_own_user(
    granted: SecuredKafka, tmp_path: Path, service: str
) -> None:
    described = resolve({"KAFKA_BOOTSTRAP_SERVERS": granted.bootstrap_servers}, SECURED_KAFKA)
    container = described["services"][service]
    (tmp_path / "kafka_ca").write_bytes(granted.ca.read_bytes())
    password = granted.folder / f"{service}.password"
    (tmp_path / f"{service}_kafka_password").write_bytes(password.read_bytes())
    assert {"kafka_ca", f"{service}_kafka_password"} <= set(container["secrets"])
    environment = {
        name: str(text).replace("/run/secrets", str(tmp_path))
        for name, text in container["environment"].items()
    }
    await require_rights(KafkaSettings.of(environment).brokers, ACCESS[service].rights)


def wrong(kafka: SecuredKafka, tmp_path: Path) -> dict[str, tuple[dict[str, str], str]]:
    """Give what is wrong, and the setting that must be named."""
    (tmp_path / "wrong").write_text("another\n")
    stranger = Authority.new()
    own, strange = kafka.environment("notify"), stranger.write(tmp_path / "strange.pem")
    forged, key = stranger.sign(tmp_path, "notify")
    certified = kafka.certified("notify")
    return {
        "password": (
            own | {"KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "wrong")},
            "KAFKA_SASL_PASSWORD_FILE",
        ),
        "user": (own | {"KAFKA_SASL_USERNAME": "nobody"}, "KAFKA_SASL_USERNAME"),
        "mechanism": (own | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}, "KAFKA_SASL_MECHANISM"),
        "authority": (own | {"KAFKA_SSL_CA_FILE": str(strange)}, "KAFKA_SSL_CA_FILE"),
        "no authority": (
            {name: value for name, value in own.items() if name != "KAFKA_SSL_CA_FILE"},
            "KAFKA_SSL_CA_FILE",
        ),
        "name": (
            own
            | {
                "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers.replace("127.0.0.1", "localhost")
            },
            "KAFKA_BOOTSTRAP_SERVERS",
        ),
        "certificate": (
            certified | {"KAFKA_SSL_CERTIFICATE_FILE": str(forged), "KAFKA_SSL_KEY_FILE": str(key)},
            "KAFKA_SSL_CERTIFICATE_FILE",
        ),
        "no certificate": (
            {
                name: value
                for name, value in certified.items()
                if name not in ("KAFKA_SSL_CERTIFICATE_FILE", "KAFKA_SSL_KEY_FILE")
            },
            "KAFKA_SSL_CERTIFICATE_FILE",
        ),
        "no TLS": (
            {name: value for name, value in own.items() if name == "KAFKA_BOOTSTRAP_SERVERS"},
            "KAFKA_SECURITY_PROTOCOL",
        ),
        "no login": (
            {name: value for name, value in own.items() if "SASL" not in name}
            | {"KAFKA_SECURITY_PROTOCOL": "SSL"},
            "KAFKA_SECURITY_PROTOCOL",
        ),
    }


async def test_what_is_wrong_is_told_by_the_name_of_its_setting(
    granted: SecuredKafka, stack: Addresses, tmp_path: Path
) -> None:
    cases = wrong(granted, tmp_path)
    cases["TLS at a plain Kafka"] = (
        granted.environment("notify") | {"KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers},
        "KAFKA_SECURITY_PROTOCOL",
    )
    for what, (environment, setting) in cases.items():
        code, told = await command(environment, "topics", "check")
        assert (code, setting in told, len(told.splitlines())) == (1, True, 1), (what, told)


async def test_no_service_starts_where_kafka_refuses_it(
    granted: SecuredKafka, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    database_url = await new_database(stack, "refused")
    await migrate(database_url, secrets)
    common = os.environ | {
        "DATABASE_URL": database_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "NOTIFY_URL": "http://127.0.0.1:9",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    cases = wrong(granted, tmp_path)
    for service, what in (("intake", "password"), ("notify", "authority")):
        environment, setting = cases[what]
        code, told = await started(common | environment, service)
        assert (code, setting in told) == (1, True), told

    right = Right(TOPIC, "case-events", Operation.READ)
    await withdraw(granted, "controlling", right)
    code, told = await started(common | granted.environment("controlling"), "controlling")
    assert (code, f"doesn't let user controlling {right}" in told) == (1, True), told


async def test_each_service_becomes_ready_as_its_own_user(
    granted: SecuredKafka, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    database_url = await new_database(stack, "users")
    await migrate(database_url, secrets)
    ports = allot(tmp_path / "ports.json", SERVICES, {})
    common = {
        **os.environ,
        "DATABASE_URL": database_url,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "NOTIFY_URL": url(ports["notify"]),
        "SMTP_URL": stack.smtp_url,
    }
    processes = [
        child.start(
            service,
            [*CLI, "serve", service, "--port", str(ports[service])],
            log=tmp_path / f"{service}.log",
            environment=common | granted.environment(service),
        )
        for service in SERVICES
    ]
    try:
        for process in processes:
            ready = f"{url(ports[process.name])}/readyz"
            process.wait_for_answer(ready, timeout=timedelta(seconds=PATIENCE))
    finally:
        for process in processes:
            process.stop()


class Handler:
    """Writes down what it applies."""

    def __init__(self) -> None:
        self.applied: list[str] = []

    async def __call__(self, events: Sequence[Event], _: Transaction) -> None:
        self.applied += [event.subject for event in events]


Consuming: TypeAlias = Callable[[Handler, Health], AbstractAsyncContextManager[Spine]]


@pytest.fixture
def consuming(
    granted: SecuredKafka, stack: Addresses, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> Consuming:
    """Controlling's spine as its own user, with another handler."""
    monkeypatch.setattr(spine, "RIGHTS_LOOK", timedelta(seconds=1))
    settings = Settings.model_validate(
        {
            "DATABASE_URL": stack.database_url,
            "GLEICHFALL_SECRETS_DIR": str(secrets),
            **granted.environment("controlling"),
        }
    )

    def run(handler: Handler, health: Health) -> AbstractAsyncContextManager[Spine]:
        topics = (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS)
        return running_spine(
            "controlling",
            settings,
            health,
            publishes=(Topic.REVIEW_EVENTS,),
            handlers=lambda _: dict.fromkeys(topics, handler),
            retains=RETAINS,
        )

    return run


@pytest.mark.parametrize(
    "right",
    [
        Right(TOPIC, "case-events", Operation.READ),
        Right(GROUP, "controlling", Operation.READ),
        Right(TOPIC, "review-events", Operation.WRITE),
    ],
    ids=str,
)
async def test_a_right_withdrawn_under_way_is_told_and_nothing_is_lost(
    granted: SecuredKafka, consuming: Consuming, pool: Pool, right: Right
) -> None:
    handler, health = Handler(), Health()

    async def reasons() -> str:
        return "; ".join(one.reason for one in await health.readiness.missing())

    async def told() -> bool:
        return f"doesn't let user controlling {right}" in await reasons()

    async def ready() -> bool:
        return not await health.readiness.missing()

    async def both(number: int) -> bool:
        return set(cases[:number]) <= set(handler.applied) and not await pool.fetchval(
            "SELECT count(*) FROM outbox"
        )

    cases = [new_case() for _ in range(2)]
    async with consuming(handler, health) as running:
        await work(granted.brokers, running.pool, cases[0])
        await until(lambda: both(1))
        await until(ready)

        await withdraw(granted, "controlling", right)
        await until(told)
        await work(granted.brokers, running.pool, cases[1])
        await asyncio.sleep(3)
        # Without its group a consumer may go on for a moment; it can't write down how far it is.
        assert right.kind is GROUP or not await both(2)
        assert await told()

        await apply_access(granted.brokers, ACCESS.values())
        await until(lambda: both(2))
        await until(ready)
    assert [handler.applied.count(case) for case in cases] == [1, 1]
    # What another test wrote on the topics of this broker is none of these cases.
    keys = [case.encode() for case in cases]
    assert not await pool.fetch("SELECT reason FROM dead_letter WHERE key = ANY($1)", keys)


async def work(admin: Brokers, pool: Pool, case: str) -> None:
    """Give a consumer something to read, and its relay something to send."""
    one = message(case, 1)
    async with AIOKafkaProducer(**admin.arguments) as producer:
        await producer.send_and_wait(
            "case-events", one.value, key=one.key, headers=list(one.headers)
        )
    async with pool.acquire() as connection, connection.transaction():
        record = OutboxRecord("review-events", case.encode(), [], b"{}")
        await outbox.write(connection, [record])


async def withdraw(kafka: SecuredKafka, user: str, right: Right) -> None:
    await change(kafka, DeleteAclsRequest, Rule.granting(f"User:{user}", right))


async def withdraw_all(kafka: SecuredKafka) -> None:
    for user in ACCESS.values():
        for right in user.rights:
            await change(kafka, DeleteAclsRequest, Rule.granting(user.principal, right))


async def change(
    kafka: SecuredKafka, request: type[CreateAclsRequest | DeleteAclsRequest], rule: Rule
) -> None:
    async with administering(kafka.brokers) as admin:
        await admin._send_request(request(*rule.arguments))
