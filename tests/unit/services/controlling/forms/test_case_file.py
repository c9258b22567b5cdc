"""What a case's events tell of one decision."""

from datetime import date

import pytest

from services.controlling.forms.case_file import CaseFile, DecisionNotInCase, decisions_in
from shared.events.catalogue.case import AppealLodged, DecisionMade, HearingSent
from tests.unit.services.controlling.forms.cases import (
    DECISION,
    LAW,
    OTHER_DECISION,
    decided,
    event,
)

FIRST = event(date(2026, 3, 2), decided())
HEARD = event(date(2026, 3, 9), HearingSent())
SECOND = event(date(2026, 4, 1), decided(decision_id=OTHER_DECISION))
APPEAL = event(date(2026, 4, 8), AppealLodged(decision_id=DECISION))
EVENTS = [FIRST, HEARD, SECOND, APPEAL]


def test_each_decision_sees_its_own_stretch_of_the_case() -> None:
    first = CaseFile.of(EVENTS, DECISION, LAW.calendar)
    second = CaseFile.of(EVENTS, OTHER_DECISION, LAW.calendar)

    assert (first.earlier(HearingSent), len(first.later(HearingSent))) == ((), 1)
    assert (len(second.earlier(HearingSent)), second.later(HearingSent)) == (1, ())
    assert second.earlier(DecisionMade) == ()


def test_what_names_a_decision_belongs_to_it_at_any_time() -> None:
    first = CaseFile.of(EVENTS, DECISION, LAW.calendar)

    assert [seen.event for seen in first.naming_it(AppealLodged)] == [APPEAL]
    assert CaseFile.of(EVENTS, OTHER_DECISION, LAW.calendar).naming_it(AppealLodged) == ()


def test_order_and_repetition_change_nothing() -> None:
    again = CaseFile.of([*reversed(EVENTS), HEARD, SECOND], OTHER_DECISION, LAW.calendar)

    assert again == CaseFile.of(EVENTS, OTHER_DECISION, LAW.calendar)


def test_a_day_is_the_authoritys() -> None:
    late = FIRST._replace(time=FIRST.time.fromisoformat("2026-03-01T23:30:00+00:00"))

    assert CaseFile.of([late], DECISION, LAW.calendar).day == date(2026, 3, 2)


def test_decisions_of_a_case_are_found_once() -> None:
    assert decisions_in([*EVENTS, SECOND]) == (DECISION, OTHER_DECISION)


def test_a_decision_that_isnt_there_is_an_error_that_says_so() -> None:
    with pytest.raises(DecisionNotInCase, match=f"no decision.made of {OTHER_DECISION}"):
        CaseFile.of([FIRST], OTHER_DECISION, LAW.calendar)
