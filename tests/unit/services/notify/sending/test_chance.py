from statistics import mean, pstdev
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.chance import Purpose, chance

FROM_0_TO_1_EVENLY = 1 / 12**0.5
# printf pause:00000000-0000-0000-0000-000000000007:1 | sha256sum
# and its first 16 digits, over 2^64
KNOWN = 0.3796777199472904


@given(st.sampled_from(Purpose), st.uuids(), st.integers(1, 10**6))
def test_a_number_is_below_one_and_the_same_each_time(
    purpose: Purpose, message: UUID, attempt: int
) -> None:
    assert 0 <= chance(purpose, message, attempt) < 1
    assert chance(purpose, message, attempt) == chance(purpose, message, attempt)


def test_a_number_is_the_same_in_every_version_and_on_every_machine() -> None:
    assert chance(Purpose.PAUSE, UUID(int=7), 1) == pytest.approx(KNOWN, abs=1e-15)


def test_numbers_are_spread_evenly_over_messages_attempts_and_purposes() -> None:
    for numbers in (
        [chance(Purpose.PAUSE, UUID(int=one), 1) for one in range(5_000)],
        [chance(Purpose.PAUSE, UUID(int=7), one) for one in range(5_000)],
        [chance(one, UUID(int=two), 1) for one in Purpose for two in range(2_500)],
    ):
        assert mean(numbers) == pytest.approx(0.5, abs=0.02)
        assert pstdev(numbers) == pytest.approx(FROM_0_TO_1_EVENLY, abs=0.01)
        assert len(set(numbers)) == len(numbers)
