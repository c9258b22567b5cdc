"""What the door lets in, controlling's handlers apply: any value, on the real database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.infrastructure import Addresses
from shared.events.event import Event
from shared.events.registry import SubjectKind, Topic
from shared.postgres.pool import Pool
from shared.security.pseudonyms import PseudonymKind
from tests.contract.admitted import FROM_OUTSIDE, admitted
from tests.integration.controlling_helpers import (
    NAMES,
    apply,
    case_events,
    empty,
    office_events,
    policy,
)

pytestmark = pytest.mark.stack


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=st.data())
async def test_what_the_door_lets_in_is_applied(
    pool: Pool, stack: Addresses, source: st.DataObject
) -> None:
    await empty(stack.database_url)
    drawn = [source.draw(admitted(entry)) for entry in FROM_OUTSIDE]
    in_force = policy("1")
    for topic, handler in (
        (Topic.CASE_EVENTS, case_events(in_force)),
        (Topic.OFFICE_EVENTS, office_events(in_force)),
    ):
        events = [event for event in drawn if event.type.topic is topic]
        await apply(pool, handler, *map(_of_its_own_case, range(len(events)), events))


def _of_its_own_case(number: int, event: Event) -> Event:
    if event.type.subject is not SubjectKind.CASE:
        return event
    return event._replace(id=str(number), subject=NAMES.of(PseudonymKind.CASE, str(number)))
