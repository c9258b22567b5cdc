"""Two events are the same when they mean the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.fingerprint import fingerprint
from shared.events.envelope import CloudEvent

EVENT = CloudEvent(
    id="1",
    source="urn:test",
    type="gleichfall.case.closed.v1",
    subject="case-" + "a" * 26,
    time=datetime(2026, 3, 1, 12, tzinfo=UTC),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def backwards(value: object) -> object:
    """The same JSON value with every object's keys in another order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(list(value))}
    if isinstance(value, list):
        return [backwards(item) for item in value]
    return value


@given(JSON)
def test_the_order_of_keys_says_nothing(data: object) -> None:
    assert fingerprint(EVENT, data) == fingerprint(EVENT, backwards(data))


@given(st.lists(JSON, min_size=2, max_size=2, unique_by=repr))
def test_other_data_is_another_event(data: list[object]) -> None:
    prints = {fingerprint(EVENT, value) for value in data}
    assert len(prints) == len({spelling(value) for value in data})


def spelling(value: object) -> str:
    """Tells JSON values apart, also true from 1, whatever the order of keys."""
    if isinstance(value, dict):
        return f"object {sorted((key, spelling(item)) for key, item in value.items())}"
    if isinstance(value, list):
        return f"array {[spelling(item) for item in value]}"
    return repr(value)


def test_the_same_moment_on_another_clock_is_the_same() -> None:
    berlin = EVENT._replace(time=datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))))
    assert fingerprint(berlin, {}) == fingerprint(EVENT, {})


def test_the_transport_says_nothing() -> None:
    traced = EVENT._replace(extensions={"traceparent": "00-1-2-01"}, datacontenttype="text/json")
    assert fingerprint(traced, {}) == fingerprint(EVENT, {})


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event._replace(type="gleichfall.hearing.sent.v1"),
        lambda event: event._replace(subject="case-" + "b" * 26),
        lambda event: event._replace(time=event.time + timedelta(microseconds=1)),
    ],
)
def test_type_subject_and_time_are_part_of_the_meaning(
    change: Callable[[CloudEvent], CloudEvent],
) -> None:
    assert fingerprint(change(EVENT), {}) != fingerprint(EVENT, {})
