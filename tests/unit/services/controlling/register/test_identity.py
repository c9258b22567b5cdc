"""An id names one decision: what comes again is a repeat, what says something else is another."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.register.identity import Content, content_of, second_id
from services.controlling.register.registration import Made
from shared.events.catalogue.case import DecisionMade
from shared.events.event import new_event
from shared.events.vocabulary import Direction

DAY = date(2026, 5, 4)
ID = "decision-" + "a" * 26
CONTENT = Content(
    "case-" + "a" * 26,
    "AufenthG-18b",
    Direction.ADVERSE,
    "unit-2",
    DAY,
    {"language": "de", "features": {"renewal": True}, "reasons_given": None},
)


@dataclass(frozen=True)
class Other:
    """Something that another decision says."""

    name: str
    content: Content


OTHERS = [
    Other("case", CONTENT._replace(case_ref="case-" + "b" * 26)),
    Other("type", CONTENT._replace(type_code="AufenthG-18a")),
    Other("direction", CONTENT._replace(direction=Direction.FAVOURABLE)),
    Other("unit", CONTENT._replace(unit="unit-3")),
    Other("day", CONTENT._replace(day=date(2026, 5, 5))),
    Other("facts", CONTENT._replace(facts={**(CONTENT.facts or {}), "language": "uk"})),
    Other("features", CONTENT._replace(facts={"language": "de", "features": {"renewal": False}})),
]


def made(**facts: object) -> Made:
    decision = DecisionMade.model_validate({
        "decision_id": ID,
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE,
        "unit": "unit-2",
        "decider": "decider-" + "d" * 26,
    } | facts)  # fmt: skip
    at = datetime(2026, 5, 4, 8, tzinfo=UTC)
    return new_event("urn:gleichfall:test", "case-" + "a" * 26, decision, time=at), decision, DAY


@pytest.mark.parametrize("other", OTHERS, ids=lambda one: one.name)
def test_what_differs_in_any_of_these_is_another_decision(other: Other) -> None:
    assert not CONTENT.is_that_of(other.content)
    assert not other.content.is_that_of(CONTENT)


def test_each_other_decision_has_an_id_of_its_own_of_the_form_of_ids() -> None:
    ids = {second_id(ID, one.content) for one in OTHERS} | {second_id(ID, CONTENT)}
    assert len(ids) == len(OTHERS) + 1
    assert all(re.fullmatch(r"decision-[a-z2-7]{26}", one) for one in ids)
    assert ID not in ids


def test_an_id_of_its_own_depends_on_the_id_it_came_under() -> None:
    assert second_id(ID, CONTENT) != second_id("decision-" + "b" * 26, CONTENT)


def test_what_is_left_out_and_what_is_null_are_the_same() -> None:
    less = CONTENT._replace(facts={"features": {"renewal": True}, "language": "de"})
    assert CONTENT.is_that_of(less)
    assert second_id(ID, CONTENT) == second_id(ID, less)


def test_a_decision_from_before_facts_were_kept_is_known_by_the_rest() -> None:
    old = CONTENT._replace(facts=None)
    assert old.is_that_of(CONTENT)
    assert CONTENT.is_that_of(old)
    assert not old.is_that_of(CONTENT._replace(unit="unit-3", facts=None))


@pytest.mark.parametrize(
    "facts",
    [
        {"decider": "decider-" + "e" * 26},
        {"co_signer": "decider-" + "e" * 26},
        {"dataref": "x"},
        {"late_reason": "outage"},
        {"legal_basis": "§ 18b AufenthG"},
    ],
    ids=["decider", "co-signer", "place of the file", "why late", "norm"],
)
def test_who_decided_and_what_is_seldom_said_bind_nothing(facts: dict[str, object]) -> None:
    assert content_of(made()).is_that_of(content_of(made(**facts)))
    assert second_id(ID, content_of(made())) == second_id(ID, content_of(made(**facts)))


@given(
    st.permutations(["renewal", "years-of-stay", "passport-valid"]),
    st.integers(),
)
def test_the_order_of_features_changes_nothing(names: list[str], value: int) -> None:
    one = CONTENT._replace(facts={"features": dict.fromkeys(names, value)})
    other = CONTENT._replace(facts={"features": dict.fromkeys(sorted(names), value)})
    assert one.is_that_of(other)
    assert second_id(ID, one) == second_id(ID, other)


@given(st.text(), st.text())
def test_no_two_ways_to_cut_the_same_letters_are_one_decision(left: str, right: str) -> None:
    cut = CONTENT._replace(type_code=left, unit=right)
    assert cut == CONTENT._replace(type_code=left + right, unit="") or second_id(
        ID, cut
    ) != second_id(ID, CONTENT._replace(type_code=left + right, unit=""))
