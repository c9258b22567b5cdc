import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.outcomes import RELEASED
from services.notify.delivery.states import (
    TERMINAL,
    TRANSITIONS,
    State,
    allowed_steps,
    sources_of,
)
from services.notify.store import QUERIES
from shared.service.settings import ROOT

SCHEMA = (ROOT / "services/notify/migrations/0002_pre_message.sql").read_text()


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


def test_what_has_ended_stays_as_it_is() -> None:
    assert {State.ACCEPTED, State.FAILED, State.SUPPRESSED} == TERMINAL
    assert not [step for step in allowed_steps() if step[0] in TERMINAL]


def test_every_message_can_end() -> None:
    for state in set(State) - TERMINAL:
        reached, frontier = set(), {state}
        while frontier:
            reached |= frontier
            frontier = {after for one in frontier for after in TRANSITIONS[one]} - reached
        assert reached & TERMINAL


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_the_steps_are_the_table(before: State, after: State) -> None:
    assert ((before, after) in allowed_steps()) == (after in TRANSITIONS[before])
    assert (before in sources_of(after)) == (after in TRANSITIONS[before])


@given(st.lists(st.sampled_from(State), max_size=30))
def test_no_order_of_receipts_brings_an_ended_message_back(receipts: list[State]) -> None:
    """Shuffled and doubled receipts: a step that isn't in the table does nothing."""
    state, history = State.PLANNED, [State.PLANNED]
    for receipt in receipts:
        if receipt in TRANSITIONS[state]:
            state = receipt
            history.append(state)

    assert sum(one in TERMINAL for one in history) <= 1


def test_the_database_knows_the_same_states() -> None:
    found = re.search(r"CHECK \(state IN \((.*?)\)\)", SCHEMA)

    assert found is not None
    assert set(re.findall(r"'(\w+)'", found[1])) == {state.value for state in State}


def test_the_claim_leads_into_sending() -> None:
    assert f"SET state = '{State.SENDING}'" in QUERIES["claim"]
    assert State.SENDING in sources_of(RELEASED.state)
