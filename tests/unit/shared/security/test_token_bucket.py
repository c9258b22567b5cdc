from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.security.token_bucket import TokenBucket

NOW = 1_000.0
rates = st.floats(0.1, 200)
requests = st.lists(st.tuples(st.integers(1, 20), st.floats(0, 5)), max_size=40)


def full(rate: float, capacity: float) -> TokenBucket:
    return TokenBucket.full(rate, capacity, NOW)


def test_who_finds_too_little_takes_nothing_and_is_told_how_long_to_wait() -> None:
    bucket, wait = full(5, 101).take(100, NOW)
    assert not wait
    bucket, wait = bucket.take(6, NOW)

    assert wait == timedelta(seconds=1)
    assert bucket.level == 1, "nothing was taken"


def test_more_than_the_bucket_holds_goes_when_it_is_full_and_others_wait_for_it() -> None:
    bucket, wait = full(1, 21).take(31, NOW)
    assert not wait

    _, wait = bucket.take(1, NOW)

    assert wait == timedelta(seconds=11)


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    bucket, _ = full(1, 21).take(21, NOW)

    back, wait = bucket.take(1, NOW - 3_600)

    assert wait == timedelta(seconds=1)
    assert back.take(1, NOW + 1)[1] == timedelta()
    assert back.take(2, NOW + 1)[1] == timedelta(seconds=1)


def test_no_wait_always_means_that_the_tokens_were_taken() -> None:
    almost = TokenBucket(1, 21, level=1 - 1.5e-6, filled_at=NOW)

    assert almost.take(1, NOW) == (almost, timedelta(microseconds=2))


def test_what_rounding_leaves_is_nothing_to_wait_for() -> None:
    rounded = TokenBucket(1, 21, level=1 - 1e-9, filled_at=NOW)

    bucket, wait = rounded.take(1, NOW)

    assert (round(bucket.level, 6), wait) == (0, timedelta())


@given(rates, requests)
def test_who_waits_as_long_as_told_may_go(rate: float, asked: list[tuple[int, float]]) -> None:
    bucket, now = full(rate, 10), NOW
    for amount, pause in asked:
        now += pause
        bucket, wait = bucket.take(amount, now)
        if wait:
            now += wait.total_seconds()
            bucket, again = bucket.take(amount, now)
            assert again <= timedelta(microseconds=2)


@given(rates, requests)
def test_no_pattern_gets_more_than_the_rate(rate: float, asked: list[tuple[int, float]]) -> None:
    bucket, now, taken = full(rate, 10), NOW, 0
    for amount, pause in asked:
        bucket, wait = bucket.take(amount, now)
        taken += 0 if wait else amount
        now += pause

    assert taken <= 10 + (now - NOW) * rate + 20
