"""What the door lets in, notify plans messages for, and looks after: any value, on the database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notify.follow_up.loop import Upkeep
from shared.events.registry import Topic
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.contract.admitted import FROM_OUTSIDE, admitted
from tests.integration.delivery.parts import CARRIED, MESSAGES, applicants, apply, holding_of

pytestmark = pytest.mark.stack
OF_CASES = [entry for entry in FROM_OUTSIDE if entry.topic is Topic.CASE_EVENTS]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=st.data())
async def test_what_the_door_lets_in_is_planned_and_looked_after(
    pool: Pool, source: st.DataObject
) -> None:
    refs = await applicants(pool, len(OF_CASES))
    events = [
        source.draw(admitted(entry))._replace(subject=ref.replace("contact-", "case-"), id=ref)
        for entry, ref in zip(OF_CASES, refs, strict=True)
    ]
    await apply(pool, events)
    upkeep = Upkeep(
        pool, MESSAGES, CARRIED, (), holding_of(pool, Loop.UPKEEP), committed=lambda: None
    )
    while await upkeep.look():
        pass

    assert await pool.fetch("SELECT item, reason FROM held_item") == []
