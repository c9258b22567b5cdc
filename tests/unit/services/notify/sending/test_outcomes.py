from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.lanes import Lane
from services.notify.message import Attempt
from services.notify.sending.answer import Answer
from services.notify.sending.outcomes import Outcome, after, endings
from services.notify.sending.retry import SCHEDULES
from services.notify.states import TERMINAL, TRANSITIONS, State
from shared.events.vocabulary import Channel, FailureReason

PLANNED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ATTEMPT = Attempt(
    id=UUID(int=7),
    name="application_received",
    case_ref="case-" + "a" * 26,
    contact_ref="contact-" + "a" * 26,
    channel=Channel.EMAIL,
    language="de",
    cause_id=None,
    traceparent=None,
    number=1,
    lane=Lane.BULK,
    planned_at=PLANNED_AT,
    expires_at=None,
)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer.ACCEPTED, Outcome(State.ACCEPTED, handed_over=True)),
        (Answer.ADDRESS_REFUSED, Outcome(State.FAILED, FailureReason.ADDRESS_REFUSED)),
        (Answer.CONTENT_REFUSED, Outcome(State.FAILED, FailureReason.CONTENT_REFUSED)),
    ],
)
def test_each_answer_has_its_consequence(answer: Answer, outcome: Outcome) -> None:
    assert after(answer, ATTEMPT, PLANNED_AT) == outcome


def test_an_sms_that_was_taken_waits_for_its_report() -> None:
    sms = replace(ATTEMPT, channel=Channel.SMS, lane=Lane.URGENT)

    owed = Outcome(State.ACCEPTED, delay=timedelta(hours=4), handed_over=True)
    assert after(Answer.ACCEPTED, sms, PLANNED_AT) == owed


def test_only_a_clear_answer_lets_another_provider_be_asked() -> None:
    later = after(Answer.LATER, ATTEMPT, PLANNED_AT)
    unclear = after(Answer.UNCLEAR, ATTEMPT, PLANNED_AT)

    assert (later.state, unclear.state) == (State.PLANNED, State.PLANNED)
    assert not later.handed_over
    assert unclear.handed_over


def test_after_four_days_nobody_tries_again() -> None:
    patience = SCHEDULES[Lane.BULK].give_up_after
    almost = after(Answer.LATER, ATTEMPT, PLANNED_AT + patience - timedelta(minutes=1))
    then = after(Answer.LATER, ATTEMPT, PLANNED_AT + patience)

    assert almost.state is State.PLANNED
    assert then == Outcome(State.FAILED, FailureReason.PROVIDER_UNREACHABLE)


def test_what_would_come_too_late_expires() -> None:
    soon = PLANNED_AT + timedelta(hours=1)

    assert after(Answer.LATER, replace(ATTEMPT, expires_at=soon), soon) == Outcome(
        State.EXPIRED, FailureReason.TOO_LATE
    )


@given(st.sampled_from(Answer), st.integers(1, 1000), st.timedeltas(timedelta(0)))
def test_an_outcome_is_a_step_of_the_table_and_ends_or_has_a_pause(
    answer: Answer, number: int, age: timedelta
) -> None:
    now = PLANNED_AT + min(age, timedelta(days=3650))
    outcome = after(answer, replace(ATTEMPT, number=number), now)

    assert outcome.state in TRANSITIONS[State.SENDING]
    assert (outcome.delay is None) == (outcome.state in TERMINAL)
    assert (outcome.reason is None) == (
        outcome.state not in {State.EXPIRED, State.FAILED, State.SUPPRESSED}
    )


@given(st.sampled_from(Answer))
def test_exactly_the_endings_are_published(answer: Answer) -> None:
    outcome = after(answer, ATTEMPT, PLANNED_AT)

    facts = list(endings(ATTEMPT, outcome))

    assert [fact.event_type for fact in facts] == (
        [f"gleichfall.notification.{outcome.state}.v1"] if outcome.delay is None else []
    )
