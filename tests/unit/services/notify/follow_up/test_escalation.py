from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.follow_up.escalation import Standing, Step, next_step
from services.notify.states import LIVING, MISSED, State, owes_report
from shared.events.vocabulary import Channel

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALL_WAYS = (Channel.EMAIL, Channel.SMS, Channel.LETTER)
missed = pytest.mark.parametrize("state", sorted(MISSED))


def standing(
    state: State,
    channel: Channel = Channel.EMAIL,
    *,
    ways: tuple[Channel, ...] = ALL_WAYS,
    tried: frozenset[Channel] = frozenset(),
    expires_at: datetime | None = None,
) -> Standing:
    return Standing(channel, state, ways, tried | {channel}, expires_at)


@missed
def test_what_did_not_arrive_takes_the_next_way_then_the_letter_then_a_task(state: State) -> None:
    second = standing(state, Channel.SMS, tried=frozenset({Channel.EMAIL}))
    third = standing(state, Channel.LETTER, tried=frozenset({Channel.EMAIL, Channel.SMS}))

    assert next_step(standing(state), NOW) is Channel.SMS
    assert next_step(second, NOW) is Channel.LETTER
    assert next_step(third, NOW) is Step.TASK


def test_a_letter_comes_last_whatever_is_preferred() -> None:
    ways = (Channel.LETTER, Channel.MAILBOX, Channel.EMAIL)

    assert next_step(standing(State.BOUNCED, ways=ways), NOW) is Channel.MAILBOX


@missed
def test_who_has_no_other_way_becomes_a_task(state: State) -> None:
    assert next_step(standing(state, ways=(Channel.EMAIL,)), NOW) is Step.TASK
    assert next_step(standing(state, ways=()), NOW) is Step.TASK


@pytest.mark.parametrize("state", sorted(LIVING))
def test_while_it_may_still_leave_nothing_follows(state: State) -> None:
    assert next_step(standing(state), NOW) is Step.WAIT


@pytest.mark.parametrize(
    ("channel", "step"),
    [
        (Channel.EMAIL, Step.DONE),
        (Channel.LETTER, Step.DONE),
        (Channel.SMS, Step.WAIT),
        (Channel.MAILBOX, Step.WAIT),
    ],
)
def test_accepted_is_enough_only_where_no_report_is_owed(channel: Channel, step: Step) -> None:
    assert next_step(standing(State.ACCEPTED, channel), NOW) is step


@pytest.mark.parametrize("state", [State.DELIVERED, State.SUPERSEDED])
def test_what_arrived_or_became_untrue_needs_nothing_more(state: State) -> None:
    assert next_step(standing(state), NOW) is Step.DONE


@pytest.mark.parametrize(("days", "step"), [(3, Channel.SMS), (0, Step.TASK), (5, Channel.SMS)])
def test_a_way_that_would_be_too_late_is_not_taken(days: int, step: Channel | Step) -> None:
    expires_at = NOW + timedelta(days=days)

    assert next_step(standing(State.BOUNCED, expires_at=expires_at), NOW) is step


@pytest.mark.parametrize(("days", "step"), [(4, Step.TASK), (5, Channel.LETTER)])
def test_a_letter_needs_four_days(days: int, step: Channel | Step) -> None:
    one = standing(
        State.BOUNCED,
        ways=(Channel.EMAIL, Channel.LETTER),
        expires_at=NOW + timedelta(days=days),
    )

    assert next_step(one, NOW) is step


@given(
    st.lists(st.sampled_from(Channel), unique=True, min_size=1),
    st.data(),
)
def test_every_cause_ends_in_a_delivery_on_purpose_or_on_a_desk(
    ways: list[Channel], data: st.DataObject
) -> None:
    ends = st.sampled_from([*sorted(MISSED), State.ACCEPTED, State.DELIVERED, State.SUPERSEDED])
    channel, tried = ways[0], [ways[0]]
    for _ in range(len(ways)):
        state = data.draw(ends)
        if state is State.ACCEPTED and owes_report(channel):
            state = State.EXPIRED
        step = next_step(Standing(channel, state, ways, tried, None), NOW)
        if isinstance(step, Step):
            break
        assert step in ways
        assert step not in tried
        channel = step
        tried.append(step)
    else:
        pytest.fail("it never ended")
    assert step in {Step.DONE, Step.TASK}
    assert (step is Step.TASK) == (state in MISSED)
