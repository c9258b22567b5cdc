"""Periods are opened and stamped before their first day; what was opened late stays late."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.demo.time_stamps import Authority
from deploy.local.infrastructure import Addresses
from services.controlling.handlers import CaseEvents
from services.controlling.periods.deadlines import is_before
from services.controlling.periods.opening import Opener, Periods
from services.controlling.policy.announcing import schedule
from services.controlling.policy.calendar import PeriodLength
from services.controlling.policy.policy import Policy
from services.controlling.policy.timeline import PolicyTooLate
from services.controlling.proof.export import export, verify_file
from services.controlling.stamps.stamping import Stamper
from shared.events.catalogue.review import ReviewPeriodOpened
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import (
    FRAME,
    MAY,
    SEED_KEY,
    ZONE,
    Operator,
    apply,
    closer,
    decided,
    holding_of,
    policy,
)

pytestmark = pytest.mark.stack

NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
AHEAD = timedelta(days=35)
QUARTERS = Policy(
    version="quarters",
    valid_from=date(2026, 7, 1),
    period=PeriodLength.QUARTER,
    default_rate=Decimal(1),
)


def opener(pool: Pool, periods: Periods | None = None, ahead: timedelta = AHEAD) -> Opener:
    holding = holding_of(pool, Loop.PERIOD_OPENER)
    return Opener(pool, periods or Periods(SEED_KEY, policy("0.5")), ahead, holding)


async def keys(pool: Pool) -> list[str]:
    return [row["key"] for row in await pool.fetch("SELECT key FROM period ORDER BY first_day")]


async def test_what_begins_soon_is_opened_once_and_announced(pool: Pool) -> None:
    await asyncio.gather(*(opener(pool).open_due(NOW) for _ in range(3)))
    assert await keys(pool) == ["2026-06"]
    [value] = [row["value"] for row in await pool.fetch("SELECT value FROM outbox")]
    announced = ReviewPeriodOpened.model_validate_json(value)
    assert (announced.period, announced.first_day) == ("2026-06", date(2026, 6, 1))
    await opener(pool).open_due(NOW + timedelta(days=15))
    assert await keys(pool) == ["2026-06", "2026-07"]


async def test_the_period_that_runs_and_one_about_to_begin_are_left_to_their_first_decision(
    pool: Pool,
) -> None:
    """It couldn't be said any more that they were promised before their first day."""
    await opener(pool).open_due(datetime(2026, 5, 31, 9, tzinfo=UTC))
    assert await keys(pool) == ["2026-07"]
    await opener(pool, ahead=timedelta(days=2)).open_due(datetime(2026, 7, 31, 8, tzinfo=UTC))
    assert await keys(pool) == ["2026-07", "2026-08"]


async def test_decisions_are_drawn_with_the_seed_that_was_promised_ahead(pool: Pool) -> None:
    periods = Periods(SEED_KEY, policy("0.5"))
    await opener(pool, periods).open_due(NOW)
    promised = await pool.fetchval("SELECT commitment FROM period")
    june = MAY + timedelta(days=30)
    await apply(pool, CaseEvents(FRAME, periods), *(decided(n, june) for n in range(20)))
    rows = await pool.fetch("SELECT key, commitment FROM period")
    assert [tuple(row) for row in rows] == [("2026-06", promised)]
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE period = '2026-06'") == 20


async def test_a_policy_can_take_effect_only_after_what_is_opened(pool: Pool) -> None:
    first = policy("0.5")
    await opener(pool, ahead=timedelta(days=60)).open_due(NOW)
    assert await keys(pool) == ["2026-06", "2026-07"]
    with pytest.raises(PolicyTooLate, match=r"2026-07 is opened, .* earliest day is 2026-08-01"):
        await schedule(pool, QUARTERS, first=first, zone=ZONE, now=NOW)
    later = QUARTERS.model_copy(update={"valid_from": date(2026, 10, 1)})
    await schedule(pool, later, first=first, zone=ZONE, now=NOW)
    await opener(pool).open_due(datetime(2026, 9, 20, 8, tzinfo=UTC))
    assert await keys(pool) == ["2026-06", "2026-07", "2026-Q4"]
    kept = await pool.fetchval("SELECT policy_version FROM period WHERE key = '2026-Q4'")
    assert kept == "quarters"


async def test_a_process_follows_the_policy_of_a_period_that_another_one_opened(
    pool: Pool,
) -> None:
    first = policy("0")
    here = Periods(SEED_KEY, first)
    await apply(pool, CaseEvents(FRAME, here), decided(1))
    await schedule(pool, QUARTERS, first=first, zone=ZONE, now=NOW)
    await opener(pool, Periods(SEED_KEY, first)).open_due(datetime(2026, 6, 20, tzinfo=UTC))
    july = datetime(2026, 7, 6, 8, tzinfo=UTC)
    await apply(pool, CaseEvents(FRAME, here), decided(2, july))
    assert await keys(pool) == ["2026-05", "2026-Q3"]
    assert here.policy_on(july.date()).version == "quarters"


async def test_opened_and_stamped_in_time_is_what_export_and_verifier_say(
    pool: Pool, tmp_path: Path
) -> None:
    """A period of a year to come, for what is opened is opened now."""
    authority = Authority()
    authority.at = datetime.now(UTC)
    now = datetime.now(UTC) + timedelta(days=400)
    await opener(pool).open_due(now)
    [key] = await keys(pool)
    with authority.serving() as url:
        holding = holding_of(pool, Loop.TIME_STAMPING)
        await Stamper(pool, url, [authority.root], holding).stamp_due()
    await closer(pool).close(key, now + timedelta(days=100))
    file = tmp_path / "draw.jsonl"
    await export(pool, key, file, bytes(32), ZONE)
    report = verify_file(file)
    assert report.differences == ()
    assert report.times[1:] == (
        "opened before the first day: yes",
        "stamped before the first day: yes",
        "witnessed before the first day: no",
        "the draw proves less: its seed was made by the authority's machine alone",
    )
    assert report.decisions == 0


async def test_a_month_without_a_decision_is_a_period_that_is_listed(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path)
    assert "2026-06" not in await operator.does("list")
    await opener(pool).open_due(NOW)
    assert "2026-06" in await operator.does("list")


async def test_a_period_of_an_imported_log_is_late_for_ever(pool: Pool, tmp_path: Path) -> None:
    await apply(pool, CaseEvents(FRAME, Periods(SEED_KEY, policy("0.5"))), decided(1))
    opened = await pool.fetchval("SELECT opened_at FROM period")
    assert not is_before(opened, date(2026, 5, 1))
    authority = Authority()
    authority.at = datetime.now(UTC)
    with authority.serving() as url:
        await Stamper(pool, url, [], holding_of(pool, Loop.TIME_STAMPING)).stamp_due()
    await closer(pool).close("2026-05", datetime.now(UTC))
    file = tmp_path / "draw.jsonl"
    await export(pool, "2026-05", file, bytes(32), ZONE)
    assert verify_file(file).times[-5:-3] == (
        "opened before the first day: no",
        "stamped before the first day: no",
    )


async def test_periods_from_before_are_verified_as_they_were_promised(
    pool: Pool, tmp_path: Path
) -> None:
    await apply(pool, CaseEvents(FRAME, Periods(SEED_KEY, policy("0.5"))), decided(1))
    closed = await closer(pool).close("2026-05", datetime.now(UTC))
    await pool.execute(
        "UPDATE period SET catalogue = NULL, commitment_form = 1,"
        " commitment = encode(sha256(decode($1, 'hex')), 'hex')",
        closed.seed,
    )
    file = tmp_path / "draw.jsonl"
    await export(pool, "2026-05", file, bytes(32), ZONE)
    report = verify_file(file)
    assert report.differences == ()
    assert report.times[-1].startswith("the commitment is to the seed alone")
