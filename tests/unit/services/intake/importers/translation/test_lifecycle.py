"""What began and what ended: an activity has several events, of which one counts."""

from collections.abc import Sequence

import pytest

from services.intake.importers.errors import MappingInvalid
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.translation.translation import Ignored, Refused, Translator
from shared.events.event import Event
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.samples import mapping

RULES = """
name: log
source: urn:gleichfall:log:lifecycle
time_zone: Europe/Berlin
recognise: {{attributes: [case]}}
log: {{case: case, activity: {activity}, time: at{more}}}
activities:
  {rule}
"""
ROWS = [("Bescheid", "start"), ("Bescheid", "Complete"), ("Bescheid", "suspend")]


def outcomes(rule: str, activity: str = "step", more: str = "") -> Sequence[object]:
    translator = Translator(
        mapping(RULES.format(activity=activity, more=more, rule=rule)), Pseudonymiser(b"k" * 32)
    )
    rows = ({"case": "1", "step": step, "phase": phase, "at": "2021-01-01"} for step, phase in ROWS)
    found = [translator.translate(LogEvent(row)).outcome for row in rows]
    return [one.data.event_type.split(".")[1] if isinstance(one, Event) else one for one in found]


def test_a_log_may_count_only_what_is_complete() -> None:
    rule = "Bescheid: {event: case.closed, data: {reason: done}}"

    assert outcomes(rule, more=", when: {phase: complete}") == [
        Ignored("only phase complete counts"),
        "case",
        Ignored("only phase complete counts"),
    ]


def test_an_activity_is_an_event_where_its_condition_holds() -> None:
    rule = "Bescheid: {event: case.closed, when: {phase: [complete, end]}, data: {reason: done}}"

    assert outcomes(rule) == [
        Ignored("not phase complete or end"),
        "case",
        Ignored("not phase complete or end"),
    ]


def test_an_activity_may_be_several_events_by_condition() -> None:
    rule = """Bescheid:
    - {event: documents.received, when: {phase: start}}
    - {event: case.closed, when: {phase: complete}, data: {reason: done}}"""

    assert outcomes(rule) == [
        "documents",
        "case",
        Ignored("not phase start nor phase complete"),
    ]


def test_several_columns_may_be_one_activity_as_in_xes() -> None:
    rule = "Bescheid+Complete: {event: case.closed, data: {reason: done}}"

    assert outcomes(rule, activity="[step, phase]") == [
        Refused("no mapping"),
        "case",
        Refused("no mapping"),
    ]


def test_a_condition_names_something() -> None:
    for when in ("{}", "{phase: []}"):
        with pytest.raises(MappingInvalid, match="when"):
            outcomes(f"Bescheid: {{event: documents.received, when: {when}}}")
