"""Injected errors: at the known rate, and visible in events only where an error leaves a trace."""

import json
from collections import defaultdict
from collections.abc import Sequence
from math import sqrt

import pytest

from services.intake.simulation.assumptions import Gravity, load_assumptions
from services.intake.simulation.story import Item
from services.intake.simulation.truth import Finding, Grade, TrueDecision, Truth
from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    DecisionMade,
    DocumentsRequested,
    HearingSent,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, FileVerdict


@pytest.fixture(scope="module")
def truths(year: list[Item]) -> list[TrueDecision]:
    return [item for item in year if isinstance(item, TrueDecision)]


@pytest.mark.parametrize("criterion", sorted(load_assumptions().errors.criteria))
def test_each_criterion_is_missed_as_often_as_its_probability_says(
    truths: list[TrueDecision], criterion: str
) -> None:
    found = [item.truth.findings[criterion] for item in truths if criterion in item.truth.findings]
    missed = sum(item.grade is not Grade.CORRECT for item in found)
    expected = sum(item.probability for item in found)
    deviation = sqrt(sum(item.probability * (1 - item.probability) for item in found))
    assert found
    assert abs(missed - expected) < 4 * deviation


def test_criteria_go_wrong_independently_of_each_other(truths: list[TrueDecision]) -> None:
    both = [item.truth for item in truths if {"S1", "V5"} <= item.truth.findings.keys()]
    expected = sum(
        truth.findings["S1"].probability * truth.findings["V5"].probability for truth in both
    )
    found = sum(truth.fails("S1") and truth.fails("V5") for truth in both)
    assert abs(found - expected) < 4 * sqrt(expected)


def test_units_differ_and_adverse_decisions_are_more_often_wrong(
    truths: list[TrueDecision],
) -> None:
    by_unit, by_direction = defaultdict(set), defaultdict(set)
    for item in truths:
        probability = round(item.truth.findings["V5"].probability, 9)
        by_unit[item.unit, item.direction].add(probability)
        by_direction[item.direction].add(probability)
    assert all(len(found) == 1 for found in by_unit.values())
    assert len(by_direction[Direction.FAVOURABLE]) == 4
    assert min(by_direction[Direction.ADVERSE]) > min(by_direction[Direction.FAVOURABLE])


def test_errors_of_the_file_leave_their_trace_in_the_events(year: list[Item]) -> None:
    cases: dict[str, list[Event]] = defaultdict(list)
    case_of: dict[str, str] = {}
    for item in year:
        if isinstance(item, Event) and item.subject.startswith("case-"):
            cases[item.subject].append(item)
            if isinstance(item.data, DecisionMade):
                case_of[item.data.decision_id] = item.subject
    checked = 0
    for item in year:
        if not isinstance(item, TrueDecision):
            continue
        story = [event.data for event in cases[case_of[item.decision_id]]]
        decisions = [data for data in story if isinstance(data, DecisionMade)]
        if len(decisions) > 1:  # remedied: two decisions share one story
            continue
        checked += 1
        _check_traces(item, story, decisions[0])
    assert checked > 5_000


def _check_traces(item: TrueDecision, story: Sequence[Facts], made: DecisionMade) -> None:
    truth, findings = item.truth, item.truth.findings
    if "V1" in findings:
        assert any(isinstance(data, HearingSent) for data in story) != truth.fails("V1")
    if "V3" in findings:
        told = any(isinstance(data, ApplicationAcknowledged) for data in story)
        assert told != truth.fails("V3")
    for data in story:
        if isinstance(data, DocumentsRequested):
            assert (data.due is None) == truth.fails("V2")
    if "F2" in findings:
        assert made.reasons_given == (truth.grade("F2") is not Grade.SIGNIFICANT)
    if "M1" in findings:
        assert made.discretion_exercised == (not truth.fails("M1"))
    if "F4" in findings:
        assert (made.remedy_instruction is None) == (truth.grade("F4") is Grade.SIGNIFICANT)


def test_no_event_tells_the_truth(year: list[Item]) -> None:
    for item in year:
        if isinstance(item, Event):
            document = item.data.model_dump_json()
            assert "verdict" not in document
            assert "significant_error" not in document


def finding(grade: Grade, severity: Gravity) -> Finding:
    return Finding(grade, severity, 0.1)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ({}, FileVerdict.CORRECT),
        ({"V5": finding(Grade.MINOR, Gravity.NOT_HEALABLE)}, FileVerdict.CORRECT),
        ({"S1": finding(Grade.SIGNIFICANT, Gravity.NONE)}, FileVerdict.CORRECT),
        ({"F4": finding(Grade.SIGNIFICANT, Gravity.DEADLINE_ONLY)}, FileVerdict.DISPUTABLE),
        ({"V1": finding(Grade.SIGNIFICANT, Gravity.HEALABLE)}, FileVerdict.DISPUTABLE),
        (
            {
                "V1": finding(Grade.SIGNIFICANT, Gravity.HEALABLE),
                "M1": finding(Grade.SIGNIFICANT, Gravity.NOT_HEALABLE),
            },
            FileVerdict.WRONG,
        ),
    ],
)
def test_the_verdict_follows_from_the_gravest_significant_error(
    findings: dict[str, Finding], verdict: FileVerdict
) -> None:
    assert Truth(findings).verdict is verdict


def test_a_line_of_truth_holds_the_stratum_and_each_criterion_that_applies(
    truths: list[TrueDecision],
) -> None:
    line = json.loads(truths[0].line())
    assert {"decision_id", "made_at", "group", "direction", "unit", "verdict"} <= line.keys()
    assert line["criteria"]["V5"].keys() == {"grade", "severity", "probability"}
