import re
from collections.abc import Sequence
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.outcomes import RELEASED
from services.notify.sending.store import QUERIES
from services.notify.states import (
    LIVING,
    MISSED,
    REPORTS,
    TERMINAL,
    TRANSITIONS,
    WAITING,
    State,
    allowed_steps,
    has_ended,
    owes_report,
    reported_steps,
    sources_of,
)
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel

MIGRATIONS = sorted((ROOT / "services/notify/migrations").glob("*.sql"))
channels = st.sampled_from(Channel)
every_channel = pytest.mark.parametrize("channel", list(Channel))


def after_all(reports: Sequence[State], channel: Channel, state: State = State.SENDING) -> State:
    steps = reported_steps(channel)
    for report in reports:
        state = report if (state, report) in steps else state
    return state


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


def test_what_has_ended_is_never_sent_again() -> None:
    assert {
        State.ACCEPTED,
        State.DELIVERED,
        State.BOUNCED,
        State.EXPIRED,
        State.SUPERSEDED,
        State.SUPPRESSED,
        State.FAILED,
    } == TERMINAL
    assert not [step for step in allowed_steps() if step[0] in TERMINAL]


def test_every_message_can_end() -> None:
    for state in set(State) - TERMINAL:
        reached, frontier = set(), {state}
        while frontier:
            reached |= frontier
            frontier = {after for one in frontier for after in TRANSITIONS[one]} - reached
        assert reached & TERMINAL


def test_whatever_waits_can_be_stopped_for_each_reason() -> None:
    for end in (State.EXPIRED, State.SUPERSEDED, State.SUPPRESSED, State.FAILED):
        assert set(sources_of(end)) == LIVING
    assert {State.SENDING} == LIVING - WAITING


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_the_steps_are_the_table(before: State, after: State) -> None:
    assert ((before, after) in allowed_steps()) == (after in TRANSITIONS[before])
    assert (before in sources_of(after)) == (after in TRANSITIONS[before])


@given(st.lists(st.sampled_from(State), max_size=30))
def test_no_order_of_steps_brings_an_ended_message_back(steps: list[State]) -> None:
    state, history = State.PLANNED, [State.PLANNED]
    for step in steps:
        if step in TRANSITIONS[state]:
            state = step
            history.append(state)

    assert sum(one in TERMINAL for one in history) <= 1


@every_channel
def test_accepted_is_not_delivered_and_an_end_only_where_nothing_more_is_owed(
    channel: Channel,
) -> None:
    assert owes_report(channel) == (channel in {Channel.SMS, Channel.MAILBOX})
    assert has_ended(State.ACCEPTED, channel) != owes_report(channel)
    assert all(has_ended(end, channel) for end in TERMINAL - {State.ACCEPTED})
    assert not any(has_ended(living, channel) for living in LIVING)


@pytest.mark.parametrize(
    ("channel", "state", "report", "then"),
    [
        (Channel.EMAIL, State.ACCEPTED, State.BOUNCED, State.BOUNCED),
        (Channel.EMAIL, State.DELIVERED, State.BOUNCED, State.BOUNCED),  # a server behind
        (Channel.EMAIL, State.BOUNCED, State.DELIVERED, State.BOUNCED),
        (Channel.LETTER, State.DELIVERED, State.BOUNCED, State.BOUNCED),  # it came back
        (Channel.SMS, State.BOUNCED, State.DELIVERED, State.DELIVERED),
        (Channel.SMS, State.DELIVERED, State.BOUNCED, State.DELIVERED),
        (Channel.SMS, State.EXPIRED, State.DELIVERED, State.DELIVERED),
        (Channel.MAILBOX, State.ACCEPTED, State.EXPIRED, State.EXPIRED),
        (Channel.SMS, State.SENDING, State.DELIVERED, State.DELIVERED),  # before our own record
        (Channel.SMS, State.PLANNED, State.DELIVERED, State.DELIVERED),  # the answer got lost
        (Channel.SMS, State.SUPERSEDED, State.DELIVERED, State.SUPERSEDED),
        (Channel.SMS, State.SUPPRESSED, State.DELIVERED, State.SUPPRESSED),
        (Channel.SMS, State.FAILED, State.DELIVERED, State.FAILED),
    ],
)
def test_a_report_counts_only_if_it_is_stronger(
    channel: Channel, state: State, report: State, then: State
) -> None:
    assert after_all([report], channel, state) is then


@every_channel
def test_the_order_of_reports_changes_nothing(channel: Channel) -> None:
    for size in range(1, len(REPORTS[channel]) + 1):
        for told in combinations(REPORTS[channel], size):
            ends = {after_all(order, channel) for order in permutations(told)}
            assert ends == {told[-1]}, "the strongest of them"


@given(channels, st.data())
def test_shuffled_and_doubled_reports_end_like_the_plain_ones(
    channel: Channel, data: st.DataObject
) -> None:
    told = data.draw(st.lists(st.sampled_from(REPORTS[channel]), min_size=1, max_size=8))
    shuffled = data.draw(st.permutations(told + told))
    begin = data.draw(st.sampled_from(sorted(LIVING)))

    assert after_all(shuffled, channel, begin) is after_all(told, channel, begin)


@given(
    channels,
    st.lists(st.tuples(st.sampled_from(["step", "report"]), st.sampled_from(State)), max_size=40),
)
def test_whatever_comes_between_reports_an_end_is_left_only_for_a_stronger_one(
    channel: Channel, happenings: list[tuple[str, State]]
) -> None:
    """Our own steps and reports in any order: nothing leaves again, and reports only climb."""
    state = State.PLANNED
    for kind, to in happenings:
        before = state
        if kind == "step" and to in TRANSITIONS[state]:
            state = to
        if kind == "report":
            state = after_all([to], channel, state)
        if before in TERMINAL and state is not before:
            ladder = REPORTS[channel]
            assert ladder.index(before) < ladder.index(state)


@every_channel
def test_reports_never_lead_to_where_a_message_could_leave(channel: Channel) -> None:
    assert {after for _, after in reported_steps(channel)} <= TERMINAL
    assert len(reported_steps(channel)) == len(set(reported_steps(channel)))


def test_what_was_missed_must_be_told_otherwise() -> None:
    assert {State.ACCEPTED, State.DELIVERED, State.SUPERSEDED} == TERMINAL - MISSED


def constraint(pattern: str) -> set[str]:
    """Give the list of states in the newest constraint that the migrations write."""
    found = [re.findall(pattern, path.read_text(encoding="utf-8")) for path in MIGRATIONS]
    newest = [texts[-1] for texts in found if texts][-1]
    return set(re.findall(r"'(\w+)'", newest))


def test_the_database_knows_the_same_states() -> None:
    assert constraint(r"CHECK \(state IN \(([^)]*)\)\)") == {state.value for state in State}


def test_the_database_asks_for_a_reason_where_a_message_ended_without_delivery() -> None:
    told = constraint(r"CHECK \(\s*\(state IN \(([^)]*)\)\)\s*= \(reason IS NOT NULL\)\)")

    assert told == {state.value for state in MISSED | {State.SUPERSEDED}}


def test_the_claim_leads_into_sending() -> None:
    assert f"SET state = '{State.SENDING}'" in QUERIES["claim"]
    assert State.SENDING in sources_of(RELEASED.state)
