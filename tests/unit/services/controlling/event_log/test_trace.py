"""A case's events stand in the order in which they happened, decisions in their place."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.event_log.trace import trace
from shared.events.catalogue.case import ApplicationWithdrawn, DecisionMade, HearingAnswered
from shared.events.event import Event
from shared.events.vocabulary import Direction

CASE = "case-" + "a" * 26
START = datetime(2026, 5, 4, tzinfo=UTC)
MADE = DecisionMade(
    decision_id="decision-" + "d" * 26,
    type_code="t",
    direction=Direction.NEUTRAL,
    unit="u",
    decider="decider-" + "e" * 26,
)


def told(number: int, hour: int) -> Event:
    return Event("", "urn:x", CASE, START + timedelta(hours=hour), HearingAnswered(), number)


def decided(hour: int) -> Event:
    return Event("", "urn:x", CASE, START + timedelta(hours=hour), MADE)


@pytest.mark.parametrize(
    ("events", "order", "whole"),
    [
        ([told(2, 2), told(1, 1)], [1, 2], True),
        ([told(1, 2), told(2, 1)], [2, 1], True),
        ([told(1, 0), told(3, 0), decided(0)], [1, 2, 3], True),
        ([told(1, 0), told(2, 0), decided(0)], [1, 2, 3], True),
        ([told(1, 0), told(2, 1), told(4, 3), decided(3), decided(2)], [1, 2, 3, 4, 5], True),
        ([decided(5)], [1], True),
        ([told(1, 0), told(4, 1)], [1, 4], False),
        ([told(2, 0), decided(3)], [2, 3], False),
    ],
)
def test_order(events: list[Event], order: list[int], *, whole: bool) -> None:
    found = trace(CASE, events)
    assert [one.sequence for one in found.events] == order
    assert found.is_whole is whole


def test_a_decision_stands_where_it_was_told_among_events_of_one_moment() -> None:
    found = trace(CASE, [told(1, 0), told(2, 5), told(4, 5), decided(5)])
    assert [type(one.data) is DecisionMade for one in found.events] == [False, False, True, False]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_whatever_comes_in_whatever_order_nothing_is_lost_and_no_number_is_given_twice(
    happened: list[tuple[int, bool]], chance: Random
) -> None:
    events = [
        decided(hour) if decision else told(number, hour)
        for number, (hour, decision) in enumerate(happened, start=1)
    ]
    chance.shuffle(events)
    found = trace(CASE, events).events
    assert len({one.sequence for one in found}) == len(happened)
    assert [one.time for one in found] == sorted(one.time for one in events)


def test_what_isnt_a_decision_keeps_its_number() -> None:
    withdrawn = Event("", "urn:x", CASE, START, ApplicationWithdrawn(), 7)
    assert trace(CASE, [withdrawn]).events == (withdrawn,)
