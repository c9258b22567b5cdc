import pytest

from services.notify.sending.rate_limit import Rate


@pytest.mark.parametrize(
    ("per_minute", "per_second", "capacity"),
    [(300, 5, 101), (60, 1, 21), (1, 1 / 60, 1), (3_000, 50, 1_000), (6_000, 100, 1_000)],
)
def test_a_rate_is_a_refill_and_a_largest_burst(
    per_minute: int, per_second: float, capacity: int
) -> None:
    rate = Rate(per_minute)

    assert rate.per_second == pytest.approx(per_second)
    assert rate.capacity == rate.bucket(0).level == capacity
