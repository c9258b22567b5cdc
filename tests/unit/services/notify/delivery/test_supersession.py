from datetime import UTC, date, datetime

import pytest

from services.notify.delivery.supersession import VOIDINGS, Origin, about, voiding_of, voids
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealLodged,
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    DecisionMade,
    DecisionNotified,
    DecisionWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingSent,
)
from shared.events.event import Event, new_event
from shared.events.registry import CATALOGUE, Facts, Topic
from shared.events.vocabulary import AppealOutcome, Direction, FailureReason

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
CASE, OTHER_CASE = "case-" + "a" * 26, "case-" + "b" * 26
THIS, THAT = "appointment-" + "a" * 26, "appointment-" + "b" * 26
DECISION, OTHER_DECISION = "decision-" + "a" * 26, "decision-" + "b" * 26

BOOKED = AppointmentBooked(appointment_id=THIS, service_key="s", office="o", starts=NOON)
MOVED = AppointmentRescheduled(appointment_id=THIS, starts=NOON)
CANCELLED = AppointmentCancelled(appointment_id=THIS)
REQUESTED = DocumentsRequested(items=("passport",))
DECIDED = DecisionMade(
    decision_id=DECISION,
    type_code="permit",
    direction=Direction.ADVERSE,
    unit="unit-1",
    decider="decider-" + "a" * 26,
)
NOTIFIED = DecisionNotified(decision_id=DECISION, notified_on=date(2026, 3, 2))
LODGED = AppealLodged(decision_id=DECISION)
RECEIVED = ApplicationReceived(channel="online", service_key="permit", unit="unit-1")


def event(facts: Facts, sequence: int, case_ref: str = CASE) -> Event:
    made = new_event("urn:gleichfall:test", case_ref, facts, time=NOON)
    return made._replace(sequence=sequence)


def is_voided(
    waiting: Facts, by: Facts, *, order: tuple[int, int] = (1, 2), case_ref: str = CASE
) -> bool:
    return voids(event(by, order[1], case_ref), Origin.of(event(waiting, order[0])))


@pytest.mark.parametrize(
    ("waiting", "by"),
    [
        (BOOKED, CANCELLED),
        (MOVED, CANCELLED),
        (BOOKED, MOVED),
        (MOVED, MOVED),
        (REQUESTED, DocumentsReceived(complete=True)),
        (REQUESTED, CaseClosed()),
        (HearingSent(), HearingAnswered()),
        (RECEIVED, ApplicationWithdrawn()),
        (NOTIFIED, DecisionWithdrawn(decision_id=DECISION)),
        (LODGED, AppealDecided(decision_id=DECISION, outcome=AppealOutcome.UPHELD)),
    ],
)
def test_what_became_untrue_is_voided(waiting: Facts, by: Facts) -> None:
    assert is_voided(waiting, by)
    assert not is_voided(waiting, by, order=(3, 2)), "it follows from something later"
    assert not is_voided(waiting, by, order=(2, 2)), "it follows from this very event"
    assert not is_voided(waiting, by, case_ref=OTHER_CASE)


@pytest.mark.parametrize(
    ("waiting", "by"),
    [
        (BOOKED, AppointmentCancelled(appointment_id=THAT)),
        (BOOKED, CaseClosed()),
        (CANCELLED, BOOKED),
        (CANCELLED, CANCELLED),
        (REQUESTED, DocumentsReceived(complete=False)),
        (REQUESTED, DocumentsReceived()),
        (NOTIFIED, CaseClosed()),
        (NOTIFIED, DecisionWithdrawn(decision_id=OTHER_DECISION)),
        (NOTIFIED, DECIDED),
        (REQUESTED, DECIDED),  # perhaps one on the way
        (LODGED, AppealDecided(decision_id=OTHER_DECISION, outcome=AppealOutcome.UPHELD)),
    ],
)
def test_what_is_still_true_or_about_something_else_stays(waiting: Facts, by: Facts) -> None:
    assert not is_voided(waiting, by)


def test_an_event_is_about_its_appointment_its_decision_or_its_case() -> None:
    assert about(event(BOOKED, 1)) == THIS
    assert about(event(NOTIFIED, 1)) == DECISION
    assert about(event(REQUESTED, 1)) == CASE


def test_each_voiding_says_why() -> None:
    assert {one.reason for one in VOIDINGS.values()} == {
        FailureReason.REPLACED,
        FailureReason.CASE_CLOSED,
    }
    assert voiding_of(BOOKED) is None


def test_only_events_of_cases_void_only_messages_of_cases() -> None:
    named = set(VOIDINGS).union(*(one.causes for one in VOIDINGS.values()))
    assert {CATALOGUE[facts.event_type].topic for facts in named} == {Topic.CASE_EVENTS}
    for facts, voiding in VOIDINGS.items():
        assert voiding.provided is None or voiding.provided in facts.model_fields
