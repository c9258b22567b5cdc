"""A third party says since when heads were there: each register's last, and the audit log's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from deploy.demo.time_stamps import Authority
from deploy.local.infrastructure import Addresses
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing, head_of
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.gauges.loop import tell_periods
from services.controlling.proof.export import export, untrusted, verify_file
from services.controlling.proof.pages import add_public_pages
from services.controlling.stamps.errors import TimeStampServiceAway
from services.controlling.stamps.stamping import Stamper
from shared.configuration.places import ORGANISATION
from shared.observe.gauges import UNSTAMPED_HEADS
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.security.time_stamps import REPLY, read
from tests.integration.controlling_helpers import (
    JUNE,
    ZONE,
    apply,
    case_events,
    chain,
    closer,
    decided,
    holding_of,
    policy,
)

pytestmark = pytest.mark.stack

PERIOD = "2026-05"
FIRST, SECOND = (datetime(2026, 5, day, 10, tzinfo=UTC) for day in (12, 13))
CALENDAR = Calendar.of(load_organisation(ORGANISATION))


@pytest.fixture
async def authority(pool: Pool) -> Authority:
    """A service that stamps at noon of the first day; eight decisions are chained."""
    await register(pool, *range(8))
    found = Authority()
    found.at = FIRST + timedelta(hours=2)
    return found


async def register(pool: Pool, *numbers: int) -> None:
    await apply(pool, case_events(policy("0.5")), *map(decided, numbers))
    await chain(pool)


async def publish(pool: Pool, day: datetime) -> str:
    """Publish the head of a day; gives its hash."""
    await HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS)).announce_due(day)
    found = await pool.fetchval("SELECT hash FROM register_head ORDER BY day DESC LIMIT 1")
    assert isinstance(found, bytes)
    return found.hex()


async def look_around(pool: Pool) -> None:
    """Do something that the audit log notes."""
    async with changing(pool) as change:
        change.note(Entry(None, "operator", Act.CHAIN_VERIFIED, "audit", {"number": 0}))


async def stamp(pool: Pool, authority: Authority) -> int:
    """Let the loop look once; gives for how many stamps it asked."""
    before = authority.asked
    with authority.serving() as url:
        holding = holding_of(pool, Loop.TIME_STAMPING)
        await Stamper(pool, url, [authority.root], holding).stamp_due()
    return authority.asked - before


async def stamped(pool: Pool) -> list[str]:
    """The heads of registers with a stamp."""
    rows = await pool.fetch("SELECT hash FROM head_stamp WHERE audit_number IS NULL")
    return [row["hash"].hex() for row in rows]


async def test_what_was_published_is_stamped_once(pool: Pool, authority: Authority) -> None:
    await stamp(pool, authority)
    assert await stamped(pool) == []
    head = await publish(pool, FIRST)
    assert await stamp(pool, authority) == 1
    assert await stamp(pool, authority) == 0
    assert await stamped(pool) == [head]
    kept = await pool.fetchval("SELECT time_stamp FROM head_stamp WHERE audit_number IS NULL")
    assert read(kept, head, [authority.root]).at == authority.at


async def test_a_head_that_was_not_stamped_in_its_time_is_left_to_the_next_one(
    pool: Pool, authority: Authority
) -> None:
    await publish(pool, FIRST)
    holding = holding_of(pool, Loop.TIME_STAMPING)
    with pytest.raises(TimeStampServiceAway, match="commitments and heads wait"):
        await Stamper(pool, "http://127.0.0.1:9/", [], holding).stamp_due()
    assert await holding.look() == set()
    await register(pool, 8, 9)
    last = await publish(pool, SECOND)
    await stamp(pool, authority)
    assert await stamped(pool) == [last]


async def test_a_simulated_register_gets_no_stamp(pool: Pool, authority: Authority) -> None:
    await publish(pool, FIRST)
    await pool.execute("UPDATE period SET simulated = true")
    await stamp(pool, authority)
    assert await stamped(pool) == []
    assert await lacking(pool) == 0


async def test_the_audit_log_is_stamped_once_a_day_if_it_went_on(
    pool: Pool, stack: Addresses, authority: Authority
) -> None:
    await look_around(pool)
    async with pool.acquire() as connection:
        end = await head_of(connection)
    await stamp(pool, authority)
    kept = await pool.fetch("SELECT hash, audit_number FROM head_stamp")
    assert [tuple(row) for row in kept] == [(end.hash, end.number)]
    await look_around(pool)
    assert await stamp(pool, authority) == 0
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("UPDATE controlling.head_stamp SET kept_at = now() - interval '25 h'")
    await owner.close()
    assert await stamp(pool, authority) == 1
    assert await pool.fetchval("SELECT max(audit_number) FROM head_stamp") == end.number + 1


async def test_nobody_can_change_a_stamp(pool: Pool, authority: Authority) -> None:
    await publish(pool, FIRST)
    await stamp(pool, authority)
    for statement in ("DELETE FROM head_stamp", "UPDATE head_stamp SET time_stamp = ''"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_export_holds_the_stamps_and_verifiers_read_them(
    pool: Pool, authority: Authority, tmp_path: Path
) -> None:
    await look_around(pool)
    await publish(pool, FIRST)
    await stamp(pool, authority)
    await register(pool, 8, 9)
    await publish(pool, SECOND)
    await closer(pool).close(PERIOD, JUNE)
    file = tmp_path / "draw.jsonl"
    await export(pool, PERIOD, file, bytes(32), ZONE)
    report = verify_file(file)
    async with pool.acquire() as connection:
        end = await head_of(connection)
    assert report.differences == ()
    assert report.times[-3:] == (
        "heads stamped by the day after theirs: 1 of 2",
        "stamped 2026-05-12 12:00:00 UTC: the register until entry 8",
        f"stamped 2026-05-12 12:00:00 UTC: the audit log until entry {end.number}",
    )
    assert list(untrusted(report, [authority.root])) == []
    [head, audit] = untrusted(report, [Authority().root])
    assert head.startswith("head of 2026-05-12: the time stamp can't be used")
    assert audit.startswith("audit log: the time stamp can't be used")


async def test_without_stamps_an_export_is_as_it_was(
    pool: Pool, authority: Authority, tmp_path: Path
) -> None:
    await publish(pool, FIRST)
    await closer(pool).close(PERIOD, JUNE)
    file = tmp_path / "draw.jsonl"
    await export(pool, PERIOD, file, bytes(32), ZONE)
    assert b'"format":"gleichfall-draw-3"' in file.read_bytes()
    assert authority.asked == 0


async def test_everybody_gets_the_stamp_beside_its_head(pool: Pool, authority: Authority) -> None:
    head = await publish(pool, FIRST)
    await stamp(pool, authority)
    app = FastAPI()
    app.state.pool = pool
    add_public_pages(app, load_organisation(ORGANISATION))
    address = f"/draws/{PERIOD}/heads/2026-05-12.tsr"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as visitor:
        assert address in (await visitor.get(f"/draws/{PERIOD}")).text
        given = await visitor.get(address)
        assert (given.status_code, given.headers["content-type"]) == (200, REPLY)
        assert read(given.content, head, [authority.root]).at == authority.at
        for other in (f"/draws/{PERIOD}/heads/2026-05-13.tsr", "/draws/x/heads/2026-05-12.tsr"):
            assert (await visitor.get(other)).status_code == 404
        assert (await visitor.get(f"/draws/{PERIOD}/heads/today.tsr")).status_code == 422


async def test_what_has_lacked_its_stamp_for_a_day_is_told_where_stamps_are_wanted(
    pool: Pool, authority: Authority
) -> None:
    now = datetime.now(UTC)
    await publish(pool, now - timedelta(days=3))
    assert await lacking(pool) == 1
    assert await lacking(pool, wanted=False) == 0
    await stamp(pool, authority)
    assert await lacking(pool) == 0
    await register(pool, 8)
    await publish(pool, now - timedelta(days=1))
    assert await lacking(pool) == 0, "that is not long ago"


async def lacking(pool: Pool, *, wanted: bool = True) -> float:
    await tell_periods(pool, CALENDAR, stamps_wanted=wanted)
    [found] = UNSTAMPED_HEADS.collect()
    return found.samples[0].value
