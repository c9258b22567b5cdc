from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.notify.cases.standing import about
from services.notify.messages.catalogue import load_messages
from services.notify.planning.supersession import Untrue, untrue_by
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealForwarded,
    AppealRemedied,
    ApplicationWithdrawn,
    CaseClosed,
    CaseTransferred,
    DecisionMade,
    DecisionNotified,
    DecisionWithdrawn,
    DocumentsDeadlineExtended,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingDeadlineExtended,
    ParticipationAnswered,
)
from shared.events.catalogue.paper import CardCollected, PermitIssued, ProvisionalPaperIssued
from shared.events.event import Event, new_event
from shared.events.registry import CATALOGUE, Facts
from shared.events.vocabulary import AppealOutcome, Direction, FailureReason
from shared.organisation.calendar import Calendar

MESSAGES = load_messages()
HERE = Calendar("DE-BW", ZoneInfo("Europe/Berlin"))
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
CASE = "case-" + "a" * 26
THIS = "appointment-" + "a" * 26
DECISION = "decision-" + "a" * 26

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


def event(facts: Facts, sequence: int = 2) -> Event:
    made = new_event("urn:gleichfall:test", CASE, facts, time=NOON)
    return made._replace(sequence=sequence)


def untrue(by: Facts) -> dict[str, Untrue]:
    return {one.name: one for one in untrue_by(event(by), MESSAGES, HERE)}


EXPELLED = DECIDED.model_copy(update={"type_code": "AufenthG-53"})
PROVISIONAL = DECIDED.model_copy(update={"type_code": "AufenthG-81(4)"})
APPOINTMENT = {
    "appointment_booked",
    "appointment_reminder",
    "appointment_rescheduled",
    "emergency_slot_booked",
}
ENDED_APPOINTMENT = {"appointment_cancelled", "appointment_missed"}
ASKED_FOR = {"documents_requested", "documents_overdue", "documents_deadline_extended"}
HEARING = {"hearing_sent", "hearing_deadline_extended"}
PROCEDURE = ASKED_FOR | HEARING | {"application_received", "still_working", "participation_delayed"}
PAPERS = {"provisional_paper_issued", "provisional_paper_expiring"}
LATER = date(2026, 4, 14)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        # Booked once more under its identity, it is at another time, or takes place after all.
        (BOOKED, APPOINTMENT | ENDED_APPOINTMENT),
        (MOVED, APPOINTMENT | ENDED_APPOINTMENT),
        (CANCELLED, APPOINTMENT),
        (AppointmentAttended(appointment_id=THIS), APPOINTMENT | ENDED_APPOINTMENT),
        (DocumentsReceived(complete=True), ASKED_FOR),
        (DocumentsReceived(complete=False), set()),
        (DocumentsReceived(), set()),
        (HearingAnswered(), HEARING),
        # An extension tells the new day itself.
        (DocumentsDeadlineExtended(due=LATER), ASKED_FOR),
        (HearingDeadlineExtended(due=LATER), HEARING),
        (ParticipationAnswered(body="bamf"), {"participation_delayed"}),
        (ApplicationWithdrawn(), PROCEDURE | PAPERS),
        # What was decided must still be told, and an appointment is cancelled by its own event. A
        # permit outlives its case.
        (CaseClosed(), PROCEDURE | PAPERS | {"case_transferred"}),
        (CaseTransferred(), PROCEDURE | {"permit_expiring", "provisional_paper_expiring"}),
        (PermitIssued(valid_until=LATER), {"permit_expiring"} | PAPERS),
        (ProvisionalPaperIssued(valid_until=LATER), PAPERS),
        (CardCollected(), {"card_ready"}),
        (
            DecisionWithdrawn(decision_id=DECISION),
            {"decision_corrected", "decision_dispatched", "decision_notified", "permit_expiring"},
        ),
        (AppealForwarded(decision_id=DECISION), {"appeal_received"}),
        (AppealRemedied(decision_id=DECISION), {"appeal_received", "appeal_forwarded"}),
        (
            AppealDecided(decision_id=DECISION, outcome=AppealOutcome.UPHELD),
            {"appeal_received", "appeal_forwarded"},
        ),
        # A decision alone voids no request for documents: it may be one on the way.
        (DECIDED, {"still_working", "participation_delayed"} | PAPERS),
        (PROVISIONAL, set()),
        (EXPELLED, {"still_working", "participation_delayed", "permit_expiring"} | PAPERS),
    ],
)
def test_what_became_untrue_is_voided_and_nothing_else(by: Facts, names: set[str]) -> None:
    assert set(untrue(by)) == names


def test_only_what_is_about_the_same_and_came_before_is_voided() -> None:
    assert untrue(CANCELLED)["appointment_reminder"] == Untrue(
        CASE,
        "appointment_reminder",
        THIS,
        sequence=2,
        at_latest=NOON,
        reason=FailureReason.REPLACED,
    )


def test_an_event_is_about_its_appointment_its_decision_or_its_case() -> None:
    assert about(event(BOOKED)) == THIS
    assert about(event(NOTIFIED)) == DECISION
    assert about(event(REQUESTED)) == CASE


def test_each_voiding_says_why() -> None:
    assert untrue(MOVED)["appointment_booked"].reason is FailureReason.REPLACED
    assert untrue(CaseClosed())["hearing_sent"].reason is FailureReason.CASE_CLOSED
    assert untrue(ApplicationWithdrawn())["still_working"].reason is FailureReason.CASE_CLOSED


def test_an_event_voids_only_messages_about_the_same_kind_of_subject() -> None:
    for kind in MESSAGES.by_name.values():
        topics = {CATALOGUE[one.event].topic for one in kind.description.superseded_by}
        causes = {CATALOGUE[one.event].topic for one in kind.description.cause}
        assert topics <= causes


@pytest.mark.parametrize("field", ["starts", "valid_until"])
def test_what_tells_something_that_holds_once_is_void_when_its_cause_comes_again(
    field: str,
) -> None:
    for kind in MESSAGES.by_name.values():
        if field not in kind.description.placeholders:
            continue
        telling = {
            one.event
            for one in kind.description.cause
            if field in CATALOGUE[one.event].model.model_fields
        }
        voiding = {one.event for one in kind.description.superseded_by}
        assert telling <= voiding, kind.name
