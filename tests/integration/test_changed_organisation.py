"""A unit changes in mid-year: draw, proof, levels, figures and measures go on; none may vanish."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.app import create_app
from services.controlling.handlers import CaseEvents
from services.controlling.measures import store as measures
from services.controlling.measures.store import Days, Place
from services.controlling.periods.opening import Periods
from services.controlling.planning.acceptance import Inspection
from services.controlling.policy import entering
from services.controlling.policy.entering import Found
from services.controlling.policy.policy import Policy
from services.controlling.proof.export import export, verify_file
from services.controlling.register.frame import Frame
from services.controlling.settings import Settings
from services.controlling.units.store import require_successors
from shared.configuration.places import AUDITORS, ORGANISATION
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import new_event
from shared.law.decision_types import DecisionTypes
from shared.organisation.errors import UnitVanished
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import (
    JUNE,
    SEED_KEY,
    ZONE,
    Operator,
    apply,
    closer,
    decided,
    office_events,
    policy,
)
from tests.integration.review_helpers import NOW, Desk
from tests.integration.reviewed_period_helpers import (
    Reviewers,
    closed,
    closed_without_decisions,
    released,
)
from tests.integration.test_lots import PLANNED

pytestmark = pytest.mark.stack

SHIPPED = load_organisation(ORGANISATION)
CHANGE = date(2026, 5, 1)


def renamed(folder: Path, *formerly: str) -> Path:
    """Write Karlsruhe's file with unit-2 under another key, and perhaps what became of it."""
    return written(folder, {1: [{"key": "sg-work", "formerly": list(formerly)}]})


def written(folder: Path, instead: Mapping[int, list[dict[str, Any]]]) -> Path:
    """Write Karlsruhe's file with other units in the places of some, alike in what isn't told."""
    document = yaml.safe_load(ORGANISATION.read_text(encoding="utf-8"))
    document["version"], document["valid_from"] = "2026-2", CHANGE
    document["units"] = [
        unit | other
        for place, unit in enumerate(document["units"])
        for other in instead.get(place, [{}])
    ]
    file = folder / "organisation.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return file


def handler(organisation: Organisation, in_force: Policy = PLANNED) -> CaseEvents:
    periods = Periods(SEED_KEY, in_force, organisation=organisation)
    return CaseEvents(Frame(DecisionTypes.load(), ZONE, organisation), periods)


async def test_a_unit_that_vanishes_stops_controlling_at_its_start(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    await require_successors(pool, SHIPPED)
    await require_successors(pool, SHIPPED)
    settings = Settings(
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        secrets_directory=secrets,
    )
    file = renamed(tmp_path)
    app = create_app(settings.model_copy(update={"organisation_file": file}))
    with pytest.raises(UnitVanished, match=r"2026-2 .* what became of unit-2; name it under"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")
    await require_successors(pool, load_organisation(renamed(tmp_path, "unit-2")))
    with pytest.raises(UnitVanished, match="sg-work"):
        await require_successors(pool, SHIPPED)


async def test_draw_levels_and_measures_go_on_across_a_renamed_unit(
    pool: Pool, tmp_path: Path
) -> None:
    before, after = SHIPPED, load_organisation(renamed(tmp_path, "unit-2"))
    facts = {"direction": "adverse", "unit": "unit-2"}
    for month in (3, 4):
        at = datetime(2026, month, 4, 8, tzinfo=UTC)
        made = [decided(100 * month + number, at, **facts) for number in range(100)]
        await apply(pool, handler(before), *made)
        await closer(pool).close(f"2026-{month:02}", JUNE)
        await entering.enter(pool, Found(f"2026-{month:02}", "work/adverse/unit-2", 9), NOW)
    [level] = await entering.levels(pool, after.unit_now)
    assert (level.stratum, level.lot) == ("work/adverse/sg-work", 100)
    assert level.state.inspection is Inspection.TIGHTENED
    named = ["unit-2", "sg-work"]
    made = [decided(number, direction="adverse", unit=named[number % 2]) for number in range(50)]
    await apply(pool, handler(after), *made)
    rows = await pool.fetch("SELECT DISTINCT stratum FROM decision WHERE period = '2026-05'")
    assert [row["stratum"] for row in rows] == ["work/adverse/sg-work"]
    kept = Policy.model_validate_json(
        await pool.fetchval("SELECT policy FROM period WHERE key = '2026-05'")
    )
    [plan] = [one.inspection for one in kept.rates if one.inspection and one.unit == "sg-work"]
    assert (plan.state, plan.lot) == (Inspection.TIGHTENED, 100)
    days = Days(datetime(2026, 3, 1, tzinfo=UTC), JUNE)
    async with pool.acquire() as connection:
        sizes = await measures.sizes(connection, days, Place("sg-work", after))
        elsewhere = await measures.sizes(connection, days, Place("unit-3", after))
    assert (sizes, elsewhere) == ({"work/adverse/sg-work": 250}, {})
    await closer(pool).close("2026-05", JUNE)
    await confirmed(pool, tmp_path, decisions=50)


MERGED = {
    1: [{
        "key": "sg-residence",
        "formerly": ["unit-2", "unit-3"],
        "decision_groups": ["work", "third-parties", "family", "permanent"],
    }],
    2: [],
}  # fmt: skip
SPLIT = {
    1: [
        {"key": "sg-work", "split_from": ["unit-2"], "decision_groups": ["work"]},
        {"key": "sg-others", "split_from": ["unit-2"], "decision_groups": ["third-parties"]},
    ]
}
KINDS = {
    "work": ("AufenthG-18b", "unit-2"),
    "family": ("AufenthG-28(1)", "unit-3"),
    "third-parties": ("AufenthG-68", "unit-2"),
}


@pytest.mark.parametrize(
    ("instead", "heirs"),
    [
        (MERGED, dict.fromkeys(KINDS, "sg-residence")),
        (SPLIT, {"work": "sg-work", "family": "unit-3", "third-parties": "sg-others"}),
    ],
    ids=["merged", "split"],
)
async def test_a_period_across_a_merged_or_split_unit_is_drawn_exported_and_verified(
    pool: Pool, tmp_path: Path, instead: Mapping[int, list[dict[str, Any]]], heirs: dict[str, str]
) -> None:
    after = load_organisation(written(tmp_path, instead))
    half = policy("0.5")
    made = [
        decided(3 * number + place, direction="adverse", type_code=code, unit=unit)
        for number in range(30)
        for place, (code, unit) in enumerate(KINDS.values())
    ]
    before = {f"{group}/adverse/{unit}" for group, (_, unit) in KINDS.items()}
    anew = {f"{group}/adverse/{unit}" for group, unit in heirs.items()}
    await apply(pool, handler(SHIPPED, half), *made[:30])
    assert await strata_of(pool) == before
    await apply(pool, handler(after, half), *made[30:])
    assert await strata_of(pool) == before | anew
    closed = await closer(pool).close("2026-05", JUNE)
    assert {one.stratum: one.size for one in closed.strata if one.stratum in anew - before} == (
        dict.fromkeys(anew - before, 20)
    )
    await confirmed(pool, tmp_path, decisions=90)


async def strata_of(pool: Pool) -> set[str]:
    return {row["stratum"] for row in await pool.fetch("SELECT stratum FROM decision")}


async def confirmed(pool: Pool, folder: Path, *, decisions: int) -> None:
    """Export May and let two verifiers confirm it."""
    file = folder / "draw.jsonl"
    await export(pool, "2026-05", file, bytes(32), ZONE)
    report = verify_file(file)
    assert (report.differences, report.decisions) == ((), decisions)
    verifier = await asyncio.create_subprocess_exec(
        sys.executable, AUDITORS / "verify.py", file, stdout=asyncio.subprocess.PIPE
    )
    told = (await verifier.communicate())[0].decode()
    assert verifier.returncode == 0, told
    assert f"{decisions} decisions, {report.drawn} drawn, 0 late" in told


async def test_what_is_sent_again_after_a_unit_is_renamed_is_a_repeat_and_no_gap(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    file = renamed(tmp_path, "unit-2")
    after = load_organisation(file)
    first = decided(1, direction="adverse", unit="unit-2")
    again = new_event(first.source, first.subject, first.data, time=first.time)
    await apply(pool, handler(after), first, decided(2, direction="adverse", unit="sg-work"))
    await apply(pool, handler(after), again)
    counts = [
        new_event(
            "urn:gleichfall:intake",
            unit,
            DecisionsCounted(unit=unit, week="2026-W19", decisions=decisions),
            time=first.time,
        )
        for unit, decisions in (("unit-2", 2), ("sg-work", 1))
    ]
    await apply(pool, office_events(PLANNED), *counts)

    assert await pool.fetch("SELECT * FROM second_decision") == []
    strata = await pool.fetch("SELECT DISTINCT stratum FROM decision")
    assert [row["stratum"] for row in strata] == ["work/adverse/sg-work"]
    check = Operator(stack, secrets, tmp_path, group="frame")
    found = from_json(await check.does("check", "--organisation", str(file), "--json"))
    assert (found["decisions"], found["gaps"], found["repeats"]) == (2, [], 1)


async def test_figures_of_several_periods_join_across_it_and_name_an_empty_month(
    desk: Desk, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    await closed(desk.controlling, 160, months=(3, 5))
    await closed_without_decisions(desk.controlling)
    owner: asyncpg.Connection = desk.owner
    await Reviewers(owner, desk.controlling, 4).review()
    await released(desk.controlling, "2026-03", "2026-05")
    stats = Operator(stack, secrets, tmp_path, group="stats")
    words = ("period", "2026-03..2026-05", "--organisation", str(renamed(tmp_path, "unit-2")))
    found = from_json(await stats.does(*words, "--json"))
    assert found["periods"] == ["2026-03", "2026-04", "2026-05"]
    assert set(found["units"]) == {"unit-1", "sg-work", "unit-3", "unit-4"}
    # Which of them are told hangs on what was drawn; each stands for both months.
    assert {one["population"] for one in found["units"].values() if one} == {80}
    assert "Nothing was decided in 2026-04." in found["footnotes"]
    told = await stats.does("period", "2026-04")
    assert "2026-04" in told
    nothing = from_json(await stats.does("period", "2026-04", "--json"))
    assert nothing == {"period": "2026-04", "decisions": 0, "whole": None}
    listed = await Operator(stack, secrets, tmp_path).does("list", "--language", "en")
    assert "nothing decided" in next(line for line in listed.splitlines() if "2026-04" in line)
