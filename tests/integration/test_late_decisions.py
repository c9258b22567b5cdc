"""What comes when its own period is closed is drawn in the open one, in strata of its own."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from services.controlling.figures.period import Asked, period_figures
from services.controlling.figures.report import as_object
from services.controlling.figures.reviews import ON_THE_FILE, read_reviews
from services.controlling.figures.store import sample_in_file, sample_in_register
from services.controlling.handlers import CaseEvents
from services.controlling.periods.draw import Sampler
from services.controlling.periods.opening import Periods
from services.controlling.policy.policy import Policy
from services.controlling.proof.export import export, verify_file
from services.controlling.reviews.opening import ReviewOpener
from shared.configuration.places import ORGANISATION, ROOT
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event
from shared.events.vocabulary import DrawReason
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.security.encryption import decrypt
from tests.integration.controlling_helpers import (
    FRAME,
    JUNE,
    SEED_KEY,
    ZONE,
    apply,
    case_events,
    closer,
    decided,
    decision_id,
    holding_of,
    policy,
)

pytestmark = pytest.mark.stack

VERIFIER = ROOT / "docs" / "guide" / "auditors" / "verify.py"
NOW = datetime.now(ZONE)
OPEN = f"{NOW:%Y-%m}"
AFTERWARDS = NOW.astimezone(UTC) + timedelta(days=40)


def late_at(rate: str, others: str = "0.3") -> Policy:
    update = {"late_rate": Decimal(rate), "version": f"late-{rate}-{others}"}
    return policy(others).model_copy(update=update)


WHOLE, HALF = late_at("1"), late_at("0.5")


async def late(pool: Pool) -> dict[str, asyncpg.Record]:
    rows = await pool.fetch("SELECT * FROM decision WHERE late")
    return {row["decision_id"]: row for row in rows}


async def after_the_close(pool: Pool, in_force: Policy, *events: Event) -> list[Event]:
    """Let decisions of May come when it is closed."""
    handler = case_events(in_force)
    await apply(pool, handler, *(decided(n) for n in range(1, 10)))
    await closer(pool).close("2026-05", JUNE)
    return await apply(pool, handler, *events)


async def test_it_stands_in_the_open_period_and_all_of_it_is_drawn(pool: Pool) -> None:
    published = await after_the_close(pool, WHOLE, *(decided(n) for n in range(10, 30)))
    rows = await late(pool)
    assert rows.keys() == {decision_id(n) for n in range(10, 30)}
    assert {row["period"] for row in rows.values()} == {OPEN}
    assert {row["stratum"].split("/")[0] for row in rows.values()} == {"late"}
    assert {row["type_group"] for row in rows.values()} == {"work"}
    drawn = [one.data for one in published if isinstance(one.data, DecisionDrawn)]
    assert {one.decision_id for one in drawn} == rows.keys()
    assert {(one.reasons, one.inclusion_probability) for one in drawn} == {((DrawReason.LATE,), 1)}
    sealed = await pool.fetchval("SELECT sealed_seed FROM period WHERE key = $1", OPEN)
    sampler = Sampler(decrypt(SEED_KEY, sealed, OPEN))
    assert all(row["ticket"] == sampler.ticket(one) for one, row in rows.items())


async def in_mid_june() -> datetime:
    """Give what is known of the time, whatever the clock says."""
    return datetime(2026, 6, 15, tzinfo=UTC)


async def test_it_stands_in_the_period_of_the_day_that_has_certainly_come(pool: Pool) -> None:
    await after_the_close(pool, WHOLE)
    handler = CaseEvents(FRAME, Periods(SEED_KEY, WHOLE), certain=in_mid_june)
    await apply(pool, handler, decided(10))
    assert [row["period"] for row in (await late(pool)).values()] == ["2026-06"]
    assert not await pool.fetchval("SELECT count(*) FROM period WHERE key > '2026-06'")


async def test_its_rate_is_the_policys_whatever_the_rules_for_others_are(pool: Pool) -> None:
    await after_the_close(pool, HALF, *(decided(n) for n in range(10, 80)))
    rows = (await late(pool)).values()
    assert all(row["drawn"] == (row["ticket"] < "0.5") for row in rows)
    assert 0 < sum(row["drawn"] for row in rows) < 70


async def test_a_mixed_batch_puts_each_where_it_belongs(pool: Pool) -> None:
    this_month = datetime.now(UTC)
    await after_the_close(pool, WHOLE, decided(10), decided(11, this_month), decided(12))
    assert (await late(pool)).keys() == {decision_id(10), decision_id(12)}
    assert await pool.fetchval("SELECT count(*) FROM decision WHERE period = $1", OPEN) == 3


async def test_its_review_is_for_who_knows_its_type(pool: Pool) -> None:
    await after_the_close(pool, WHOLE, decided(10))
    calendar = Calendar.of(load_organisation(ORGANISATION))
    opener = ReviewOpener(pool, calendar, holding_of(pool, Loop.REVIEWS), lambda: None)
    await opener.look()
    row = await pool.fetchrow(
        "SELECT decision_group, unit FROM review WHERE decision_id = $1", decision_id(10)
    )
    assert row is not None
    assert (row["decision_group"], row["unit"]) == ("work", "unit-3")


async def test_both_verifiers_confirm_a_period_with_what_came_late(
    pool: Pool, tmp_path: Path
) -> None:
    this_month = datetime.now(UTC)
    others = (decided(n, this_month) for n in range(100, 160))
    await after_the_close(pool, HALF, *(decided(n) for n in range(10, 40)), *others)
    closed = await closer(pool).close(OPEN, AFTERWARDS)
    assert sum(one.size for one in closed.strata if one.stratum.startswith("late/")) == 30
    file = tmp_path / "draw.jsonl"
    await export(pool, OPEN, file, bytes(32), ZONE)
    report = verify_file(file)
    assert (report.differences, report.late) == ((), 30)
    verifier = await asyncio.create_subprocess_exec(
        sys.executable, VERIFIER, file, stdout=asyncio.subprocess.PIPE
    )
    said = (await verifier.communicate())[0].decode()
    assert verifier.returncode == 0, said
    assert f"{report.decisions} decisions, {report.drawn} drawn, 30 late" in said


async def test_it_stands_in_no_rate_and_in_the_footnotes_of_both_periods(
    pool: Pool, tmp_path: Path
) -> None:
    this_month = datetime.now(UTC)
    others = [decided(n, this_month) for n in range(100, 110)]
    await after_the_close(
        pool, late_at("1", others="1"), *(decided(n) for n in range(10, 18)), *others
    )
    await closer(pool).close(OPEN, AFTERWARDS)
    numbers = (*range(10, 18), *range(100, 110))
    rows = "".join(f"{decision_id(n)},{'wrong' if n < 100 else 'correct'}\n" for n in numbers)
    (tmp_path / "reviews.csv").write_text(f"decision,on_the_file\n{rows}")
    reviews = read_reviews(tmp_path / "reviews.csv", ON_THE_FILE, always=True)
    await export(pool, OPEN, tmp_path / "draw.jsonl", bytes(32), ZONE)
    for sample in (
        await sample_in_register(pool, OPEN, ZONE),
        sample_in_file(tmp_path / "draw.jsonl")[1],
    ):
        assert (len(sample.drawn), sum(sample.sizes.values())) == (10, 10)
        notes = as_object(period_figures(sample, reviews, Asked()))["footnotes"]
        assert any(one.startswith("8 decisions of earlier periods came") for one in notes)
        assert not any("another cause" in one for one in notes)
    may = await sample_in_register(pool, "2026-05", ZONE)
    assert len(may.late.elsewhere) == 8
    assert may.closed_early


async def test_rows_from_before_stay_as_they_are(pool: Pool, tmp_path: Path) -> None:
    await after_the_close(pool, WHOLE)
    await pool.execute(
        "UPDATE period SET closed_entries = NULL"
    )  # from before registers were chained
    await pool.execute(
        "INSERT INTO decision (decision_id, case_ref, period, stratum, type_code, ticket,"
        " inclusion_probability, drawn, policy_version, late, decided_at)"
        " SELECT $1, case_ref, period, stratum, type_code, $2, 0, false, policy_version, true,"
        " decided_at FROM decision WHERE decision_id = $3",
        decision_id(50),
        Sampler(
            decrypt(SEED_KEY, await pool.fetchval("SELECT sealed_seed FROM period"), "2026-05")
        ).ticket(decision_id(50)),
        decision_id(1),
    )
    file = tmp_path / "draw.jsonl"
    await export(pool, "2026-05", file, bytes(32), ZONE)
    report = verify_file(file)
    assert (report.differences, report.decisions, report.late) == ((), 9, 1)
    assert (await sample_in_register(pool, "2026-05", ZONE)).late.undrawn == 1
