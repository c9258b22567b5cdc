"""A repair mends what a record can't tell of itself, and moves nothing that it tells."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.dead_letters.claimed_event import is_in_time, moved
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, encode, new_event
from shared.events.kafka_binding import to_kafka
from shared.events.vocabulary import IntakeChannel
from shared.kafka.records import Record

WRITTEN = datetime(2026, 5, 4, 10, tzinfo=UTC)
CASE, OTHER = (f"case-{letter * 26}" for letter in "ab")
FACTS = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="permit", unit="unit-1")


def event() -> Event:
    made = new_event("urn:de:advis", CASE, FACTS, time=WRITTEN - timedelta(hours=1))
    return made._replace(sequence=2)


def record(of: Event, key: bytes | None = None, **headers: bytes | None) -> Record:
    """The record of an event, with some headers otherwise; without those that are None."""
    message = to_kafka(encode(of))
    kept = [(name, value) for name, value in message.headers if name not in headers]
    new = [(name, value) for name, value in headers.items() if value is not None]
    at = round(WRITTEN.timestamp() * 1000)
    key = message.key if key is None else key
    return Record("case-events", 0, 7, at, key, [*kept, *new], message.value)


def changes(before: Record, after: Event) -> set[str]:
    return {one.name for one in moved(before, after)}


def test_the_same_event_moves_nothing() -> None:
    whole = event()
    assert changes(record(whole), whole) == set()
    local = whole.time.astimezone(datetime.now().astimezone().tzinfo)
    assert changes(record(whole), whole._replace(time=local)) == set()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("id", {"id": "another"}),
        ("source", {"source": "urn:de:other"}),
        ("subject", {"subject": OTHER}),
        ("sequence", {"sequence": 3}),
        ("time", {"time": WRITTEN - timedelta(hours=2)}),
    ],
)
def test_what_a_record_tells_stays(name: str, change: dict[str, object]) -> None:
    whole = event()
    assert changes(record(whole), whole._replace(**change)) == {name}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "broken"),
    [
        ("ce_id", None),
        ("ce_id", b""),
        ("ce_id", b"\xff"),
        ("ce_source", None),
        ("ce_sequence", None),
        ("ce_sequence", b"two"),
        ("ce_sequence", b"0"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"0001-01-01T00:00:00+01:00"),
        ("ce_time", b"1753-01-01T00:00:00Z"),
        ("ce_time", b"2031-01-01T00:00:00Z"),
        ("ce_type", b"gleichfall.case.received.v1"),
    ],
)
def test_what_it_cannot_tell_may_be_said(header: str, broken: bytes | None) -> None:
    whole = event()
    assert changes(record(whole, **{header: broken}), whole) == set()


def test_where_key_and_subject_differ_either_may_be_right() -> None:
    whole = event()
    before = record(whole, key=OTHER.encode())
    assert changes(before, whole) == set()
    assert changes(before, whole._replace(subject=OTHER)) == set()
    assert changes(before, whole._replace(subject=f"case-{'c' * 26}")) == {"subject"}


def test_a_document_tells_as_much_as_headers() -> None:
    whole = event()
    document = (
        f'{{"specversion": "1.0", "id": "{whole.id}", "source": "{whole.source}"'
        f', "subject": "{CASE}", "sequence": "2"'
    ).encode()
    cut_off = record(whole)._replace(
        headers=[("content-type", b"application/cloudevents+json")], value=document
    )
    assert changes(cut_off, whole._replace(id="another", source="urn:de:other")) == set()
    closed = cut_off._replace(value=document + b"}")
    assert changes(closed, whole._replace(id="another", source="urn:de:other")) == {"id", "source"}
    assert changes(cut_off, whole._replace(subject=OTHER)) == {"subject"}


@pytest.mark.parametrize(
    ("time", "fits"),
    [
        (WRITTEN, True),
        (WRITTEN + timedelta(minutes=4), True),
        (WRITTEN + timedelta(minutes=6), False),
        (datetime(1989, 12, 31, tzinfo=UTC), False),
    ],
)
def test_nothing_happened_after_it_was_written_down(time: datetime, fits: bool) -> None:
    assert is_in_time(time, record(event())) is fits
