"""Policies on a real database: scheduled, learned without a restart, tried on the register."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.command_line import gleichfall
from deploy.local.infrastructure import Addresses
from services.controlling.errors import PeriodOpen
from services.controlling.forecast.errors import DaysReversed, NothingDecided
from services.controlling.forecast.preview import Preview, preview
from services.controlling.forecast.store import count_register, read_history
from services.controlling.handlers import CaseEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.draw import Sampler
from services.controlling.periods.opening import Periods
from services.controlling.planning.acceptance import Inspection
from services.controlling.planning.switching import Result
from services.controlling.policy import entering, store
from services.controlling.policy.announcing import schedule
from services.controlling.policy.binding import digest_of
from services.controlling.policy.calendar import PeriodLength
from services.controlling.policy.entering import Found
from services.controlling.policy.errors import (
    ErrorsBeyondSample,
    NotInspected,
    VersionTaken,
)
from services.controlling.policy.policy import Policy, Trigger, TriggerKind
from services.controlling.policy.timeline import PolicyTooLate
from services.controlling.register.frame import Frame
from shared.configuration.places import ROOT
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.review import DecisionDrawn, PolicyScheduled
from shared.events.event import Event, new_event
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt
from shared.security.pseudonyms import PseudonymKind
from tests.integration.controlling_helpers import MAY, NAMES, SEED_KEY, apply

pytestmark = pytest.mark.stack

TYPES = DecisionTypes.load()
ORGANISATION = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
ZONE = ORGANISATION.jurisdiction.time_zone
NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
JULY = datetime(2026, 7, 6, 8, tzinfo=UTC)


def policy(version: str, **sections: Any) -> Policy:
    return Policy.model_validate({"version": version, "default_rate": Decimal("0.1"), **sections})


FIRST = policy("first")
NEXT = policy(
    "next", valid_from=date(2026, 7, 1), period=PeriodLength.QUARTER, default_rate=Decimal(1)
)
PLANNED = policy(
    "planned",
    rates=({"inspection": {"quality": Decimal("2.5"), "lot": 100}, "why": "by plan"},),
)


def handler(first: Policy = FIRST) -> CaseEvents:
    return CaseEvents(Frame(TYPES, ZONE), Periods(SEED_KEY, first))


def decided(number: int, at: datetime = MAY, **facts: Any) -> Event:
    decision = DecisionMade.model_validate({
        "decision_id": NAMES.of(PseudonymKind.DECISION, str(number)),
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE,
        "unit": "unit-2",
        "decider": "decider-" + "d" * 26,
    } | facts)  # fmt: skip
    case = NAMES.of(PseudonymKind.CASE, str(number))
    return new_event("urn:gleichfall:test", case, decision, time=at)


async def announce(pool: Pool, new: Policy = NEXT) -> None:
    await schedule(pool, new, first=FIRST, zone=ZONE, now=NOW)


async def close(pool: Pool, key: str) -> None:
    await Closer(pool, SEED_KEY, ZONE).close(key, datetime(2030, 1, 1, tzinfo=UTC))


async def test_a_running_service_learns_of_a_policy_without_a_restart(pool: Pool) -> None:
    running = handler()
    await apply(pool, running, *(decided(number) for number in range(40)))
    await announce(pool)
    await apply(pool, running, *(decided(number, JULY) for number in range(40, 80)))
    await apply(pool, running, *(decided(number) for number in range(80, 100)))
    rows = await pool.fetch(
        "SELECT period, policy_version, inclusion_probability AS rate, count(*) FROM decision "
        "GROUP BY 1, 2, 3 ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("2026-05", "first", Decimal("0.1"), 60),
        ("2026-Q3", "next", Decimal(1), 40),
    ]


async def test_scheduling_is_an_event(pool: Pool) -> None:
    await announce(pool)
    row = await pool.fetchrow("SELECT key, value FROM outbox")
    assert row is not None
    found = PolicyScheduled.model_validate_json(row["value"])
    assert (row["key"], found.version, found.valid_from) == (
        b"policy:next",
        "next",
        date(2026, 7, 1),
    )
    document = await pool.fetchval("SELECT document FROM policy")
    assert found.digest == digest_of(Policy.model_validate_json(document))
    assert await pool.fetchval("SELECT digest FROM policy_digest") == found.digest


async def test_a_period_that_a_decision_of_tomorrow_opened_has_begun(pool: Pool) -> None:
    await apply(pool, handler(), decided(1, JULY))
    with pytest.raises(
        PolicyTooLate, match=r"2026-07 is opened, its policy promised; .* 2026-08-01"
    ):
        await announce(pool)
    assert await pool.fetchval("SELECT count(*) FROM policy") == 0
    assert await pool.fetchval("SELECT count(*) FROM outbox WHERE key = 'policy:next'") == 0


async def test_who_schedules_waits_for_a_period_that_is_being_opened(pool: Pool) -> None:
    async with pool.acquire() as connection:
        opening = connection.transaction()
        await opening.start()
        await handler()([decided(1, JULY)], Transaction(connection))
        scheduling = asyncio.create_task(announce(pool))
        await asyncio.sleep(0.3)
        assert not scheduling.done()
        await opening.commit()
    with pytest.raises(PolicyTooLate, match="2026-07 is opened"):
        await scheduling


async def test_strata_of_event_fields_and_priorities_are_drawn_by_their_own_rules(
    pool: Pool,
) -> None:
    split = policy(
        "split",
        split_by=("language",),
        priority=({"name": "expulsion", "types": ("AufenthG-53",), "why": "it weighs"},),
        rates=({"where": {"language": "uk"}, "rate": Decimal("0.5"), "why": "new texts"},),
    )
    await apply(
        pool,
        handler(split),
        decided(1, language="uk"),
        decided(2),
        decided(3, type_code="AufenthG-53", unit="unit-4"),
    )
    rows = await pool.fetch("SELECT stratum, inclusion_probability FROM decision ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        ("ending-stay(priority:expulsion)/adverse/unit-4", Decimal(1)),
        ("work(language:de)/adverse/unit-2", Decimal("0.1")),
        ("work(language:uk)/adverse/unit-2", Decimal("0.5")),
    ]


async def test_double_reviews_are_drawn_by_a_ticket_that_anyone_can_replay(pool: Pool) -> None:
    twice = policy(
        "twice",
        double_reviews=Decimal("0.3"),
        default_rate=Decimal("0.5"),
        default_minimum=170,
    )
    published = await apply(pool, handler(twice), *(decided(number) for number in range(200)))
    await close(pool, "2026-05")
    sealed = await pool.fetchval("SELECT sealed_seed FROM period")
    sampler = Sampler(decrypt(SEED_KEY, sealed, "2026-05"))
    rows = await pool.fetch("SELECT decision_id, reasons, twice FROM draw")
    assert len(rows) == 170
    for row in rows:
        ticket = sampler.ticket(row["decision_id"] + ":twice")
        assert row["twice"] == (Decimal(ticket) < Decimal("0.3"))
    assert 20 < sum(row["twice"] for row in rows) < 85
    told = {
        event.data.decision_id: event.data.double_review
        for event in published
        if isinstance(event.data, DecisionDrawn)
    }
    assert told == {row["decision_id"]: row["twice"] for row in rows if "random" in row["reasons"]}


async def previewed(
    pool: Pool,
    draft: Policy,
    first: date,
    last: date,
    *,
    organisation: Organisation = ORGANISATION,
    progressed: Callable[[int, int], None] = lambda _done, _all: None,
) -> Preview:
    register = await count_register(pool, draft, first, last, zone=ZONE, progressed=progressed)
    history = await read_history(pool, first, last, zone=ZONE, groups={})
    return preview(draft, register, history, TYPES, organisation)


async def test_a_preview_counts_the_register(pool: Pool) -> None:
    days = [MAY + timedelta(days=number % 60) for number in range(300)]
    units = ["unit-2", "unit-3"]
    made = [
        decided(number, at, unit=units[number % 2], language="uk" if number % 3 else "de")
        for number, at in enumerate(days)
    ]
    await apply(pool, handler(), *made)
    draft = policy("draft", split_by=("language",), default_rate=Decimal("0.2"))
    done: list[tuple[int, int]] = []
    found = await previewed(
        pool, draft, date(2026, 5, 10), date(2026, 6, 9), progressed=lambda *step: done.append(step)
    )
    expected = [at for at in days if date(2026, 5, 10) <= at.date() <= date(2026, 6, 9)]
    assert found.forecast.decisions == len(expected)
    assert found.forecast.drawn == pytest.approx(0.2 * len(expected))
    assert {one.stratum for one in found.forecast.strata} == {
        f"work(language:{language})/adverse/{unit}" for language in ("de", "uk") for unit in units
    }
    assert done == [(1, 2), (2, 2)]
    assert (found.taken_over, found.unknown) == ({}, 0)


async def test_a_preview_counts_a_merged_unit_as_its_successor(pool: Pool) -> None:
    await apply(pool, handler(), decided(1), decided(2, unit="unit-9", reasons_given=False))
    units = [
        unit.model_copy(update={"formerly": ("unit-9",)}) if unit.key == "unit-2" else unit
        for unit in ORGANISATION.units
    ]
    merged = ORGANISATION.model_copy(update={"units": tuple(units)})
    checking = policy("draft", triggers={TriggerKind.CHECK_FAILED: Trigger()})
    found = await previewed(pool, checking, MAY.date(), MAY.date(), organisation=merged)
    assert [(one.stratum, one.decisions) for one in found.forecast.strata] == [
        ("work/adverse/unit-2", 2)
    ]
    assert found.taken_over == {"unit-9": ["unit-2"]}
    assert TriggerKind.CHECK_FAILED in {one.asks for one in found.burden.loads}


async def test_decisions_from_before_facts_were_kept_are_counted_apart(pool: Pool) -> None:
    await apply(pool, handler(), decided(1), decided(2))
    name = NAMES.of(PseudonymKind.DECISION, "1")
    await pool.execute("UPDATE decision SET facts = NULL WHERE decision_id = $1", name)
    found = await previewed(pool, policy("draft", split_by=("language",)), MAY.date(), MAY.date())
    assert found.unknown == 1
    assert {one.stratum for one in found.forecast.strata} == {
        "work(language:de)/adverse/unit-2",
        "work(language:none)/adverse/unit-2",
    }


async def test_days_without_a_decision_give_no_preview(pool: Pool) -> None:
    with pytest.raises(NothingDecided, match="holds no decision from 2026-05-04"):
        await previewed(pool, policy("draft"), MAY.date(), MAY.date())
    with pytest.raises(DaysReversed, match="exchange them"):
        await previewed(pool, policy("draft"), JULY.date(), MAY.date())


async def test_results_of_inspections_steer_the_next_period(pool: Pool) -> None:
    stratum = "work/adverse/unit-2"
    running = handler(PLANNED)
    for month in (3, 4):
        at = datetime(2026, month, 4, 8, tzinfo=UTC)
        numbers = range(100 * month, 100 * month + 100)
        await apply(pool, running, *(decided(number, at) for number in numbers))
        await close(pool, f"2026-{month:02}")
    came_out, _ = await entering.enter(pool, Found("2026-03", stratum, 2), NOW)
    assert came_out is Result.NOT_ACCEPTED
    _, state = await entering.enter(pool, Found("2026-04", stratum, 2), NOW)
    assert state.inspection is Inspection.TIGHTENED
    (level,) = await entering.levels(pool)
    assert (level.lot, level.state.inspection) == (100, Inspection.TIGHTENED)
    before = await pool.fetch("SELECT * FROM decision ORDER BY decision_id")
    await apply(pool, running, decided(1))
    kept = Policy.model_validate_json(
        await pool.fetchval("SELECT policy FROM period WHERE key = '2026-05'")
    )
    inspected = next(one.inspection for one in kept.rates if one.inspection is not None)
    assert (inspected.lot, inspected.state) == (100, Inspection.TIGHTENED)
    after = await pool.fetch(
        "SELECT * FROM decision WHERE period <> '2026-05' ORDER BY decision_id"
    )
    assert before == after


async def test_a_corrected_result_replaces_the_first(pool: Pool) -> None:
    await apply(pool, handler(PLANNED), *(decided(number) for number in range(100)))
    await close(pool, "2026-05")
    stratum = "work/adverse/unit-2"
    await entering.enter(pool, Found("2026-05", stratum, 9), NOW)
    came_out, _ = await entering.enter(pool, Found("2026-05", stratum, 0), NOW)
    assert came_out is Result.ACCEPTED
    async with pool.acquire() as connection:
        assert len(await store.results(connection, date.max)) == 1


async def test_results_that_cannot_be_are_refused(pool: Pool) -> None:
    await apply(pool, handler(PLANNED), *(decided(number) for number in range(100)))
    with pytest.raises(PeriodOpen, match="draw close 2026-05"):
        await entering.enter(pool, Found("2026-05", "work/adverse/unit-2", 1), NOW)
    await close(pool, "2026-05")
    with pytest.raises(NotInspected, match=r"did you mean work/adverse/unit-2"):
        await entering.enter(pool, Found("2026-05", "work/adverse/unit-3", 1), NOW)
    with pytest.raises(ErrorsBeyondSample, match="looks at 20 decisions"):
        await entering.enter(pool, Found("2026-05", "work/adverse/unit-2", 21), NOW)


Call = Callable[..., Awaitable[str]]


@pytest.fixture
def call(stack: Addresses, secrets: Path) -> Call:
    """Run a command; gives what it prints."""
    environment = {
        "DATABASE_URL": stack.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "GLEICHFALL_SECRETS_DIR": str(secrets),
        "COLUMNS": "160",
    }

    async def run(*words: str, exit_code: int = 0) -> str:
        runner = CliRunner(env=environment, catch_exceptions=False)
        answer = await asyncio.to_thread(runner.invoke, gleichfall, ["policy", *words])
        assert answer.exit_code == exit_code, answer.output
        return answer.output

    return run


async def test_leadership_tries_and_schedules_a_policy_by_command(
    pool: Pool, call: Call, tmp_path: Path
) -> None:
    await apply(pool, handler(), *(decided(number) for number in range(100)))
    year = datetime.now(ZONE).year + 1
    file = tmp_path / "next.yaml"
    file.write_text(f'version: "next"\nvalid_from: {year}-01-01\ndefault_rate: 0.25\n')
    assert "version next" in await call("check", str(file))
    days = ("--from", "2026-05-01", "--to", "2026-05-31")
    found = json.loads(await call("preview", str(file), *days, "--half-width", "0.1", "--json"))
    assert (found["decisions"], found["drawn"], found["hours"]) == (100, 25, 37.5)
    assert found["weeks"][0] == {
        "week": "2026-W19",
        "monday": "2026-05-04",
        "decisions": 100,
        "drawn": 25,
        "hours": 37.5,
    }
    assert found["wanted"]["neyman"]["half_width"] <= 0.1
    german = await call("preview", str(file), *days, "--weeks")
    assert "Erwerbstätigkeit, belastend, Sachgebiet 2" in german
    assert "It fits" in await call("preview", str(file), *days, "--language", "en")
    checked = await call("check", str(file), *days, "--language", "en")
    assert "version next" in checked
    assert "It fits: 8.5 of the 40.0 hours a week there are" in checked
    assert re.search(r"all +5\.6 +8\.5\b", checked)
    assert "known to" not in checked
    assert "there are 40 hours a week" in await call("check", str(file))
    await call("check", str(file), "--from", "2026-05-01", exit_code=2)
    told = await call("schedule", str(file))
    assert told == f"policy next takes effect on {year}-01-01, with period {year}-01\n"
    listed = json.loads(await call("list", "--json"))
    assert [(one["version"], one["state"]) for one in listed] == [
        ("2026-6", "in force"),
        ("next", "to come"),
    ]
    assert json.loads(await call("show", "next"))["default_rate"] == "0.25"
    assert "next is scheduled already" in await call("schedule", str(file))
    compared = await call("compare", str(file))
    assert "default_rate: 0.25 instead of 0.005\n" in compared
    assert "twins: nothing instead of " in compared
    assert "next takes no effect" in await call("withdraw", "next")
    listed = json.loads(await call("list", "--json"))
    assert [(one["version"], one["state"]) for one in listed][1:] == [("next", "withdrawn")]
    published = await pool.fetch("SELECT FROM outbox WHERE value LIKE '%next%'::bytea")
    assert len(published) == 2
    file.write_text(f'version: "next"\nvalid_from: {year}-01-01\ndefault_rate: 0.3\n')
    with pytest.raises(VersionTaken, match="withdrawn"):
        await call("schedule", str(file))
    assert json.loads(await call("show"))["version"] == "2026-6"
    assert "noch ist kein Zeitraum mit Prüfplan" in await call("levels")
    assert "no period with inspections" in await call("levels", "--language", "en")


async def test_a_file_with_mistakes_is_not_scheduled(
    pool: Pool, call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text('version: "wrong"\ndefault_rate: 0.1\ncap: 164\n')
    assert "line 3, cap: is unknown here" in await call("schedule", str(file), exit_code=1)
    assert await pool.fetchval("SELECT count(*) FROM policy") == 0
