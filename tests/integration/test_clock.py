"""What can't be undone waits while the time can't be believed, and goes on once it can."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local.infrastructure import Addresses
from deploy.local.loopback import PLAIN
from services.controlling.handlers import CaseEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.opening import Periods
from shared.clock import clock as clocks
from shared.clock.clock import Clock
from shared.clock.errors import ClockDoubtful
from shared.events.event import encode
from shared.events.kafka_binding import to_kafka
from shared.kafka.topics import apply_topics
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import every, run_beside
from tests.administered import administered
from tests.figures import read_by
from tests.integration.controlling_helpers import FRAME, JUNE, ZONE, apply, decided, policy
from tests.integration.notify.service import free_port, new_database
from tests.integration.spine_helpers import CLI, Spine, empty_topics, gleichfall, send, until
from tests.integration.test_retention import AGE, message
from tests.runbooks import Follow, console

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

HOUR = timedelta(hours=1)
AGO = "UPDATE clock SET known = known - $1::interval"


@pytest.fixture(autouse=True)
async def _forgotten(pool: Pool) -> None:
    await pool.execute("DELETE FROM clock")


async def done(clock: Clock) -> bool:
    """Whether work that can't be undone was done."""
    worked = []

    async def work() -> bool:
        worked.append(True)
        return False

    await clock.sure(work)()
    return bool(worked)


async def test_an_even_clock_is_believed_and_remembered(pool: Pool) -> None:
    clock = Clock(pool)
    assert await done(clock)
    first = await pool.fetchval("SELECT known FROM clock")
    assert await done(clock)
    assert await pool.fetchval("SELECT known FROM clock") > first


async def test_a_start_33_days_later_is_not_believed_until_somebody_says_so(
    pool: Pool, stack: Addresses, tmp_path: Path, follow: Follow
) -> None:
    log = tmp_path / "security.log"
    await Clock(pool).require()
    await pool.execute(AGO, 33 * 24 * HOUR)
    for _ in range(2):  # a restart doesn't forget it
        with pytest.raises(ClockDoubtful, match="nothing has run since"):
            await done(Clock(pool))
    clock = Clock(pool)
    with pytest.raises(ClockDoubtful, match="gleichfall clock accept"):
        await done(clock)

    async with every_schema(stack), looked_at(Clock(pool)) as health:
        here = {"DATABASE_URL": stack.database_url, "GLEICHFALL_SECURITY_LOG": str(log)}
        figures = read_by(controlling=[health.readiness.tell])
        said = r"ops-7 +\W? *compared with"
        runbook = await follow("ClockDoubtful", console(here), figures, said)
        await runbook.look("nothing has run since")
        await runbook.do("is believed by intake, controlling, notify")
        await runbook.prove()
    assert await done(clock)
    assert await done(Clock(pool))
    kept = await pool.fetchval("SELECT accepted_by || ': ' || accepted_because FROM clock")
    assert kept == "ops-7: compared with ptbtime1.ptb.de, ticket 4711"
    assert administered(log) == ["time accepted"]


@asynccontextmanager
async def looked_at(clock: Clock) -> AsyncIterator[Health]:
    """Look at a clock beside the block, as a service does, but for how often."""
    health = Health()
    often = timedelta(milliseconds=100)
    rounds = every(often, clock.require, loop=Loop.CLOCK, health=health, limit=clocks.LIMIT)
    async with run_beside(health, Loop.CLOCK, rounds.run(), stop=rounds.stop):
        yield health


@asynccontextmanager
async def every_schema(stack: Addresses) -> AsyncIterator[None]:
    """Have a clock in all services, where only controlling has a schema."""
    owner = await asyncpg.connect(stack.database_url)
    for service in ("intake", "notify"):
        await owner.execute(f"CREATE SCHEMA IF NOT EXISTS {service}")
        await owner.execute(
            f"CREATE TABLE IF NOT EXISTS {service}.clock (LIKE controlling.clock INCLUDING ALL)"
        )
    try:
        yield
    finally:
        for service in ("intake", "notify"):
            await owner.execute(f"DROP SCHEMA {service} CASCADE")
        await owner.close()


async def test_a_clock_that_was_set_while_a_service_runs_is_seen_and_again_when_it_is_right(
    pool: Pool,
) -> None:
    ran = [timedelta()]
    clock = Clock(pool, running=lambda: ran[0])
    await clock.require()
    for jump, said in ((-HOUR, "set ahead"), (HOUR, "set back")):
        ran[0] = jump  # the machine ran less than the clock says, or longer
        with pytest.raises(ClockDoubtful, match=said):
            await done(clock)
        ran[0] = timedelta()
        assert await done(clock)


async def test_what_has_certainly_come_goes_on_evenly_while_a_clock_is_wrong(pool: Pool) -> None:
    ran = [timedelta()]
    clock = Clock(pool, running=lambda: ran[0])
    before = await clock.certain()
    ran[0] = HOUR
    with pytest.raises(ClockDoubtful, match="set back"):
        await clock.require()
    assert await clock.certain() == before + HOUR


async def test_after_a_start_with_a_wrong_clock_only_what_was_known_has_certainly_come(
    pool: Pool,
) -> None:
    await Clock(pool).require()
    await pool.execute(AGO, 33 * 24 * HOUR)
    assert await Clock(pool).certain() == await pool.fetchval("SELECT known FROM clock")


async def test_a_restart_does_not_forget_that_the_clock_was_set(pool: Pool) -> None:
    ran = [timedelta()]
    clock = Clock(pool, running=lambda: ran[0])
    await clock.require()
    await pool.execute(AGO, 24 * HOUR)
    ran[0] = -24 * HOUR
    with pytest.raises(ClockDoubtful):
        await clock.require()
    with pytest.raises(ClockDoubtful, match="was set ahead after"):
        await done(Clock(pool))
    # Once the clock is right again, it shows a time before the one that wasn't believed.
    await pool.execute("UPDATE clock SET doubted = doubted + $1::interval", HOUR)
    assert await done(Clock(pool))
    assert await pool.fetchval("SELECT doubted FROM clock") is None


async def test_a_start_before_what_was_known_is_not_believed(pool: Pool) -> None:
    await Clock(pool).require()
    await pool.execute(AGO, -2 * HOUR)
    with pytest.raises(ClockDoubtful, match="before"):
        await done(Clock(pool))


async def test_a_process_whose_clock_is_not_the_databases_holds_back(pool: Pool) -> None:
    clock = Clock(pool, own=lambda: datetime.now(UTC) + HOUR)
    with pytest.raises(ClockDoubtful, match="this machine's clock says"):
        await done(clock)
    assert await done(Clock(pool))  # put right, nobody has to say anything


async def test_no_period_is_closed_by_a_clock_that_nobody_believes(
    stack: Addresses, secrets: Path
) -> None:
    async with rested(stack, secrets, "controlling") as (environment, own):
        key = SecretStore(secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
        await apply(own, CaseEvents(FRAME, Periods(key, policy("0.5"))), decided(1))
        await own.execute("UPDATE period SET opened_at = opened_at - '60 days'::interval")
        async with served(environment, "controlling") as client:
            await until(lambda: _says(client, "period closer loop"), 60)
            assert await _says(client, "nothing has run since")
            assert await _open(own)
            await believe(environment)
            await until(lambda: _closed(own), 90)


async def test_a_late_decision_stands_in_the_month_that_was_believed_last(
    stack: Addresses, secrets: Path
) -> None:
    key = SecretStore(secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    async with rested(stack, secrets, "controlling") as (environment, own):
        await apply(own, CaseEvents(FRAME, Periods(key, policy("0.5"))), decided(1))
        await Closer(own, key, ZONE).close("2026-05", JUNE)
        await empty_topics(stack.kafka_bootstrap_servers)
        async with served(environment, "controlling"):
            late = encode(decided(2)._replace(sequence=1))
            await send(Spine(stack.kafka_bootstrap_servers, "", own), to_kafka(late))
            period = "SELECT period FROM decision WHERE late"
            await until(lambda: own.fetchval(period), 90)
        known: datetime = await own.fetchval("SELECT known FROM clock")
        assert await own.fetchval(period) == f"{known.astimezone(ZONE):%Y-%m}"


async def test_no_message_ends_and_no_row_is_emptied_by_a_clock_that_nobody_believes(
    stack: Addresses, secrets: Path
) -> None:
    async with rested(stack, secrets, "notify") as (environment, own):
        assert AGE is not None
        useless, old = await message(own, None), await message(own, AGE + HOUR)
        await own.execute(f"UPDATE message SET expires_at = now() WHERE id = '{useless}'")
        ended = f"SELECT state = 'expired' FROM message WHERE id = '{useless}'"
        emptied = f"SELECT contact_ref IS NULL FROM message WHERE id = '{old}'"
        async with served(environment, "notify") as client:
            for loop in (Loop.UPKEEP, Loop.RETENTION):
                await until(partial(_says, client, f"{loop} loop"), 60)
            assert not await own.fetchval(ended)
            assert not await own.fetchval(emptied)
            await believe(environment)
            for done in (ended, emptied):
                await until(partial(own.fetchval, done), 90)


@asynccontextmanager
async def rested(
    stack: Addresses, secrets: Path, service: str
) -> AsyncIterator[tuple[dict[str, str], Pool]]:
    """A database of its own of which a service believed the time 33 days ago."""
    database_url = await new_database(stack, f"clock_of_{service}")
    await migrate(database_url, secrets)
    await apply_topics(stack.brokers)
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "SMTP_URL": stack.smtp_url,
    }
    password = SecretStore(secrets).text(SecretName(f"{service}_database_password"))
    url = service_url(database_url, service, password.get_secret_value())
    async with await open_pool(url, service=service) as own:
        await Clock(own).require()
        await own.execute(AGO, 33 * 24 * HOUR)
        yield environment, own


async def believe(environment: dict[str, str]) -> None:
    told = ("--by", "ops-7", "--reason", "moved")
    code, _, err = await gleichfall(environment, "clock", "accept", *told)
    assert code == 0, err


async def _says(client: httpx.AsyncClient, text: str) -> bool:
    try:
        return text in (await client.get("/readyz")).text
    except httpx.TransportError:
        return False


async def _open(pool: Pool) -> bool:
    return bool(
        await pool.fetchval("SELECT NOT EXISTS (SELECT FROM period WHERE closed_at IS NOT NULL)")
    )


async def _closed(pool: Pool) -> bool:
    return not await _open(pool)


@asynccontextmanager
async def served(environment: dict[str, str], service: str) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *CLI, "serve", service, "--port", str(port), env=environment
    )
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, trust_env=False, verify=PLAIN) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()
