from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.lanes import Lane
from services.notify.sending.retry import SCHEDULES, BackOff, Schedule, next_attempt
from shared.events.vocabulary import FailureReason

PLANNED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MESSAGE = UUID(int=7)
BULK = SCHEDULES[Lane.BULK]
lanes = st.sampled_from(Lane)
numbers = st.integers(1, 10**9)


def attempt_after(
    number: int = 1,
    *,
    message: UUID = MESSAGE,
    schedule: Schedule = BULK,
    passed: timedelta = timedelta(),
    expires_at: datetime | None = None,
) -> datetime | FailureReason:
    return next_attempt(
        message,
        number,
        schedule,
        PLANNED_AT + passed,
        planned_at=PLANNED_AT,
        expires_at=expires_at,
    )


@pytest.mark.parametrize(
    ("lane", "attempt", "longest"),
    [
        (Lane.URGENT, 1, "0:00:05"),
        (Lane.URGENT, 6, "0:02:40"),
        (Lane.URGENT, 7, "0:05:00"),
        (Lane.BULK, 1, "0:00:30"),
        (Lane.BULK, 2, "0:01:00"),
        (Lane.BULK, 8, "1:00:00"),
        (Lane.BULK, 10**9, "1:00:00"),
    ],
)
def test_pauses_double_up_to_their_longest(lane: Lane, attempt: int, longest: str) -> None:
    assert str(SCHEDULES[lane].back_off.ceiling(attempt)) == longest


@given(numbers, st.integers(1, 5), st.integers(1, 10**6), st.integers(0, 10**6))
def test_no_back_off_ever_shrinks_or_outgrows_its_longest(
    attempt: int, base: int, first: int, more: int
) -> None:
    back_off = BackOff(timedelta(seconds=first), timedelta(seconds=first + more), base)

    assert back_off.first <= back_off.ceiling(attempt) <= back_off.longest
    assert back_off.ceiling(attempt) <= back_off.ceiling(attempt + 1)


@given(lanes, numbers, st.uuids())
def test_the_next_attempt_is_within_the_pause_and_the_same_each_time(
    lane: Lane, number: int, message: UUID
) -> None:
    schedule = SCHEDULES[lane]
    found = attempt_after(number, message=message, schedule=schedule)

    assert isinstance(found, datetime)
    assert timedelta() <= found - PLANNED_AT <= schedule.back_off.ceiling(number)
    assert found == attempt_after(number, message=message, schedule=schedule)


def test_messages_deferred_together_do_not_return_together() -> None:
    moments = sorted(
        found
        for one in range(1_000)
        if isinstance(found := attempt_after(8, message=UUID(int=one)), datetime)
    )

    in_each_tenth = [
        sum(PLANNED_AT + start <= one < PLANNED_AT + start + tenth for one in moments)
        for tenth in [timedelta(minutes=6)]
        for start in [tenth * number for number in range(10)]
    ]
    assert min(in_each_tenth) > 70
    assert max(in_each_tenth) < 130


def test_an_urgent_message_gives_up_early_enough_for_another_way() -> None:
    schedule = SCHEDULES[Lane.URGENT]
    almost = attempt_after(schedule=schedule, passed=timedelta(hours=11, minutes=59))
    then = attempt_after(schedule=schedule, passed=timedelta(hours=12))

    assert isinstance(almost, datetime)
    assert then is FailureReason.PROVIDER_UNREACHABLE


@pytest.mark.parametrize(
    ("expires_in", "passed", "reason"),
    [
        (timedelta(hours=1), timedelta(hours=1), FailureReason.TOO_LATE),
        (timedelta(hours=1), timedelta(hours=2), FailureReason.TOO_LATE),
        (timedelta(days=9), timedelta(days=4), FailureReason.PROVIDER_UNREACHABLE),
    ],
)
def test_who_tries_no_more_says_why(
    expires_in: timedelta, passed: timedelta, reason: FailureReason
) -> None:
    assert attempt_after(passed=passed, expires_at=PLANNED_AT + expires_in) is reason


@given(lanes, numbers, st.timedeltas(timedelta(0), timedelta(days=6)), st.uuids())
def test_no_attempt_comes_after_the_end_and_none_is_given_up_while_there_is_time(
    lane: Lane, number: int, left: timedelta, message: UUID
) -> None:
    schedule, expires_at = SCHEDULES[lane], PLANNED_AT + left
    found = attempt_after(number, message=message, schedule=schedule, expires_at=expires_at)

    if isinstance(found, datetime):
        assert PLANNED_AT <= found < expires_at
    else:
        assert left < schedule.back_off.first


@given(lanes, st.uuids(), st.timedeltas(timedelta(0), timedelta(days=6)))
def test_every_message_is_given_up_at_last(lane: Lane, message: UUID, left: timedelta) -> None:
    now, number = PLANNED_AT, 1
    while True:
        found = next_attempt(
            message,
            number,
            SCHEDULES[lane],
            now,
            planned_at=PLANNED_AT,
            expires_at=PLANNED_AT + left,
        )
        if not isinstance(found, datetime):
            break
        now, number = found, number + 1
        assert number < 1_000
