"""A type that is written wrong is drawn like the most looked at of its direction."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from services.controlling.policy.file import Names, PolicyInvalid, load_policy
from services.controlling.policy.inspection import Experience, settle
from services.controlling.policy.policy import Policy, PrioritySet, Rule, StratumRate
from services.controlling.policy.strata import LATE, Stratum
from shared.configuration.places import ORGANISATION, POLICY
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation

UNLISTED = "unlisted"
NAMES = Names(DecisionTypes.load(), load_organisation(ORGANISATION))
ADVERSE, FAVOURABLE, NEUTRAL = Direction.ADVERSE, Direction.FAVOURABLE, Direction.NEUTRAL


def policy(*rates: Mapping[str, object], default: str = "0.01", minimum: int = 2) -> Policy:
    return Policy.model_validate_json(to_json({
        "version": "1",
        "default_rate": default,
        "default_minimum": minimum,
        "rates": [{"why": "for the test", **one} for one in rates],
    }))  # fmt: skip


def rule(found: Policy, direction: Direction, unit: str = "unit-1") -> tuple[str, int]:
    kept = settle(found, Experience(), unlisted=UNLISTED)
    one = kept.rule_of(Stratum(UNLISTED, direction, unit))
    return f"{one.rate:f}", one.minimum


STEEP = policy(
    {"group": "ending-stay", "direction": "adverse", "rate": "0.4", "minimum": 5},
    {"direction": "adverse", "rate": "0.2", "minimum": 9},
    {"direction": "favourable", "unit": "unit-3", "rate": "0.3"},
)


@pytest.mark.parametrize(
    ("direction", "highest"),
    [(ADVERSE, ("0.4", 5)), (FAVOURABLE, ("0.3", 0)), (NEUTRAL, ("0.01", 2))],
)
def test_the_highest_rate_of_the_direction_holds_with_its_minimum(
    direction: Direction, highest: tuple[str, int]
) -> None:
    assert rule(STEEP, direction) == highest
    assert rule(STEEP, direction, unit="unit-elsewhere") == highest


def test_a_rule_for_the_group_may_only_raise_that() -> None:
    lower, higher = ({"group": UNLISTED, "rate": one} for one in ("0.1", "0.5"))
    other = {"direction": "adverse", "rate": "0.3", "minimum": 4}
    assert rule(policy(lower, other), ADVERSE) == ("0.3", 4)
    assert rule(policy(lower, other), FAVOURABLE) == ("0.1", 0)
    assert rule(policy(higher, other), ADVERSE) == ("0.5", 0)


def test_priorities_name_their_types_and_raise_nothing_by_themselves() -> None:
    found = policy({"direction": "adverse", "rate": "0.1"}).model_copy(
        update={"priority": load_policy(POLICY).priority}
    )
    assert rule(found, ADVERSE) == ("0.1", 0)


def test_an_inspection_counts_by_the_rate_that_its_plan_gives() -> None:
    inspected = {"direction": "adverse", "inspection": {"quality": "2.5", "lot": 100}}
    assert rule(policy(inspected), ADVERSE) == ("0.2000", 20)


def test_one_rate_for_all_needs_nothing_more() -> None:
    assert settle(policy(), Experience(), unlisted=UNLISTED).rates == ()


rates = st.builds(
    lambda group, direction, percent, minimum: {
        "group": group,
        "direction": direction,
        "rate": Decimal(percent) / 100,
        "minimum": minimum,
    },
    st.sampled_from([None, "work", "family", UNLISTED]),
    st.sampled_from([None, *Direction]),
    st.integers(0, 100),
    st.integers(0, 9),
)


@given(
    st.lists(rates, max_size=6), st.sampled_from(list(Direction)), st.sampled_from(["work", "x"])
)
def test_no_misspelling_ever_lowers_a_rate_and_nothing_else_is_moved(
    rules: list[dict[str, object]], direction: Direction, group: str
) -> None:
    found = policy(*rules)
    kept = settle(found, Experience(), unlisted=UNLISTED)
    listed = Stratum(group, direction, "unit-1")
    assert kept.rule_of(listed) == found.rule_of(listed)
    misspelt = kept.rule_of(Stratum(UNLISTED, direction, "unit-1"))
    assert misspelt.rate >= found.rule_of(listed).rate


@given(st.lists(rates, max_size=4), st.integers(0, 100))
def test_what_comes_too_late_has_a_rate_of_its_own_whatever_rules_say(
    rules: list[dict[str, object]], percent: int
) -> None:
    rate = Decimal(percent) / 100
    found = policy(*rules).model_copy(update={"late_rate": rate})
    stratum = Stratum.parse(f"{LATE}/adverse/unit-1")
    assert settle(found, Experience(), unlisted=UNLISTED).rule_of(stratum) == Rule(rate, 0)
    assert found.entry_of(stratum) is None


def test_experience_of_late_decisions_plans_no_inspection() -> None:
    inspected = policy({"direction": "adverse", "inspection": {"quality": "2.5", "lot": 100}})
    known = Experience({f"{LATE}/adverse/unit-1": 50})
    assert settle(inspected, known).rates == settle(inspected, Experience()).rates


SHIPPED = load_policy(POLICY, NAMES)


@pytest.mark.parametrize("priority", SHIPPED.priority, ids=[one.name for one in SHIPPED.priority])
def test_a_misspelt_type_of_what_is_reviewed_whole_is_reviewed_whole_in_the_shipped_policy(
    priority: PrioritySet,
) -> None:
    written = f"{priority.types[0]}x"
    group = NAMES.types.group_of(written, date(2026, 5, 4))
    kept = settle(SHIPPED, Experience(), unlisted=NAMES.types.unlisted)
    assert kept.rule_of(Stratum(group, ADVERSE, "unit-1")) == Rule(Decimal(1), 0)
    assert kept.rule_of(Stratum(group, FAVOURABLE, "unit-1")).rate == Decimal("0.05")


def test_check_refuses_a_rule_that_would_lower_what_holds_anyway(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    text = (
        'version: "1"\ndefault_rate: 0.01\nrates:\n'
        "  - {group: unlisted, rate: RATE, why: as before}\n"
        "  - {direction: adverse, rate: 0.05, why: for the test}\n"
    )
    file.write_text(text.replace("RATE", "0.01"))
    with pytest.raises(PolicyInvalid, match=r"write 0\.05 or more, or leave this rule out"):
        load_policy(file, NAMES)
    file.write_text(text.replace("RATE", "0.05"))
    assert isinstance(load_policy(file, NAMES).rates[0], StratumRate)
