"""What brings a decision into the queue of reviews, and what doesn't."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.policy.policy import Policy, Trigger, TriggerKind
from services.controlling.queue.reason import Wanted
from services.controlling.triggers.causes import (
    LawChange,
    fails_check,
    in_queue,
    triggered_by,
    under_new_law,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealForwarded,
    AppealLodged,
    AppealRemedied,
    CourtActionFiled,
    CourtDecided,
    DecisionCorrected,
    DecisionMade,
)
from shared.events.event import new_event
from shared.events.registry import Facts
from shared.events.vocabulary import AppealOutcome, Direction, DrawReason
from shared.law.decision_types import DecisionTypes

ONE = "decision-" + "a" * 26
AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
TYPES = DecisionTypes.load()


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (AppealLodged(decision_id=ONE), TriggerKind.APPEAL_LODGED),
        (AppealRemedied(decision_id=ONE), TriggerKind.APPEAL_LOST),
        (
            AppealDecided(decision_id=ONE, outcome=AppealOutcome.REVERSED),
            TriggerKind.APPEAL_LOST,
        ),
        (
            AppealDecided(decision_id=ONE, outcome=AppealOutcome.PARTLY_REVERSED),
            TriggerKind.APPEAL_LOST,
        ),
        (AppealDecided(decision_id=ONE, outcome=AppealOutcome.UPHELD), None),
        (AppealDecided(decision_id=ONE, outcome=AppealOutcome.WITHDRAWN), None),
        (AppealForwarded(decision_id=ONE), None),
        (CourtActionFiled(decision_id=ONE), None),
        (
            CourtDecided(decision_id=ONE, outcome=AppealOutcome.REVERSED),
            TriggerKind.COURT_OVERTURNED,
        ),
        (CourtDecided(decision_id=ONE, outcome=AppealOutcome.UPHELD), None),
        (CourtDecided(outcome=AppealOutcome.REVERSED), None),
        (DecisionCorrected(decision_id=ONE), None),
    ],
)
def test_an_event_triggers_by_what_it_says(facts: Facts, kind: TriggerKind | None) -> None:
    found = triggered_by(new_event("urn:test", "case-" + "c" * 26, facts, time=AT))
    assert found == (None if kind is None else (ONE, kind))


@pytest.mark.parametrize(
    ("facts", "fails"),
    [
        ({}, False),
        ({"reasons_given": False}, True),
        ({"reasons_given": False, "direction": Direction.FAVOURABLE}, False),
        ({"remedy_instruction": None}, True),
        ({"remedy_instruction": None, "direction": Direction.FAVOURABLE}, False),
        ({"type_code": "AufenthG-53", "discretion_exercised": False}, None),
        ({"type_code": "article-142", "remedy_instruction": None}, False),
    ],
)
def test_a_check_needs_nothing_but_the_decision(
    facts: dict[str, object],
    fails: bool | None,
) -> None:
    made = DecisionMade.model_validate({
        "decision_id": ONE,
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE,
        "unit": "unit-1",
        "decider": "decider-" + "d" * 26,
        "reasons_given": True,
        "remedy_instruction": "rb-1",
    } | facts)  # fmt: skip
    kind = TYPES.find(made.type_code, AT.date())
    expected = fails if fails is not None else kind is not None and kind.discretion
    assert fails_check(made, kind) == expected


@pytest.mark.parametrize(
    ("day", "type_code", "under"),
    [
        (date(2026, 4, 30), "A", False),
        (date(2026, 5, 1), "A", True),
        (date(2026, 5, 30), "A", True),
        (date(2026, 5, 31), "A", False),
        (date(2026, 5, 10), "B", False),
    ],
)
def test_a_change_of_law_is_watched_for_some_days(day: date, type_code: str, under: bool) -> None:
    changes = [LawChange("A", date(2026, 5, 1)), LawChange("A", date(2020, 1, 1))]
    assert under_new_law(changes, type_code, day, timedelta(days=30)) == under


def policy(**triggers: Trigger) -> Policy:
    return Policy(
        version="1",
        default_rate=Decimal("0.1"),
        triggers={TriggerKind(kind): trigger for kind, trigger in triggers.items()},
    )


def test_only_what_the_policy_names_enters_the_queue() -> None:
    causes = [(ONE, kind) for kind in TriggerKind]
    wanted = policy(appeal_lost=Trigger(priority=2), inaction=Trigger(enabled=False))
    assert list(in_queue(wanted, causes)) == [Wanted(ONE, DrawReason.APPEAL_LOST, 2)]


@given(st.lists(st.sampled_from(TriggerKind), max_size=12))
def test_each_cause_counts_once_whatever_the_order(kinds: list[TriggerKind]) -> None:
    everything = policy(**{kind.value: Trigger() for kind in TriggerKind})
    causes = [(ONE, kind) for kind in kinds]
    found = list(in_queue(everything, causes))
    assert len(found) == len(set(kinds))
    assert set(found) == set(in_queue(everything, reversed(causes)))
    assert not {DrawReason.RANDOM, DrawReason.TOP_UP} & {one.reason for one in found}
