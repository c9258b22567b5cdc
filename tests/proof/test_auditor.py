"""Nobody works out of a period's figures what was found in fewer than seven decisions."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.controlling.figures.reviews import (
    ON_THE_FACTS,
    ON_THE_FILE,
    SECOND,
    SETTLED,
    Answer,
    Review,
)
from services.controlling.figures.sample import together
from services.controlling.statistics import suppression
from services.controlling.statistics.alternatives import Findings
from tests.proof.auditor import Auditor, Auditors, Case, Result, told_in_turn
from tests.proof.histories import VERDICT, months
from tests.proof.invented import COUNTS, NAMES, SMALL_AND_LARGE, Found, case, otherwise


def results(of: Case, *, knowing_the_method: bool = False) -> Counter[Result]:
    attacks = Auditor(of).attacks(knowing_the_method=knowing_the_method)
    return Counter(attack.result for attack in attacks)


@settings(max_examples=25)
@given(some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=12))
def test_nobody_works_out_a_few_decisions(found: dict[str, Found]) -> None:
    assert not results(case(found))[Result.FALLS]


@settings(max_examples=10)
@given(some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=6))
def test_nor_with_one_breakdown_more(found: dict[str, Found]) -> None:
    assert not results(case(found, by="legal_basis"))[Result.FALLS]


def test_nor_in_a_simulated_month() -> None:
    for month in months(3, 2):
        sample = month.sample(0)
        found = results(Case(sample, month.reviews(sample)))
        assert found[Result.OPEN] >= 8
        assert not found[Result.FALLS]


@settings(max_examples=25)
@given(some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=12))
def test_nor_on_the_facts(found: dict[str, Found]) -> None:
    attacks = Auditor(case(found), beside=ON_THE_FACTS).attacks()
    assert not [one for one in attacks if one.result is Result.FALLS]


def test_nor_on_the_facts_in_a_simulated_month() -> None:
    (month,) = months(3, 1)
    sample = month.sample(0)
    reviews = [
        replace(one, answers={**one.answers, ON_THE_FACTS: one.answers[VERDICT]})
        for one in month.reviews(sample)
    ]
    attacks = Auditor(Case(sample, reviews), beside=ON_THE_FACTS).attacks()
    found = Counter(one.result for one in attacks)
    assert found[Result.OPEN] >= 8
    assert not found[Result.FALLS]


@settings(max_examples=10)
@given(some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=6))
def test_nor_on_the_facts_with_one_output_beside_the_other(found: dict[str, Found]) -> None:
    outputs = told_in_turn([case(found), case(found, by="legal_basis")])
    assert not Auditors(outputs, beside=ON_THE_FACTS).results()[Result.FALLS]


@settings(max_examples=10)
@given(some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=6))
def test_nor_with_one_output_beside_the_other(found: dict[str, Found]) -> None:
    """The usual figures first, those with a breakdown more beside them."""
    outputs = told_in_turn([case(found), case(found, by="legal_basis")])
    assert not Auditors(outputs).results()[Result.FALLS]


@settings(max_examples=10)
@given(
    some.dictionaries(some.sampled_from(NAMES), COUNTS, min_size=2, max_size=6),
    some.lists(some.integers(0, 40), min_size=1, max_size=12, unique=True),
)
def test_nor_with_a_later_edition_beside_the_first(
    found: dict[str, Found], changed: list[int]
) -> None:
    first = case(found)
    outputs = told_in_turn([first, otherwise(first, changed)])
    assert not Auditors(outputs).results()[Result.FALLS]


def test_nor_with_several_months_beside_each() -> None:
    cases = []
    samples = {}
    reviews: list[Review] = []
    for number, month in enumerate(months(3, 2), start=1):
        sample = month.sample(0)
        samples[f"2026-{number:02}"] = sample
        found = month.reviews(sample)
        cases.append(Case(sample, found))
        reviews += found
    outputs = told_in_turn([*cases, Case(together(samples), reviews)])
    results = Auditors(outputs).results()
    assert results[Result.OPEN]
    assert not results[Result.FALLS]


def test_told_without_a_look_at_each_other_outputs_give_a_few_decisions_away() -> None:
    """So the auditors find what there is to find."""
    alone = case(SMALL_AND_LARGE)
    later = otherwise(alone, [3])
    outputs = [one.beside([]) for one in (alone, later)]
    assert Auditors(outputs).results()[Result.FALLS]


def test_how_a_double_review_was_settled_changes_nothing_that_is_told() -> None:
    """With a rate corrected by it, one flagged decision of three would be told by two lines."""
    found = case({"work/adverse/unit-1": (40, 0.5, 1, 0), "family/adverse/unit-1": (40, 0.1, 1, 0)})
    twice = {"work/adverse/unit-1": range(10, 30), "family/adverse/unit-1": range(3, 6)}

    def settled(as_what: Answer) -> Case:
        """Let the one of three end so, and everything else as the first reviewer said."""
        reviews = []
        for one in found.reviews:
            key, _, number = one.decision.rpartition("/")
            if int(number) in twice[key]:
                first = one.answers[ON_THE_FILE]
                last = as_what if one.decision == "family/adverse/unit-1/3" else first
                answers = {**one.answers, SECOND: Answer.DISPUTABLE, SETTLED: last}
                reviews.append(replace(one, answers=answers))
            else:
                reviews.append(one)
        return replace(found, reviews=reviews)

    assert settled(Answer.WRONG).printed() == settled(Answer.CORRECT).printed()


def test_other_findings_can_print_the_same_to_the_last_character() -> None:
    (month,) = months(3, 1)
    sample = month.sample(0)
    found = results(Case(sample, month.reviews(sample)), knowing_the_method=True)
    assert found[Result.OPEN]
    assert not found[Result.FALLS]


def test_told_as_they_are_figures_give_a_few_decisions_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the auditor finds what there is to find."""
    monkeypatch.setattr(suppression, "step_above", lambda _: 1)
    monkeypatch.setattr(Findings, "open_up", lambda *_: None)
    assert results(case(SMALL_AND_LARGE))[Result.FALLS]
    facts = Auditor(case(SMALL_AND_LARGE), beside=ON_THE_FACTS).attacks()
    assert any(one.result is Result.FALLS for one in facts)
