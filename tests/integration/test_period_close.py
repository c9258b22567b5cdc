"""The end of a review period on a real database: topped up, revealed, exported, verified."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from deploy.command_line import gleichfall
from deploy.local.infrastructure import Addresses
from services.controlling.errors import PeriodOpen, PeriodUnknown
from services.controlling.handlers import CaseEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.commitment import Promised
from services.controlling.periods.errors import PeriodClosed, PeriodNotOver
from services.controlling.periods.opening import Periods
from services.controlling.policy.policy import Policy
from services.controlling.proof.errors import NoPeriodClosed
from services.controlling.proof.export import export, verify_file
from services.controlling.register.frame import Frame
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.review import DecisionDrawn, ReviewPeriodClosed
from shared.events.event import Event, new_event
from shared.events.vocabulary import Direction, DrawReason
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.pseudonyms import PseudonymKind
from shared.security.secrets import SecretName, SecretStore
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    NAMES,
    SEED_KEY,
    ZONE,
    apply,
    chain,
    holding_of,
    let_go,
)

pytestmark = pytest.mark.stack

SIGNING_KEY = bytes(range(1, 33))
MINIMUM = 3


def policy(version: str, rate: str) -> Policy:
    return Policy(version=version, default_rate=Decimal(rate), default_minimum=MINIMUM)


SPARSE = policy("sparse", "0.02")


def handler(in_force: Policy = SPARSE) -> CaseEvents:
    return CaseEvents(Frame(DecisionTypes.load(), ZONE), Periods(SEED_KEY, in_force))


def decided(number: int, at: datetime = MAY) -> Event:
    decision = DecisionMade.model_validate({
        "decision_id": NAMES.of(PseudonymKind.DECISION, str(number)),
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE if number % 3 else Direction.FAVOURABLE,
        "unit": f"unit-{number % 4 + 1}",
        "decider": "decider-" + NAMES.of(PseudonymKind.CASE, str(number)).removeprefix("case-"),
    })  # fmt: skip
    return new_event(
        "urn:gleichfall:test", NAMES.of(PseudonymKind.CASE, str(number)), decision, time=at
    )


def closer(pool: Pool) -> Closer:
    return Closer(pool, SEED_KEY, ZONE)


async def drawn(pool: Pool) -> dict[str, asyncpg.Record]:
    rows = await pool.fetch("SELECT * FROM draw JOIN decision USING (decision_id)")
    return {row["decision_id"]: row for row in rows}


async def test_every_stratum_reaches_its_minimum_with_its_own_decisions(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(200)))
    closed = await closer(pool).close("2026-05", JUNE)
    rows = await drawn(pool)
    per_stratum = Counter(row["stratum"] for row in rows.values())
    assert {count.stratum: count.drawn for count in closed.strata} == per_stratum
    assert len(closed.strata) == 8
    assert all(count.drawn >= MINIMUM for count in closed.strata)
    assert sum(count.size for count in closed.strata) == 200
    for stratum in per_stratum:
        tickets = await pool.fetch(
            "SELECT drawn FROM decision WHERE stratum = $1 ORDER BY ticket", stratum
        )
        assert all(row["drawn"] for row in tickets[: per_stratum[stratum]])


async def test_a_topped_up_decision_knows_its_decider_and_nobody_elses_is_kept(
    pool: Pool,
) -> None:
    events = [decided(number) for number in range(200)]
    for start in range(0, 200, 7):
        await apply(pool, handler(), *events[start : start + 7])
    kept = await pool.fetchval("SELECT count(*) FROM candidate")
    assert kept < 150
    await closer(pool).close("2026-05", JUNE)
    deciders = {event.data.decision_id: event.data.decider for event in events}  # type: ignore[attr-defined]
    rows = await drawn(pool)
    assert any(row["reasons"] == ["top_up"] for row in rows.values())
    assert all(row["decider"] == deciders[name] for name, row in rows.items())
    assert await pool.fetchval("SELECT count(*) FROM candidate") == 0


async def test_the_close_publishes_the_promised_seed_and_the_new_draws(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(40)))
    promised = await pool.fetchval("SELECT commitment FROM period")
    before = await pool.fetchval("SELECT count(*) FROM outbox")
    closed = await closer(pool).close("2026-05", JUNE)
    kept = await pool.fetchrow("SELECT policy, catalogue, first_day, last_day FROM period")
    assert kept is not None
    parts = (kept["policy"], kept["catalogue"], kept["first_day"], kept["last_day"])
    assert Promised(bytes.fromhex(closed.seed), *parts).commitment == promised
    topped_up = [r for r in (await drawn(pool)).values() if r["reasons"] == ["top_up"]]
    assert await pool.fetchval("SELECT count(*) FROM outbox") == before + len(topped_up) + 1
    values = [row["value"] for row in await pool.fetch("SELECT value FROM outbox ORDER BY id")]
    assert ReviewPeriodClosed.model_validate_json(values[-1]) == closed
    announced = DecisionDrawn.model_validate_json(values[-2])
    count = next(count for count in closed.strata if count.stratum == announced.stratum)
    assert announced.reasons == (DrawReason.TOP_UP,)
    assert announced.inclusion_probability == count.drawn / count.size


async def test_a_period_is_not_closed_before_its_last_day_is_over(pool: Pool) -> None:
    await apply(pool, handler(), decided(1))
    last_minute = datetime(2026, 5, 31, 21, 59, tzinfo=UTC)  # 23:59 in Karlsruhe
    with pytest.raises(PeriodNotOver, match="2026-05-31"):
        await closer(pool).close("2026-05", last_minute)
    await closer(pool).close("2026-05", last_minute + timedelta(minutes=1))


async def test_a_closed_period_is_never_closed_again_or_reopened(pool: Pool) -> None:
    await apply(pool, handler(), decided(1))
    await closer(pool).close("2026-05", JUNE)
    with pytest.raises(PeriodClosed, match="reopened"):
        await closer(pool).close("2026-05", JUNE)
    with pytest.raises(PeriodUnknown):
        await closer(pool).close("2026-04", JUNE)


async def test_of_rivals_one_closes(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(30)))
    results = await asyncio.gather(
        *(closer(pool).close("2026-05", JUNE) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, ReviewPeriodClosed) for result in results) == 1
    assert sum(isinstance(result, PeriodClosed) for result in results) == 3


async def test_a_period_whose_policy_cannot_be_read_is_held_and_the_others_close(
    pool: Pool,
) -> None:
    await apply(pool, handler(), decided(1))
    kept = await pool.fetchval("SELECT policy FROM period")
    await apply(pool, handler(), decided(2, MAY - timedelta(days=60)))
    await pool.execute("UPDATE period SET policy = '{}' WHERE key = '2026-03'")
    late = MAY + timedelta(days=365)

    for _ in range(2):  # the second one is a process that was started again
        await closer(pool).close_due(late, holding_of(pool, Loop.PERIOD_CLOSER))

    holding = holding_of(pool, Loop.PERIOD_CLOSER)
    assert await holding.look() == {"2026-03"}
    assert await still_open(pool) == ["2026-03"]
    [held] = await pool.fetch("SELECT reason, attempts FROM held_item")
    assert held["reason"].startswith("ValidationError of Policy: version (missing)")
    assert held["attempts"] == 1

    await pool.execute("UPDATE period SET policy = $1 WHERE key = '2026-03'", kept)
    await let_go(pool)
    await closer(pool).close_due(late, holding)

    assert await still_open(pool) == []
    assert await pool.fetchval("SELECT state FROM held_item") == "done"


async def still_open(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT key FROM period WHERE closed_at IS NULL")
    return [row["key"] for row in rows]


async def test_periods_close_by_themselves_after_their_days_of_grace(pool: Pool) -> None:
    await apply(pool, handler(), decided(1))
    opened = await pool.fetchval("SELECT opened_at FROM period")
    due = max(opened, datetime(2026, 5, 31, 22, tzinfo=UTC)) + timedelta(days=7)
    holding = holding_of(pool, Loop.PERIOD_CLOSER)
    await closer(pool).close_due(due - timedelta(seconds=1), holding)
    assert await pool.fetchval("SELECT closed_at FROM period") is None
    await closer(pool).close_due(due, holding)
    assert await pool.fetchval("SELECT closed_at FROM period") == due
    await closer(pool).close_due(due, holding)
    assert await holding.look() == set()


async def test_a_registration_under_way_is_waited_for(pool: Pool) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(10)))
    async with pool.acquire() as connection, connection.transaction():
        await handler()([decided(10)], Transaction(connection))
        closing = asyncio.create_task(closer(pool).close("2026-05", JUNE))
        await asyncio.sleep(0.2)
        assert not closing.done()
    closed = await closing
    assert sum(count.size for count in closed.strata) == 11


async def test_a_period_keeps_the_policy_it_opened_with(pool: Pool) -> None:
    await apply(pool, handler(policy("old", "0.5")), decided(1))
    changed = handler(policy("new", "1"))
    await apply(pool, changed, decided(2), decided(3, MAY + timedelta(days=31)))
    rows = await pool.fetch(
        "SELECT period, policy_version, inclusion_probability FROM decision ORDER BY period"
    )
    assert [tuple(row) for row in rows] == [
        ("2026-05", "old", Decimal("0.5")),
        ("2026-05", "old", Decimal("0.5")),
        ("2026-06", "new", Decimal(1)),
    ]


async def test_the_export_of_a_closed_period_is_confirmed(pool: Pool, tmp_path: Path) -> None:
    case_events = handler()
    await apply(pool, case_events, *(decided(number) for number in range(200)))
    await closer(pool).close("2026-05", JUNE)
    await chain(pool)
    file = tmp_path / "draw.jsonl"
    assert await export(pool, None, file, SIGNING_KEY, ZONE) == "2026-05"
    report = verify_file(file)
    assert report.differences == ()
    assert (report.decisions, report.late) == (200, 0)
    assert report.drawn == len(await drawn(pool))
    assert b"decider" not in file.read_bytes()


async def test_a_frame_changed_in_the_database_after_the_close_is_found(
    pool: Pool, tmp_path: Path
) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(40)))
    await closer(pool).close("2026-05", JUNE)
    victim = await pool.fetchval("SELECT min(decision_id) FROM draw")
    await pool.execute("DELETE FROM draw WHERE decision_id = $1", victim)
    await export(pool, "2026-05", tmp_path / "draw.jsonl", SIGNING_KEY, ZONE)
    report = verify_file(tmp_path / "draw.jsonl")
    assert any(str(one).startswith(f"{victim}: the draw gives") for one in report.differences)


async def test_only_a_closed_period_is_exported(pool: Pool, tmp_path: Path) -> None:
    file = tmp_path / "draw.jsonl"
    with pytest.raises(NoPeriodClosed):
        await export(pool, None, file, SIGNING_KEY, ZONE)
    await apply(pool, handler(), decided(1))
    with pytest.raises(PeriodOpen, match="draw close 2026-05"):
        await export(pool, "2026-05", file, SIGNING_KEY, ZONE)


async def test_an_operator_closes_exports_verifies_and_gets_figures_by_command(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    seed_key = SecretStore(secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    case_events = CaseEvents(Frame(DecisionTypes.load(), ZONE), Periods(seed_key, SPARSE))
    march = MAY.replace(year=2025, month=3)
    await apply(pool, case_events, *(decided(number, march) for number in range(30)))
    environment = {
        "DATABASE_URL": stack.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
    }
    file = str(tmp_path / "draw.jsonl")

    async def call(*words: str) -> str:
        runner = CliRunner(env=environment, catch_exceptions=False)
        answer = await asyncio.to_thread(runner.invoke, gleichfall, words)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    closed = await call("draw", "close", "2025-03", "--language", "en")
    assert closed.startswith("closed 2025-03: 30 decisions in 8 strata")
    assert "2025-03" in await call("draw", "export", "--last-closed", "--out", file)
    verified = await call("draw", "verify", file)
    assert verified.endswith("the draw is what seed and policy give\n")

    reviews = tmp_path / "reviews.csv"
    exported = (tmp_path / "draw.jsonl").read_text().splitlines()
    drawn = [json.loads(line) for line in exported[1:-1]]
    rows = [f"{one['decision']},wrong\n" for one in drawn if one["drawn"]]
    reviews.write_text("decision,on_the_file\n" + "".join(rows))
    question = ("stats", "period", "2025-03", str(reviews), "--json")
    registered = json.loads(await call(*question))
    assert (registered["whole"]["n"], registered["whole"]["population"]) == (len(rows), 30)
    assert json.loads(await call(*question, "--draw", file)) == registered
