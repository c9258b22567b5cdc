"""The local stack is made of real parts that clients can use, and that keep their data."""

import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import lock
from deploy.local.errors import DirectoryInUse
from deploy.local.folder import Folder
from deploy.local.infrastructure import Addresses, Infrastructure

pytestmark = pytest.mark.stack


async def test_a_record_survives_the_way_through_kafka(stack: Addresses) -> None:
    await _create_topic(stack.kafka_bootstrap_servers, "local-stack-round-trip")
    await _send(stack.kafka_bootstrap_servers, "local-stack-round-trip", b"hello")
    assert await _first(stack.kafka_bootstrap_servers, "local-stack-round-trip") == b"hello"


async def test_kafka_creates_no_topic_that_nobody_declared(stack: Addresses) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await admin.start()
    try:
        await admin.describe_topics(["undeclared"])
        assert "undeclared" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_the_database_takes_only_its_password(stack: Addresses) -> None:
    connection = await asyncpg.connect(stack.database_url)
    assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(stack.database_url, password="guessed")


async def test_the_database_orders_and_folds_german_text(stack: Addresses) -> None:
    connection = await asyncpg.connect(stack.database_url)
    assert await connection.fetchval("SELECT lower('ÄÖÜ') || upper('straße')") == "äöüSTRAßE"
    await connection.close()


def test_a_mail_becomes_a_file_with_its_envelope(stack: Addresses) -> None:
    assert stack.maildir is not None
    host, port = stack.smtp_url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.sendmail(
            "amt@example.org", ["frau@example.org"], "Subject: Termin\r\n\r\nGrüße".encode()
        )
    mails = [path.read_bytes() for path in (stack.maildir / "new").iterdir()]
    expected = (
        b"Return-Path: <amt@example.org>\r\nDelivered-To: frau@example.org\r\nSubject: Termin"
    )
    assert any(mail.startswith(expected) and "Grüße".encode() in mail for mail in mails)


def test_two_stacks_share_no_data(stack: Addresses) -> None:
    assert stack.maildir is not None
    with (
        pytest.raises(DirectoryInUse, match="in use by another run"),
        lock.FileLock(Folder(stack.maildir.parent).data_lock),
    ):
        pass


def test_given_addresses_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    given = {
        "KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092",
        "DATABASE_URL": "postgresql://db.example/x",
        "SMTP_URL": "smtp://mail.example",
    }
    infrastructure = Infrastructure(tmp_path, environment=given)
    with infrastructure as addresses:
        assert infrastructure.children == []
        assert addresses.kafka_bootstrap_servers == given["KAFKA_BOOTSTRAP_SERVERS"]
        assert addresses.database_url == given["DATABASE_URL"]
        assert addresses.smtp_url == given["SMTP_URL"]
        assert addresses.maildir is None


@pytest.mark.chaos
async def test_a_killed_stack_leaves_no_process_and_starts_again_with_its_data(
    tmp_path: Path,
) -> None:
    supervisor = _start_apart(tmp_path)
    try:
        servers, database_url = _addresses_of(supervisor)
        await _create_topic(servers, "kept")
        await _send(servers, "kept", b"before the power cut")
        connection = await asyncpg.connect(database_url)
        await connection.execute("CREATE TABLE kept AS SELECT 'before the power cut' AS words")
    finally:
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()
    with Infrastructure(tmp_path, environment={}) as addresses:
        assert addresses.kafka_bootstrap_servers == servers, "the ports are remembered"
        assert await _first(servers, "kept") == b"before the power cut"
        connection = await asyncpg.connect(addresses.database_url)
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SELECT words FROM kept") == "before the power cut"
        await connection.close()


def _start_apart(directory: Path) -> subprocess.Popen[str]:
    """Start the infrastructure in a process of its own, which prints its addresses."""
    program = """
        import sys, time
        from pathlib import Path
        from deploy.local.infrastructure import Infrastructure
        with Infrastructure(Path(sys.argv[1]), environment={}) as addresses:
            print(addresses.kafka_bootstrap_servers, addresses.database_url, flush=True)
            time.sleep(600)
    """
    command = [sys.executable, "-c", dedent(program), str(directory)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())


def _addresses_of(supervisor: subprocess.Popen[str]) -> tuple[str, str]:
    assert supervisor.stdout is not None
    servers, database_url = supervisor.stdout.readline().split()
    return servers, database_url


async def _create_topic(servers: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def _send(servers: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def _first(servers: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=servers, group_id="local-stack-test", auto_offset_reset="earliest"
    )
    async with consumer:
        message = await consumer.getone()
    value: bytes = message.value
    return value
