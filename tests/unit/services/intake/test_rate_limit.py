"""A source system gets its rate, and no other system pays for it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_takes_one_second_of_events_and_then_says_how_long_to_wait() -> None:
    limit = RateLimit(2_000, least=1_000, clock=Clock())
    assert limit.take("permits", 2_000) == timedelta()
    assert limit.take("permits", 500) == timedelta(seconds=0.25)


def test_waiting_as_long_as_asked_is_enough() -> None:
    clock = Clock()
    limit = RateLimit(10, least=1_000, clock=clock)
    limit.take("permits", 1_000)
    wait = limit.take("permits", 30)
    clock.now += wait.total_seconds()
    assert limit.take("permits", 30) == timedelta()


def test_the_largest_batch_is_possible_at_any_rate() -> None:
    assert RateLimit(1, least=1_000, clock=Clock()).take("permits", 1_000) == timedelta()


def test_one_system_never_waits_for_another() -> None:
    limit = RateLimit(1, least=1, clock=Clock())
    assert limit.take("permits", 1) == timedelta()
    assert limit.take("permits", 1) > timedelta()
    assert limit.take("appointments", 1) == timedelta()


@given(
    st.lists(st.tuples(st.integers(0, 1_000), st.floats(0, 2)), min_size=1, max_size=40),
    st.integers(1, 5_000),
)
def test_no_pattern_of_requests_gets_more_than_the_rate(
    requests: list[tuple[int, float]], rate: int
) -> None:
    clock = Clock()
    limit = RateLimit(rate, least=1_000, clock=clock)
    taken = 0
    for amount, pause in requests:
        if not limit.take("permits", amount):
            taken += amount
        clock.now += pause
    assert taken <= max(rate, 1_000) + (clock.now - 1_000) * rate + 1e-6 * rate


def test_the_largest_body_is_possible_at_any_rate() -> None:
    limit = RateLimit(1_000, least=8_000_000, clock=Clock())
    assert limit.take("permits", 8_000_000) == timedelta()
    assert limit.take("permits", 1) > timedelta()
