"""The invented authority promises its periods in time by a clock of its own, and says so."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from deploy.demo import promising, proving
from deploy.demo.errors import NotInProduction
from deploy.demo.promising import promise
from deploy.local.infrastructure import Addresses
from services.controlling.figures.footnotes import Note, footnotes
from services.controlling.figures.store import sample_in_file, sample_in_register
from services.controlling.handlers import CaseEvents
from services.controlling.periods.errors import SimulatedInProduction
from services.controlling.periods.opening import Periods
from services.controlling.periods.store import require_real
from services.controlling.proof.export import export, verify_file
from services.controlling.proof.verification import SIMULATED
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import (
    FRAME,
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

FIRST, LAST = date(2026, 1, 5), date(2026, 2, 1)
IN_JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)


async def promised(pool: Pool) -> CaseEvents:
    """Promise the weeks; gives a handler of a service that runs beside it."""
    periods = Periods(SEED_KEY, policy("0.5"))
    await promise(pool, SEED_KEY, policy("0.5"), FIRST, LAST)
    return CaseEvents(FRAME, periods)


async def closed(pool: Pool, file: Path) -> None:
    await apply(pool, await promised(pool), *(decided(n, IN_JANUARY) for n in range(20)))
    await closer(pool).close("2026-01", datetime.now(UTC))
    await export(pool, "2026-01", file, bytes(32), ZONE)


async def test_all_three_happen_before_the_first_day_and_the_verifier_says_so(
    pool: Pool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "draw.jsonl"
    await closed(pool, file)
    report = verify_file(file)
    assert report.differences == ()
    for what in ("opened", "stamped", "witnessed"):
        assert f"{what} before the first day: yes" in report.times
    assert SIMULATED in report.times
    assert await proving.exported(pool, file, bytes(32), ZONE) == "2026-01"
    proving.tell(file)
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"the draw of 2026-01, 20 decisions: {file}"
    assert told[-1] == "the draw is what seed and policy give"


async def test_the_periods_of_the_weeks_are_promised_once(pool: Pool) -> None:
    await promised(pool)
    before = await pool.fetch("SELECT * FROM period ORDER BY key")
    assert [row["key"] for row in before] == ["2026-01", "2026-02"]
    assert all(row["simulated"] and row["witness"] and row["time_stamp"] for row in before)
    await promised(pool)
    assert await pool.fetch("SELECT * FROM period ORDER BY key") == before


@pytest.mark.parametrize("step", ["_open", "_stamp", "enter_witness"])
@pytest.mark.parametrize("done", [True, False])
async def test_a_run_that_was_killed_between_its_steps_is_finished_by_the_next_one(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, step: str, *, done: bool
) -> None:
    work = getattr(promising, step)

    async def killed(*arguments: object) -> None:
        if done:
            await work(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(promising, step, killed)
    with pytest.raises(KeyboardInterrupt):
        await promised(pool)
    monkeypatch.undo()
    before = await pool.fetch("SELECT key, commitment, witness FROM period ORDER BY key")
    await promised(pool)
    rows = await pool.fetch("SELECT * FROM period ORDER BY key")
    assert [row["key"] for row in rows] == ["2026-01", "2026-02"]
    assert all(row["simulated"] and row["witness"] and row["time_stamp"] for row in rows)
    kept = {row["key"]: row for row in rows}
    for row in before:
        assert kept[row["key"]]["commitment"] == row["commitment"]
        assert row["witness"] in (None, kept[row["key"]]["witness"])


async def test_a_period_that_has_begun_when_a_run_was_killed_stays_not_witnessed(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(promising, "_stamp", killed)
    with pytest.raises(KeyboardInterrupt):
        await promised(pool)
    monkeypatch.undo()
    await apply(pool, CaseEvents(FRAME, Periods(SEED_KEY, policy("0.5"))), decided(1, IN_JANUARY))
    await promised(pool)
    rows = await pool.fetch("SELECT key FROM period WHERE witness IS NULL")
    assert [row["key"] for row in rows] == ["2026-01"]


async def test_no_figure_pretends_that_the_clock_was_real(pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "draw.jsonl"
    await closed(pool, file)
    _, in_file = sample_in_file(file)
    for sample in (in_file, await sample_in_register(pool, "2026-01", ZONE)):
        notes = [one.note for one in footnotes(sample, [], "on_the_file")]
        assert Note.PROMISED_SIMULATED in notes


async def test_lists_say_simulated(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    await promised(pool)
    operator = Operator(stack, secrets, tmp_path)
    english = ("--language", "en")
    assert (await operator.does("list", *english)).count("simulated") == 2
    shown = await operator.does("show", "2026-01", *english)
    assert SIMULATED.removeprefix("its") in shown


async def test_a_simulated_period_is_due_by_no_clock_of_ours(pool: Pool) -> None:
    """Its days of grace are over, and its decisions are still to come."""
    await promised(pool)
    now = datetime.now(UTC) + timedelta(days=400)
    await closer(pool).close_due(now, holding_of(pool, Loop.PERIOD_CLOSER))
    assert await pool.fetchval("SELECT count(*) FROM period WHERE closed_at IS NULL") == 2


async def test_the_mark_stays_whoever_would_take_it_away(pool: Pool, stack: Addresses) -> None:
    await promised(pool)
    owner = await asyncpg.connect(stack.database_url)
    for connection in (pool, owner):
        with pytest.raises(asyncpg.RaiseError, match="simulated, for good"):
            await connection.execute("UPDATE controlling.period SET simulated = false")
    await owner.close()


async def test_production_neither_sets_a_clock_nor_starts_where_one_was_set(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await require_real(pool)
    await promised(pool)
    with pytest.raises(SimulatedInProduction, match="2026-01, 2026-02"):
        await require_real(pool)
    monkeypatch.setenv("GLEICHFALL_PRODUCTION", "true")
    with pytest.raises(NotInProduction):
        await promised(pool)
