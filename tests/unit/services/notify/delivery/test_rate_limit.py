from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.rate_limit import Bucket, Rate

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
rates = st.integers(1, 10_000).map(Rate)


@pytest.mark.parametrize(
    ("per_minute", "per_second", "capacity"),
    [(300, 5, 101), (60, 1, 21), (1, 1 / 60, 1), (3_000, 50, 1_000), (6_000, 100, 1_000)],
)
def test_a_rate_is_a_refill_and_a_largest_burst(
    per_minute: int, per_second: float, capacity: int
) -> None:
    rate = Rate(per_minute)

    assert rate.per_second == pytest.approx(per_second)
    assert rate.capacity == capacity


def test_parts_are_counted_not_messages() -> None:
    bucket = Bucket.full(Rate(300), NOW)

    bucket, wait = bucket.take(100, NOW)
    assert not wait
    bucket, wait = bucket.take(6, NOW)

    assert wait == timedelta(seconds=1)
    assert bucket.level == 1, "nothing was taken"


def test_a_message_larger_than_the_bucket_leaves_when_it_is_full_and_others_wait_for_it() -> None:
    bucket, wait = Bucket.full(Rate(60), NOW).take(31, NOW)
    assert not wait

    _, wait = bucket.take(1, NOW)

    assert wait == timedelta(seconds=11)


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    bucket, _ = Bucket.full(Rate(60), NOW).take(21, NOW)

    back, wait = bucket.take(1, NOW - timedelta(hours=1))

    assert wait == timedelta(seconds=1)
    assert back.take(1, NOW + wait)[1] == timedelta()
    assert back.take(2, NOW + wait)[1] == timedelta(seconds=1)


def test_no_wait_always_means_that_the_parts_were_taken() -> None:
    almost = Bucket(Rate(60), level=1 - 1e-9, filled_at=NOW)

    assert almost.take(1, NOW) == (almost, timedelta(microseconds=1))


@given(rates, st.lists(st.tuples(st.integers(1, 20), st.floats(0, 5)), max_size=40))
def test_who_waits_as_long_as_told_may_leave(rate: Rate, messages: list[tuple[int, float]]) -> None:
    bucket, now = Bucket.full(rate, NOW), NOW
    for parts, pause in messages:
        now += timedelta(seconds=pause)
        bucket, wait = bucket.take(parts, now)
        if wait:
            now += wait
            bucket, again = bucket.take(parts, now)
            assert again <= timedelta(microseconds=2)


@given(rates, st.lists(st.tuples(st.integers(1, 20), st.floats(0, 5)), max_size=40))
def test_no_pattern_of_messages_gets_more_than_the_rate(
    rate: Rate, messages: list[tuple[int, float]]
) -> None:
    bucket, now, taken = Bucket.full(rate, NOW), NOW, 0
    for parts, pause in messages:
        bucket, wait = bucket.take(parts, now)
        taken += 0 if wait else parts
        now += timedelta(seconds=pause)

    at_most = rate.capacity + (now - NOW).total_seconds() * rate.per_second
    assert taken <= at_most + 20
