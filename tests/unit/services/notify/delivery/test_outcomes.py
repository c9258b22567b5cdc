from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.answer import Answer
from services.notify.delivery.outcomes import (
    FIRST_DELAY,
    GIVE_UP_AFTER,
    LONGEST_DELAY,
    Attempt,
    Outcome,
    after,
    back_off,
    endings,
)
from services.notify.delivery.states import TERMINAL, TRANSITIONS, State
from shared.events.vocabulary import Channel, FailureReason

PLANNED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ATTEMPT = Attempt(
    id=UUID(int=7),
    name="application_received",
    case_ref="case-" + "a" * 26,
    contact_ref="contact-" + "a" * 26,
    channel=Channel.EMAIL,
    language="de",
    traceparent=None,
    number=1,
    planned_at=PLANNED_AT,
)
dice = st.floats(0, 1)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer.ACCEPTED, Outcome(State.ACCEPTED)),
        (Answer.ADDRESS_REFUSED, Outcome(State.FAILED, FailureReason.ADDRESS_REFUSED)),
        (Answer.CONTENT_REFUSED, Outcome(State.FAILED, FailureReason.CONTENT_REFUSED)),
        (Answer.LATER, Outcome(State.PLANNED, delay=timedelta(seconds=30))),
    ],
)
def test_each_answer_has_its_consequence(answer: Answer, outcome: Outcome) -> None:
    assert after(answer, ATTEMPT, PLANNED_AT, dice=1) == outcome


def test_after_four_days_nobody_tries_again() -> None:
    almost = after(Answer.LATER, ATTEMPT, PLANNED_AT + GIVE_UP_AFTER - timedelta(seconds=1), 0)
    then = after(Answer.LATER, ATTEMPT, PLANNED_AT + GIVE_UP_AFTER, 0)

    assert almost.state is State.PLANNED
    assert then == Outcome(State.FAILED, FailureReason.PROVIDER_UNREACHABLE)


@pytest.mark.parametrize(
    ("number", "longest"), [(1, "0:00:30"), (2, "0:01:00"), (5, "0:08:00"), (8, "1:00:00")]
)
def test_pauses_double_up_to_an_hour(number: int, longest: str) -> None:
    assert str(back_off(number, dice=1)) == longest


@given(st.integers(1, 10**9), dice)
def test_a_pause_is_never_too_short_and_never_too_long(number: int, thrown: float) -> None:
    assert FIRST_DELAY / 2 <= back_off(number, thrown) <= LONGEST_DELAY


@given(st.sampled_from(Answer), st.integers(1, 1000), st.timedeltas(timedelta(0)), dice)
def test_an_outcome_is_a_step_of_the_table_and_ends_or_has_a_pause(
    answer: Answer, number: int, age: timedelta, thrown: float
) -> None:
    now = PLANNED_AT + min(age, timedelta(days=3650))
    outcome = after(answer, replace(ATTEMPT, number=number), now, thrown)

    assert outcome.state in TRANSITIONS[State.SENDING]
    assert (outcome.delay is None) == (outcome.state in TERMINAL)
    assert (outcome.reason is None) == (outcome.state not in {State.FAILED, State.SUPPRESSED})


@given(st.sampled_from(Answer), dice)
def test_exactly_the_endings_are_published(answer: Answer, thrown: float) -> None:
    outcome = after(answer, ATTEMPT, PLANNED_AT, thrown)

    facts = list(endings(ATTEMPT, outcome))

    assert [fact.event_type for fact in facts] == (
        [f"gleichfall.notification.{outcome.state}.v1"] if outcome.delay is None else []
    )
