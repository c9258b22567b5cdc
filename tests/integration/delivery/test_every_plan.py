"""What the door lets in, notify plans messages for: any value, on the real database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.events.registry import Topic
from shared.postgres.pool import Pool
from tests.contract.admitted import FROM_OUTSIDE, admitted
from tests.integration.delivery.parts import applicants, apply

pytestmark = pytest.mark.stack
OF_CASES = [entry for entry in FROM_OUTSIDE if entry.topic is Topic.CASE_EVENTS]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=st.data())
async def test_what_the_door_lets_in_is_planned(pool: Pool, source: st.DataObject) -> None:
    refs = await applicants(pool, len(OF_CASES))
    events = [
        source.draw(admitted(entry))._replace(subject=ref.replace("contact-", "case-"), id=ref)
        for entry, ref in zip(OF_CASES, refs, strict=True)
    ]
    await apply(pool, events)
