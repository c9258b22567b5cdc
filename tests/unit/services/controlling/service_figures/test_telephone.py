"""How many calls a line had, and how long people waited."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.ranking import at_most
from services.controlling.service_figures.telephone import Telephone, count_calls, together
from shared.events.catalogue.office import (
    CallAbandoned,
    CallAnswered,
    CallCalledBack,
    CallReceived,
    CallTransferred,
)
from shared.events.registry import Facts
from shared.events.vocabulary import CallOutcome, CallTopic

DAY = date(2026, 5, 4)
AT = datetime(2026, 5, 4, 8, tzinfo=UTC)


def fact(data: Facts) -> Fact:
    return Fact(Part.TELEPHONE, DAY, AT, data)


RECEIVED = CallReceived(line="direct")
LINES = st.sampled_from(("direct", "hotline-115"))
SECONDS = st.integers(0, 900)
CALLS = st.lists(
    st.one_of(
        st.builds(CallReceived, line=LINES),
        st.builds(
            CallAnswered,
            line=LINES,
            waited_seconds=SECONDS,
            about=st.none() | st.sampled_from(CallTopic),
        ),
        st.builds(CallTransferred, line=LINES),
        st.builds(CallAbandoned, line=LINES, waited_seconds=SECONDS),
        st.builds(
            CallCalledBack, line=LINES, outcome=st.sampled_from(CallOutcome), age_seconds=SECONDS
        ),
    ).map(fact)
)


def test_each_call_is_counted_by_its_line() -> None:
    lines = count_calls([
        fact(RECEIVED),
        fact(CallAnswered(line="direct", waited_seconds=30)),
        fact(RECEIVED),
        fact(CallAbandoned(line="direct", waited_seconds=90)),
        fact(CallCalledBack(line="direct", outcome=CallOutcome.REACHED, age_seconds=3_600)),
        fact(CallReceived(line="hotline-115")),
    ])  # fmt: skip
    assert lines == {
        "direct": Telephone(2, (30,), (90,), (3_600,), reached=1),
        "hotline-115": Telephone(offered=1),
    }
    assert lines["hotline-115"].unknown == 1


def test_what_calls_were_about_is_counted_of_those_of_which_it_was_said() -> None:
    topics = (CallTopic.CASE_STATE, CallTopic.CASE_STATE, CallTopic.DOCUMENTS, None)
    calls = [fact(CallAnswered(line="direct", waited_seconds=9, about=one)) for one in topics]
    found = count_calls([*calls, fact(CallTransferred(line="direct"))])["direct"]
    assert (found.topics, found.about_state, found.transferred) == (3, 2, 1)


@pytest.mark.parametrize(
    ("calls", "share"),
    [
        (Telephone(), None),
        (Telephone(4, waited=(10, 20, 200)), 0.5),
        (Telephone(2, waited=(10,), gave_up=(5,)), 0.5),  # who hangs up soon wasn't answered
        (Telephone(0, waited=(10, 10)), 1.0),  # nobody told that they came in
    ],
)
def test_the_service_level_is_a_share_of_all_calls(calls: Telephone, share: float | None) -> None:
    assert calls.answered_within(timedelta(seconds=20)) == share


@pytest.mark.parametrize(
    ("values", "share", "rank"),
    [((), 0.5, None), ((7,), 0.9, 7), ((1, 2, 3, 4), 0.5, 2), (tuple(range(1, 11)), 0.9, 9)],
)
def test_a_rank_is_one_of_the_values(
    values: tuple[int, ...], share: float, rank: int | None
) -> None:
    assert at_most(values, share) == rank


def test_waits_and_call_backs_are_told_once_they_are_of_seven() -> None:
    few = Telephone(30, waited=(10,) * 6, called_back=(60,) * 6)
    enough = Telephone(30, waited=(10,) * 7, called_back=(60,) * 7)
    assert (few.wait(0.5), few.age_of_call_backs(0.5)) == (None, None)
    assert enough.wait(0.9) == timedelta(seconds=10)
    assert enough.age_of_call_backs(0.5) == timedelta(minutes=1)


@given(CALLS, st.randoms())
def test_the_order_of_calls_changes_nothing(calls: list[Fact], chance: object) -> None:
    shuffled = sorted(calls, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert count_calls(shuffled) == count_calls(calls)


@given(CALLS, CALLS)
def test_days_together_are_as_one_day(some: list[Fact], others: list[Fact]) -> None:
    apart = [*count_calls(some).values(), *count_calls(others).values()]
    assert together(apart) == together([*count_calls(some + others).values()])
