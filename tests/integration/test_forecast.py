"""A preview foresees what comes into review when the log runs, all that asks for it counted."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.controlling.forecast.load import Sampling, Twin
from services.controlling.forecast.preview import Preview, preview
from services.controlling.forecast.store import count_register, read_history
from services.controlling.handlers import CaseEvents
from services.controlling.periods import opening
from services.controlling.periods.closing import Closer
from services.controlling.periods.opening import Periods
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy, Trigger, TriggerKind
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from services.intake.simulation.generator import generate
from shared.configuration.places import ORGANISATION, POLICY
from shared.events.event import Event
from shared.events.registry import Topic
from shared.events.vocabulary import DrawReason
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import FRAME, SEED_KEY, ZONE, apply, holding_of

pytestmark = pytest.mark.stack
AUTHORITY, TYPES = load_organisation(ORGANISATION), DecisionTypes.load()
START, WEEKS = date(2026, 1, 5), 21
FIRST, LAST = date(2026, 3, 1), date(2026, 5, 31)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
EVERYTHING = load_policy(POLICY).model_copy(
    update={
        "version": "everything",
        "triggers": {kind: Trigger() for kind in TriggerKind},
    }
)


def log(rate: float) -> list[list[Event]]:
    """The case events of a simulated authority, week by week, numbered as intake does."""
    found: list[list[Event]] = [[] for _ in range(WEEKS + 1)]
    numbers: Counter[str] = Counter()
    for one in generate(AUTHORITY, TYPES, weeks=WEEKS, rate=rate, seed=7, start=START):
        if isinstance(one, Event) and one.type.topic is Topic.CASE_EVENTS:
            numbers[one.subject] += 1
            week = (one.time.astimezone(ZONE).date() - START).days // 7
            found[min(week, WEEKS)].append(one._replace(sequence=numbers[one.subject]))
    return found


async def run(pool: Pool, weeks: Sequence[Sequence[Event]], in_force: Policy) -> None:
    """Let it happen: register, draw, look for twins and draw them each Monday, close."""
    groups = AUTHORITY.groups_of_services
    handler = CaseEvents(FRAME, Periods(SEED_KEY, in_force), groups)
    finder = TwinFinder(pool, holding_of(pool, Loop.TWIN_FINDER))
    rounds = TwinRounds(pool, SEED_KEY, ZONE)
    for number, events in enumerate(weeks):
        for start in range(0, len(events), 2_000):
            await apply(pool, handler, *events[start : start + 2_000])
        while await finder.look():
            pass
        monday = datetime.combine(START + timedelta(weeks=number), datetime.min.time(), ZONE)
        await pool.execute("UPDATE twin_case SET found_at = $1 WHERE round IS NULL", monday)
        await pool.execute("UPDATE twin_case SET found_at = NULL WHERE twin IS NULL")
        await rounds.draw_due(monday + timedelta(days=7), holding_of(pool, Loop.TWIN_ROUNDS))
    for key in ("2026-03", "2026-04", "2026-05"):
        await Closer(pool, SEED_KEY, ZONE).close(key, NOW)


async def foreseen(pool: Pool, policy: Policy) -> Preview:
    register = await count_register(pool, policy, FIRST, LAST, zone=ZONE)
    groups = AUTHORITY.groups_of_services
    history = await read_history(pool, FIRST, LAST, zone=ZONE, groups=groups)
    return preview(policy, register, history, TYPES, AUTHORITY)


async def test_what_is_foreseen_is_what_comes_into_review(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With seeds of its own: chance alone is further from what is foreseen about once in twenty.
    chosen = SimpleNamespace(token_bytes=random.Random(62).randbytes)
    monkeypatch.setattr(opening, "secrets", chosen)
    weeks = log(0.4)
    await run(pool, weeks, EVERYTHING)
    rows = await pool.fetch(
        "SELECT reasons, twice FROM draw JOIN decision USING (decision_id)"
        " WHERE decided_at >= $1 AND decided_at < $2",
        datetime(2026, 3, 1, tzinfo=ZONE), datetime(2026, 6, 1, tzinfo=ZONE),
    )  # fmt: skip
    found = await foreseen(pool, EVERYTHING)
    span = ((LAST - FIRST).days + 1) / 7
    by_cause = {one.asks: one.reviews * span for one in found.burden.loads}
    chance = {DrawReason.RANDOM, DrawReason.TOP_UP}
    others = [{*row["reasons"]} for row in rows if not chance & {*row["reasons"]}]
    drawn = len(rows) - len(others)
    twins = sum(reasons == {DrawReason.TWIN} for reasons in others)
    triggered = len(others) - twins
    sampled = [Sampling.CERTAINTY, Sampling.CHANCE, Sampling.MINIMUM]
    assert drawn > 100
    assert sum(by_cause[one] for one in sampled) == pytest.approx(drawn, rel=0.15)
    assert sum(by_cause.get(one, 0) for one in TriggerKind) == pytest.approx(triggered, rel=0.1)
    assert twins >= 10
    assert by_cause[Twin.TWIN] == pytest.approx(twins, rel=0.3)
    whole = found.burden.reviews * span - by_cause[Sampling.SECOND]
    assert whole == pytest.approx(len(rows), rel=0.1)
