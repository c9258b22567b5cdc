"""A decision that came through the door and not into the frame is seen, by unit and week."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.completeness.comparison import week_of
from services.controlling.completeness.errors import FrameIncomplete
from services.controlling.figures.period import Asked, period_figures
from services.controlling.figures.report import as_object
from services.controlling.figures.reviews import ON_THE_FILE, read_reviews
from services.controlling.figures.store import sample_in_file, sample_in_register
from services.controlling.proof.export import export
from services.intake.counting import DecisionCounter
from services.intake.screening import Candidate
from services.intake.store import Ledger
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import Event, new_event
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.identity import SourceSystem
from shared.security.secrets import SecretName, SecretStore
from tests.figures import read_by
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    ZONE,
    Operator,
    apply,
    case_events,
    closer,
    decided,
    decision_id,
    office_events,
    policy,
    reads_of,
)
from tests.runbooks import Follow

pytestmark = pytest.mark.stack

NOTHING = policy("0")
WEEK, NEXT = "2026-W19", "2026-W20"


@pytest.fixture
async def intake(schema: Pool, stack: Addresses, secrets: Path) -> AsyncIterator[Pool]:
    password = SecretStore(secrets).text(SecretName.INTAKE_DATABASE_PASSWORD)
    url = service_url(stack.database_url, "intake", password.get_secret_value())
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("TRUNCATE intake.ledger, intake.outbox, intake.stream_head")
    await owner.execute("TRUNCATE intake.decision_tally, intake.decision_count")
    await owner.close()
    async with await open_pool(url, service="intake") as pool:
        yield pool


async def counts(intake: Pool) -> list[DecisionsCounted]:
    rows = await intake.fetch(
        "SELECT value FROM outbox WHERE value LIKE '%decisions%'::bytea ORDER BY id"
    )
    return [DecisionsCounted.model_validate_json(row["value"]) for row in rows]


SYSTEM = SourceSystem("permits", ("*",), ("*",), others=True)


def accepted(*events: Event) -> list[Candidate]:
    return [
        Candidate(place, event, event.id.encode().ljust(32)[:32])
        for place, event in enumerate(events)
    ]


async def test_intake_counts_each_decision_once_by_unit_and_week(intake: Pool) -> None:
    ledger = Ledger(intake, "here")
    sunday_night = datetime(2026, 5, 10, 22, 30, tzinfo=UTC)  # Monday in Karlsruhe
    events = [
        decided(1, unit="unit-1"),
        decided(2, unit="unit-1"),
        decided(3, unit="unit-2"),
        decided(4, sunday_night, unit="unit-1"),
    ]
    holding = Holding(HeldItems(intake), Loop.DECISION_COUNTER)
    counter = DecisionCounter(ledger, ZONE, holding, lambda: None)
    await ledger.accept(accepted(*events[:2]), SYSTEM)
    await ledger.accept(accepted(*events), SYSTEM)
    await counter.publish()
    found = {(one.unit, one.week): one.decisions for one in await counts(intake)}
    assert found == {("unit-1", WEEK): 2, ("unit-2", WEEK): 1, ("unit-1", NEXT): 1}
    await counter.publish()
    assert len(await counts(intake)) == 3
    await ledger.accept(accepted(decided(5, unit="unit-1")), SYSTEM)
    await counter.publish()
    assert len(await counts(intake)) == 4
    assert (await counts(intake))[-1].decisions == 3


def count(
    unit: str, decisions: int, source: str = "urn:gleichfall:intake", week: str = WEEK
) -> Event:
    facts = DecisionsCounted(unit=unit, week=week, decisions=decisions)
    return new_event(source, unit, facts, time=MAY + timedelta(days=3))


async def test_the_operator_sees_gaps_as_footnotes(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    await apply(pool, case_events(NOTHING), *(decided(n, unit="unit-1") for n in range(3)))
    assert "nobody else counted" in await operator.does("check")
    await apply(pool, office_events(NOTHING), count("unit-1", 2), count("unit-1", 3))
    found = from_json(await operator.does("check", "--json"))
    assert (found["decisions"], found["gaps"], found["footnotes"]) == (3, [], [])
    this_week = week_of(datetime.now(ZONE).date())
    await apply(pool, office_events(NOTHING), count("unit-2", 1, week=this_week))
    assert f"unit-2, {this_week}: 1 decision" in (running := await operator.does("check"))
    assert running.rstrip().endswith("the week is running")
    await apply(pool, office_events(NOTHING), count("unit-1", 4, "urn:de:karlsruhe:advis"))
    assert isinstance(await operator.fails("check"), FrameIncomplete)
    for elsewhere in (("--to", "2026-05-03"), ("--from", "2199-01-01")):
        assert "all it holds are of 2026-05-04 to 2026-05-04" in await operator.does(
            "check", *elsewhere
        )


async def test_a_count_that_differs_from_the_frame_is_told_until_it_is_settled(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path, follow: Follow
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="frame")
    lately = datetime.now(UTC) - timedelta(days=14)
    week = week_of(lately.astimezone(ZONE).date())
    named = {"ID": f"{week}/unit-1"}
    figures = read_by(controlling=reads_of(pool))
    runbook = await follow("FrameDiffers", operator.console, figures, "settled by ops-7", **named)
    handler = case_events(NOTHING)
    await apply(pool, handler, *(decided(n, lately, unit="unit-1") for n in range(3)))
    ours = count("unit-1", 3, week=week)
    theirs = count("unit-1", 4, "urn:de:karlsruhe:advis", week=week)
    await apply(pool, office_events(NOTHING), ours, theirs)
    await runbook.look("1 decision counted by urn:de:karlsruhe:advis is missing")
    await runbook.do("settled now")
    await runbook.prove()


async def test_a_gap_stands_beneath_every_figure_of_its_period(pool: Pool, tmp_path: Path) -> None:
    everything = policy("1")
    await apply(pool, case_events(everything), *(decided(n, unit="unit-1") for n in range(9)))
    await apply(pool, office_events(everything), count("unit-1", 12))
    await closer(pool).close("2026-05", JUNE)
    await export(pool, "2026-05", tmp_path / "draw.jsonl", bytes(32), ZONE)
    rows = "".join(f"{decision_id(n)},correct\n" for n in range(9))
    (tmp_path / "reviews.csv").write_text(f"decision,on_the_file\n{rows}")
    reviews = read_reviews(tmp_path / "reviews.csv", ON_THE_FILE, always=True)

    for sample in (
        await sample_in_register(pool, "2026-05", ZONE),
        sample_in_file(tmp_path / "draw.jsonl")[1],
    ):
        *_, promise, _, gap = as_object(period_figures(sample, reviews, Asked()))["footnotes"]
        assert promise.startswith("The seed of this draw was fixed when its period had begun")
        assert gap == (
            "Frame: unit-1, 2026-W19: 3 decisions counted by urn:gleichfall:intake are missing "
            "from the frame."
        )
