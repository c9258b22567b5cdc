"""Which decision ends whose wait, whatever the order in which things are told."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.triggers.waiting import Followed, Wait, follow
from shared.events.catalogue.case import (
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    CourtDecided,
    DecisionMade,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import AppealOutcome, Direction, IntakeChannel

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
GROUPS = {"permit": "work", "reunion": "family"}
ORDERED = CourtDecided(outcome=AppealOutcome.PARTLY_REVERSED)


def on(day: int, facts: Facts) -> Event:
    return new_event("urn:test", "case-" + "c" * 26, facts, time=AT + timedelta(days=day))


def applied(day: int, service: str = "permit") -> Event:
    facts = ApplicationReceived(channel=IntakeChannel.POST, service_key=service, unit="unit-1")
    return on(day, facts)


def decided(day: int, letter: str = "a") -> Event:
    return on(
        day,
        DecisionMade(
            decision_id="decision-" + letter * 26,
            type_code="AufenthG-18b",
            direction=Direction.ADVERSE,
            unit="unit-1",
            decider="decider-" + "d" * 26,
        ),
    )


def what_became(*events: Event, group: str = "work") -> Followed:
    decisions = [one.data.decision_id for one in events if isinstance(one.data, DecisionMade)]
    return follow([], events, GROUPS, dict.fromkeys(decisions, group))


def since(wait: Wait) -> tuple[int, bool]:
    return (wait.since - AT).days, wait.ruled


def test_a_decision_ends_the_wait_of_its_group_and_else_the_oldest() -> None:
    both = (applied(1, "permit"), applied(2, "reunion"), decided(9))
    assert [since(one) for one in what_became(*both, group="family").left] == [(1, False)]
    assert [since(one) for one in what_became(*both, group="unlisted").left] == [(2, False)]


def test_nothing_ends_a_wait_that_began_after_it() -> None:
    assert [since(one) for one in what_became(decided(1), applied(2)).left] == [(2, False)]
    withdrawn = what_became(on(1, ApplicationWithdrawn()), applied(2))
    assert [since(one) for one in withdrawn.left] == [(2, False)]


def test_what_is_withdrawn_ends_the_youngest_and_a_closed_case_waits_for_nothing() -> None:
    events = (applied(1), applied(2), on(3, ApplicationWithdrawn()))
    assert [since(one) for one in what_became(*events).left] == [(1, False)]
    assert not what_became(*events, on(3, ORDERED), on(4, CaseClosed())).left


def test_a_decision_that_a_court_ordered_ends_that_wait_beside_its_own() -> None:
    found = what_became(applied(1), on(5, ORDERED), decided(6))
    [ended] = found.ended.values()
    assert sorted(map(since, ended)) == [(1, False), (5, True)]
    assert not found.left


@given(st.permutations([applied(1), applied(2, "reunion"), decided(3), on(4, ORDERED), applied(5),
                        decided(6, "b")]))  # fmt: skip
def test_the_order_in_which_it_is_told_changes_nothing(events: list[Event]) -> None:
    told = sorted(events, key=lambda one: one.time)
    assert what_became(*events) == what_became(*told)
