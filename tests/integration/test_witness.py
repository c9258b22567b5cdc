"""Chance that others watched enters a period's draw: once, in time, before any ticket is made."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from deploy.demo.time_stamps import Authority
from deploy.local.infrastructure import Addresses
from deploy.local.status import unwitnessed
from services.controlling.errors import PeriodUnknown
from services.controlling.figures.footnotes import Note, footnotes
from services.controlling.figures.store import sample_in_file, sample_in_register
from services.controlling.handlers import CaseEvents
from services.controlling.periods import store
from services.controlling.periods.deadlines import first_begin
from services.controlling.periods.draw import TWICE, Sampler, as_threshold
from services.controlling.periods.entering import enter_witness
from services.controlling.periods.errors import (
    CommitmentUnstamped,
    DrawBegun,
    StampAhead,
    WitnessStands,
    WitnessTooLate,
)
from services.controlling.periods.opening import Opener, Periods
from services.controlling.periods.witness import Witness, mixed
from services.controlling.policy.policy import Policy
from services.controlling.proof.export import export, verify_file
from services.controlling.stamps.stamping import Stamper
from services.controlling.twins import store as twin_store
from services.controlling.twins.commands import differences
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from shared.events.catalogue.review import ReviewPeriodWitnessed
from shared.events.vocabulary import Direction, WitnessRole
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt
from tests.integration.controlling_helpers import (
    FRAME,
    MAY,
    SEED_KEY,
    ZONE,
    Operator,
    apply,
    closer,
    decided,
    decision_id,
    holding_of,
    policy,
)
from tests.integration.twin_helpers import ALIKE

pytestmark = pytest.mark.stack

KEY = "2026-06"
OPENED = datetime(2026, 5, 12, 8, tzinfo=UTC)
BEFORE = OPENED + timedelta(days=3)
FIRST_DAY = date(2026, 6, 1)
IN_JUNE = MAY + timedelta(days=30)
THROWN = "35126416235152364423"
WATCHED = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)
WAITING = """SELECT EXISTS (SELECT FROM pg_stat_activity
                            WHERE wait_event_type = 'Lock' AND query LIKE $1)"""


def witnessed(at: datetime = BEFORE, value: str = THROWN) -> Witness:
    return Witness(value, WATCHED, at)


async def promised(pool: Pool, in_force: Policy | None = None) -> Periods:
    """Open June ahead; gives what a service that runs already draws from."""
    periods = Periods(SEED_KEY, in_force or policy("0.5"))
    await Opener(pool, periods, timedelta(days=35), holding_of(pool, Loop.PERIOD_OPENER)).open_due(
        OPENED
    )
    await pool.execute("UPDATE period SET opened_at = $1", OPENED)
    async with pool.acquire() as connection, connection.transaction():
        await periods.draws({FIRST_DAY}, Transaction(connection))
    return periods


async def enter(pool: Pool, witness: Witness | None = None, *, unstamped: bool = True) -> None:
    await enter_witness(pool, KEY, witness or witnessed(), unstamped=unstamped)


async def seed_of(pool: Pool) -> bytes:
    sealed = await pool.fetchval("SELECT sealed_seed FROM period WHERE key = $1", KEY)
    return decrypt(SEED_KEY, sealed, KEY)


async def tickets(pool: Pool) -> dict[str, str]:
    rows = await pool.fetch("SELECT decision_id, ticket FROM decision WHERE period = $1", KEY)
    return {row["decision_id"]: row["ticket"] for row in rows}


async def is_waited(stack: Addresses, query: str) -> None:
    """Return once somebody waits for a lock with such a statement."""
    owner = await asyncpg.connect(stack.database_url)
    while not await owner.fetchval(WAITING, query):
        await asyncio.sleep(0)
    await owner.close()


async def test_a_running_service_makes_its_tickets_with_what_was_witnessed(pool: Pool) -> None:
    periods = await promised(pool)
    await enter(pool)
    await apply(pool, CaseEvents(FRAME, periods), *(decided(n, IN_JUNE) for n in range(30)))
    sampler = Sampler(mixed(await seed_of(pool), THROWN))
    assert await tickets(pool) == {
        decision_id(n): sampler.ticket(decision_id(n)) for n in range(30)
    }


async def test_that_it_was_witnessed_is_announced_with_roles_and_no_persons(pool: Pool) -> None:
    await promised(pool)
    await enter(pool)
    rows = await pool.fetch("SELECT value FROM outbox ORDER BY id")
    told = ReviewPeriodWitnessed.model_validate_json(rows[-1]["value"])
    assert (told.period, told.value, told.roles) == (KEY, THROWN, WATCHED)


async def test_a_period_is_witnessed_once_and_nobody_changes_it(
    pool: Pool, stack: Addresses
) -> None:
    await promised(pool)
    found = await asyncio.gather(
        *(enter(pool, witnessed(value=f"{THROWN}{n}")) for n in range(4)), return_exceptions=True
    )
    refused = [one for one in found if one is not None]
    assert [type(one) for one in refused] == [WitnessStands] * 3
    owner = await asyncpg.connect(stack.database_url)
    for change in (
        "witness = 'another00000000000000'",
        "witness = NULL",
        "witness_roles = '{}'",
        "witnessed_at = now()",
    ):
        for connection in (pool, owner):
            with pytest.raises(asyncpg.RaiseError, match="entered once, for good"):
                await connection.execute(f"UPDATE controlling.period SET {change}")
    await owner.close()


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (first_begin(FIRST_DAY) - timedelta(seconds=1), None),
        (first_begin(FIRST_DAY), WitnessTooLate),
        (IN_JUNE, WitnessTooLate),
        (IN_JUNE + timedelta(days=90), WitnessTooLate),
    ],
)
async def test_not_any_more_when_the_first_day_has_begun_anywhere_on_earth(
    pool: Pool, at: datetime, refusal: type[Exception] | None
) -> None:
    await promised(pool)
    if refusal is None:
        await enter(pool, witnessed(at))
        return
    with pytest.raises(refusal, match=r"began first on earth at 2026-05-31 10:00 UTC"):
        await enter(pool, witnessed(at))


async def test_a_period_that_nobody_promised_has_no_place_for_it(pool: Pool) -> None:
    with pytest.raises(PeriodUnknown):
        await enter(pool)


async def test_once_a_ticket_is_made_it_is_too_late_at_any_time(pool: Pool) -> None:
    periods = await promised(pool)
    await apply(pool, CaseEvents(FRAME, periods), decided(1, IN_JUNE))
    with pytest.raises(DrawBegun, match="stays not witnessed"):
        await enter(pool)
    assert await pool.fetchval("SELECT witness FROM period") is None


async def test_a_decision_that_is_being_registered_comes_first(
    pool: Pool, stack: Addresses
) -> None:
    handler = CaseEvents(FRAME, await promised(pool))
    async with pool.acquire() as connection, connection.transaction():
        await handler([decided(1, IN_JUNE)], Transaction(connection))
        entering = asyncio.create_task(enter(pool))
        await is_waited(stack, "%SELECT first_day, commitment%FOR UPDATE%")
    with pytest.raises(DrawBegun):
        await entering


async def test_a_decision_that_comes_while_it_is_entered_has_it_in_its_ticket(
    pool: Pool, stack: Addresses
) -> None:
    handler = CaseEvents(FRAME, await promised(pool))
    async with pool.acquire() as connection, connection.transaction():
        await store.hold_promise(connection, KEY)
        registering = asyncio.create_task(apply(pool, handler, decided(1, IN_JUNE)))
        await is_waited(stack, "%FOR KEY SHARE%")
        assert await store.keep_witness(connection, KEY, witnessed())
    await registering
    sampler = Sampler(mixed(await seed_of(pool), THROWN))
    assert await tickets(pool) == {decision_id(1): sampler.ticket(decision_id(1))}


async def stamp(pool: Pool, at: datetime) -> None:
    authority = Authority()
    authority.at = at
    with authority.serving() as url:
        await Stamper(pool, url, [], holding_of(pool, Loop.TIME_STAMPING)).stamp_due()


async def test_the_commitment_is_stamped_first_or_somebody_says_that_it_is_not(
    pool: Pool,
) -> None:
    await promised(pool)
    with pytest.raises(CommitmentUnstamped, match="--unstamped"):
        await enter(pool, unstamped=False)
    await stamp(pool, BEFORE + timedelta(hours=1))
    with pytest.raises(StampAhead, match="later than this machine's clock"):
        await enter(pool, unstamped=False)
    await enter(pool, witnessed(BEFORE + timedelta(hours=1)), unstamped=False)


async def test_what_was_witnessed_without_a_stamp_gets_none_afterwards(pool: Pool) -> None:
    """It would say nothing of what was there before the value."""
    await promised(pool)
    await enter(pool)
    await stamp(pool, BEFORE + timedelta(days=1))
    assert await pool.fetchval("SELECT time_stamp FROM period") is None


async def close_june(pool: Pool, file: Path) -> None:
    await closer(pool).close(KEY, IN_JUNE + timedelta(days=60))
    await export(pool, KEY, file, bytes(32), ZONE)


async def test_top_ups_and_second_reviews_follow_it_and_the_export_is_confirmed(
    pool: Pool, tmp_path: Path
) -> None:
    half = Decimal("0.5")
    twice = policy("0.2", minimum=6).model_copy(update={"double_reviews": half})
    periods = await promised(pool, twice)
    await stamp(pool, OPENED + timedelta(minutes=1))
    await enter(pool, unstamped=False)
    await apply(pool, CaseEvents(FRAME, periods), *(decided(n, IN_JUNE) for n in range(60)))
    file = tmp_path / "draw.jsonl"
    await close_june(pool, file)
    assert verify_file(file).differences == ()
    sampler = Sampler(mixed(await seed_of(pool), THROWN))
    rows = await pool.fetch("SELECT decision_id, twice FROM draw")
    assert rows
    threshold = as_threshold(half)
    assert {row["decision_id"]: row["twice"] for row in rows} == {
        row["decision_id"]: sampler.ticket(row["decision_id"] + TWICE) < threshold for row in rows
    }


@pytest.mark.parametrize("is_witnessed", [True, False])
async def test_figures_say_for_ever_that_a_period_was_not_witnessed(
    pool: Pool, tmp_path: Path, is_witnessed: bool
) -> None:
    periods = await promised(pool)
    if is_witnessed:
        await enter(pool)
    await apply(pool, CaseEvents(FRAME, periods), *(decided(n, IN_JUNE) for n in range(9)))
    file = tmp_path / "draw.jsonl"
    await close_june(pool, file)
    _, in_file = sample_in_file(file)
    for sample in (in_file, await sample_in_register(pool, KEY, ZONE)):
        notes = [one.note for one in footnotes(sample, [], "on_the_file")]
        assert (Note.NOT_WITNESSED in notes) != is_witnessed
    assert verify_file(file).differences == ()


async def test_twins_are_drawn_and_drawn_again_with_it(pool: Pool) -> None:
    periods = await promised(pool, ALIKE)
    await enter(pool)
    pair = [
        decided(1, IN_JUNE, direction=Direction.ADVERSE, features={"years": 3}),
        decided(2, IN_JUNE, direction=Direction.FAVOURABLE, features={"years": 3}),
    ]
    await apply(pool, CaseEvents(FRAME, periods), *pair)
    finder = TwinFinder(pool, holding_of(pool, Loop.TWIN_FINDER))
    while await finder.look():
        pass
    await TwinRounds(pool, SEED_KEY, ZONE).draw_now(datetime.now(UTC))
    [row] = await pool.fetch("SELECT decision_id, ticket FROM twin_case WHERE round IS NOT NULL")
    sampler = Sampler(mixed(await seed_of(pool), THROWN))
    assert row["ticket"] == sampler.ticket(row["decision_id"] + ":twin")
    await closer(pool).close(KEY, IN_JUNE + timedelta(days=60))
    async with pool.acquire() as connection:
        [held] = await twin_store.rounds(connection)
        assert differences(held, await twin_store.round_of(connection, held.number)) == []


async def coming(pool: Pool) -> str:
    """Open what begins soon, by the real clock; gives the key of the last one."""
    periods = Periods(SEED_KEY, policy("0.5"))
    await Opener(pool, periods, timedelta(days=62), holding_of(pool, Loop.PERIOD_OPENER)).open_due(
        datetime.now(UTC)
    )
    return str(await pool.fetchval("SELECT key FROM period ORDER BY last_day DESC LIMIT 1"))


async def test_an_operator_types_it_in_and_reads_it_everywhere(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path)
    key = await coming(pool)
    awaited = f"{key} can be witnessed until "
    english = ("--language", "en")
    assert awaited in await operator.does("list", *english)
    assert awaited in await operator.does("show", key, *english)
    assert key in await unwitnessed(stack.database_url, datetime.now(UTC))
    roles = ("--role", "staff_council", "--role", "auditor")
    thrown = ("--value", "35126 41623 51523 64423")
    alone = await operator.fails("witness", key, *thrown, *roles[:2])
    assert "one role alone" in str(alone)
    weak = await operator.fails("witness", key, "--value", "123456", *roles)
    assert "it has 6 signs" in str(weak)
    told = await operator.does("witness", key, *thrown, *roles, "--unstamped")
    assert told == f"{key} is witnessed by staff_council, auditor: {THROWN}\n"
    assert awaited not in await operator.does("list", *english)
    shown = await operator.does("show", key, *english)
    assert f"witnessed by staff_council, auditor: {THROWN}" in shown
    assert key not in await unwitnessed(stack.database_url, datetime.now(UTC))
    again = await operator.fails("witness", key, *thrown, *roles, "--unstamped")
    assert isinstance(again, WitnessStands)
