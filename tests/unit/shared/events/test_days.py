"""What no calendar can reckon with ends where records are read, not where somebody adds a day."""

from datetime import UTC, date, datetime

import pytest

from shared.events import days
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived, DocumentsRequested
from shared.events.catalogue.office import DecisionsCounted
from shared.events.catalogue.paper import PermitIssued
from shared.events.errors import Defect, EventError
from shared.events.event import encode, new_event
from shared.events.kafka_binding import to_kafka
from shared.events.registry import Facts
from shared.kafka.records import Poison, Received, Record, read

CASE = "case-" + "a" * 26
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
FIRST = datetime(1, 1, 1, tzinfo=UTC)
RECEIVED = ApplicationReceived(channel="online", service_key="s", unit="unit-1")


def record(facts: Facts, time: datetime = NOON, subject: str = CASE) -> Record:
    event = new_event("urn:gleichfall:test", subject, facts, time=time)._replace(sequence=1)
    message = to_kafka(encode(event))
    return Record("case-events", 0, 0, 0, message.key, message.headers, message.value)


def booked(starts: datetime) -> AppointmentBooked:
    return AppointmentBooked(
        appointment_id="appointment-" + "a" * 26, service_key="s", office="o", starts=starts
    )


def counted(week: str) -> DecisionsCounted:
    return DecisionsCounted(unit="unit-1", week=week, decisions=4)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        (record(RECEIVED, LAST), "time"),
        (record(RECEIVED, FIRST), "time"),
        (record(RECEIVED.model_copy(update={"due": LAST})), "data.due"),
        (record(booked(FIRST)), "data.starts"),
        (record(PermitIssued(valid_until=date.max)), "data.valid_until"),
        (record(PermitIssued(valid_until=date.min)), "data.valid_until"),
        (record(counted("0000-W01"), subject="unit-1"), "data.week"),
        (record(counted("9999-W52"), subject="unit-1"), "data.week"),
    ],
)
def test_a_record_with_a_day_that_cannot_be_reckoned_with_is_a_dead_letter(
    written: Record, field: str
) -> None:
    found = read(written)

    assert isinstance(found, Poison)
    assert found.error.defect is Defect.TIME_IMPLAUSIBLE
    assert [one.field for one in found.error.fields] == [field]


def test_all_that_is_wrong_is_named() -> None:
    event = new_event("urn:gleichfall:test", CASE, booked(LAST), time=FIRST)

    with pytest.raises(EventError) as refused:
        days.check(event)

    assert [one.field for one in refused.value.fields] == ["time", "data.starts"]


@pytest.mark.parametrize(
    "facts",
    [RECEIVED, DocumentsRequested(items=("passport",)), PermitIssued(valid_until=date(2075, 1, 1))],
)
def test_what_lies_in_people_s_lives_or_is_left_out_is_read(facts: Facts) -> None:
    assert isinstance(read(record(facts)), Received)
