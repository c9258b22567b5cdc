"""What the door lets in, intake counts and controlling applies: any value, on the real database.

And every loop works on what was applied: none sets anything aside.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.infrastructure import Addresses
from services.controlling.chain.entering import Chainer
from services.controlling.lots.finder import LotFinder
from services.controlling.policy.file import load_policy
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.loop import FigureCounter
from services.controlling.service_figures.raising import AlarmRaiser
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from services.intake.counting import DecisionCounter
from services.intake.fingerprint import fingerprint
from services.intake.screening import Candidate
from services.intake.store import Ledger
from shared.configuration.places import ORGANISATION, ROOT
from shared.events.event import Event
from shared.events.registry import SubjectKind, Topic
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.identity import SourceSystem
from shared.security.pseudonyms import PseudonymKind
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import Work
from tests.contract.admitted import FROM_OUTSIDE, admitted
from tests.integration.controlling_helpers import (
    NAMES,
    SEED_KEY,
    ZONE,
    apply,
    case_events,
    closer,
    empty,
    holding_of,
    office_events,
    policy,
)
from tests.integration.review_helpers import Desk

pytestmark = pytest.mark.stack

EVERY_VALUE = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
IN_FORCE = policy("1", twins=load_policy(ROOT / "deploy" / "policy" / "karlsruhe.yaml").twins)
LAW = Clocks.of(load_organisation(ORGANISATION))
SYSTEM = SourceSystem("permits", ("*",), ("*",), others=True)
HELD = "SELECT loop, item, reason FROM held_item"


@pytest.fixture
async def reviewed(desk: Desk) -> Pool:
    """Controlling's connections, and somebody who reviews."""
    await desk.person(1)
    return desk.controlling


@pytest.fixture
async def intake(schema: Pool, stack: Addresses, secrets: Path) -> AsyncIterator[Pool]:
    password = SecretStore(secrets).text(SecretName.INTAKE_DATABASE_PASSWORD)
    url = service_url(stack.database_url, "intake", password.get_secret_value())
    async with await open_pool(url, service="intake") as pool:
        yield pool


@EVERY_VALUE
@given(source=st.data())
async def test_what_the_door_lets_in_is_applied_and_every_loop_works_on_it(
    reviewed: Pool, stack: Addresses, source: st.DataObject
) -> None:
    await empty(stack.database_url)
    drawn = [source.draw(admitted(entry)) for entry in FROM_OUTSIDE]
    for topic, handler in (
        (Topic.CASE_EVENTS, case_events(IN_FORCE)),
        (Topic.OFFICE_EVENTS, office_events(IN_FORCE)),
    ):
        events = [event for event in drawn if event.type.topic is topic]
        await apply(reviewed, handler, *map(_of_its_own_case, range(len(events)), events))

    for work in _loops(reviewed):
        while await work():
            pass

    assert await reviewed.fetch(HELD) == []


@EVERY_VALUE
@given(source=st.data())
async def test_what_the_door_lets_in_is_entered_and_counted(
    intake: Pool, stack: Addresses, source: st.DataObject
) -> None:
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("TRUNCATE intake.ledger, intake.outbox, intake.stream_head")
    await owner.execute("TRUNCATE intake.decision_tally, intake.decision_count")
    await owner.close()
    drawn = [source.draw(admitted(entry)) for entry in FROM_OUTSIDE]
    events = map(_of_its_own_case, range(len(drawn)), drawn)
    candidates = [Candidate(n, one, fingerprint(one)) for n, one in enumerate(events)]
    ledger = Ledger(intake, "here")
    receipts, refusals = await ledger.accept(candidates, SYSTEM)
    holding = holding_of(intake, Loop.DECISION_COUNTER)
    await DecisionCounter(ledger, ZONE, holding, lambda: None).publish()

    assert (len(receipts), refusals) == (len(drawn), [])
    assert await intake.fetch(HELD) == []


def _loops(pool: Pool) -> Sequence[Work]:
    """Give the work of controlling's loops, as a newly started process has it."""
    now, held = datetime.now(UTC), partial(holding_of, pool)
    next_week, afterwards = now + timedelta(days=8), now + timedelta(days=60)
    return (
        Chainer(pool, held(Loop.REGISTER_CHAIN)).look,
        TwinFinder(pool, held(Loop.TWIN_FINDER)).look,
        partial(TwinRounds(pool, SEED_KEY, ZONE).draw_due, next_week, held(Loop.TWIN_ROUNDS)),
        ReviewOpener(pool, LAW.calendar, held(Loop.REVIEWS)).look,
        RecusalFinder(pool, NAMES, ZONE, held(Loop.RECUSAL)).look,
        LotFinder(pool, held(Loop.LOTS)).look,
        FigureCounter(pool, LAW, held(Loop.SERVICE_FIGURES)).look,
        partial(AlarmRaiser(pool, LAW, held(Loop.SERVICE_ALARMS)).look, now),
        partial(closer(pool).close_due, afterwards, held(Loop.PERIOD_CLOSER)),
    )


def _of_its_own_case(number: int, event: Event) -> Event:
    if event.type.subject is not SubjectKind.CASE:
        return event._replace(id=str(number))
    return event._replace(id=str(number), subject=NAMES.of(PseudonymKind.CASE, str(number)))
