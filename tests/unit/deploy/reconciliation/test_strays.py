"""What Kafka holds beside the ledger: what goes on from its numbers, and what is sent again."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from deploy.reconciliation.errors import EventsUnaccounted
from deploy.reconciliation.places import Place
from deploy.reconciliation.strays import Name, Picking, Stray, Unknown, doubled, named
from shared.events.catalogue.case import ApplicationReceived, EventDiscarded
from shared.events.event import Event, encode, new_event
from shared.events.kafka_binding import to_kafka
from shared.events.registry import Facts, Topic
from shared.events.vocabulary import IntakeChannel
from shared.kafka.records import Record

CASE = "case-aaaaaaaaaaaaaaaaaaaaaaaaaa"
APPLICATION = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="permit", unit="unit-1")


def event(sequence: int, facts: Facts = APPLICATION) -> Event:
    made = new_event("urn:gleichfall:test", CASE, facts, time=datetime.now(UTC))
    return made._replace(sequence=sequence)


def record(of: Event, offset: int = 0, value: bytes | None = None) -> Record:
    sent = to_kafka(encode(of))
    return Record(Topic.CASE_EVENTS, 0, offset, 0, sent.key, sent.headers, value or sent.value)


def name(of: Event) -> Name:
    return of.source, of.id


def stray(sequence: int, *, readable: bool = True) -> Stray:
    found = event(sequence)
    return Stray(sequence, name(found), found if readable else None)


def following(numbered: int, *strays: Stray) -> list[int]:
    found = Unknown(Topic.CASE_EVENTS, CASE, numbered, strays)
    return [one.sequence for one in found.following]


def test_what_goes_on_without_a_gap_is_taken_in() -> None:
    assert following(2, stray(3), stray(4), stray(6)) == [3, 4]
    assert following(2, stray(4)) == []


def test_nothing_is_taken_in_behind_what_cannot_be_read_or_is_claimed_by_two() -> None:
    assert following(2, stray(3), stray(4, readable=False), stray(5)) == [3]
    assert following(2, stray(3), stray(3), stray(4)) == []


def test_a_case_with_numbers_given_twice_is_left_alone() -> None:
    found = Unknown(Topic.CASE_EVENTS, CASE, 2, [stray(2), stray(3)])
    assert (found.rivals, found.highest, list(found.following)) == (1, 3, [])


def test_the_way_out_that_is_told_is_the_one_that_is_left() -> None:
    behind = Unknown(Topic.CASE_EVENTS, CASE, 2, [stray(3)])
    twice = Unknown(Topic.CASE_EVENTS, CASE, 2, [stray(2)])

    assert "'gleichfall reconcile adopt'" in str(EventsUnaccounted([], [behind, twice], []))
    assert "'gleichfall reconcile renumber'" in str(EventsUnaccounted([], [twice], []))


def sorted_out(numbered: int, *strays: Stray) -> tuple[list[int], list[int]] | None:
    found = doubled(Unknown(Topic.CASE_EVENTS, CASE, numbered, strays))
    return found and (
        [one.sequence for one in found.earlier],
        [e.sequence for e in found.following],
    )


def test_numbers_given_twice_are_sorted_out_with_what_follows_them() -> None:
    assert sorted_out(3, stray(2), stray(3)) == ([2, 3], [])
    assert sorted_out(3, stray(5), stray(3), stray(4)) == ([3], [4, 5])


@pytest.mark.parametrize(
    "strays",
    [
        (stray(4), stray(5)),
        (stray(3), stray(5)),
        (stray(2), stray(2)),
        (stray(3), stray(4), stray(4)),
        (stray(2), stray(3, readable=False)),
        (),
    ],
    ids=["none twice", "a gap", "three times", "two behind", "not readable", "nothing"],
)
def test_a_case_in_which_it_is_not_clear_what_belongs_where_is_not(
    strays: tuple[Stray, ...],
) -> None:
    assert sorted_out(3, *strays) is None


def test_a_record_says_what_it_is_even_when_its_body_is_broken() -> None:
    one = event(3)
    for sent in (record(one), record(one, value=b"{")):
        said = named(sent)
        assert said is not None
        assert said[1:] == (Place(CASE, 3), name(one))


@pytest.mark.parametrize("left_out", ["ce_sequence", "ce_subject and key"])
def test_who_does_not_say_where_it_belongs_is_not_placed(left_out: str) -> None:
    whole = record(event(3))
    headers = [one for one in whole.headers if one[0] not in left_out]
    key = whole.key if "key" not in left_out else None
    assert named(whole._replace(headers=headers, key=key)) is None


def test_what_takes_the_place_of_another_is_no_event_of_its_own() -> None:
    assert named(record(event(3, EventDiscarded(dead_letter=str(uuid4()))))) is None


def test_a_name_that_no_database_takes_is_made_one() -> None:
    whole = record(event(3))
    said = named(whole._replace(headers=[*whole.headers, ("ce_id", b"a\0\xff")]))
    assert said is not None
    assert said.name[1] == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def chosen(*records: Record, wanted: Event) -> list[int]:
    picking = Picking({Place(CASE, wanted.sequence): name(wanted)})
    picking.consider(records)
    return [offset for _, offset in picking.chosen]


def test_the_last_record_of_the_event_is_sent_again() -> None:
    one = event(3)
    assert chosen(record(event(2), 1), record(one, 2), record(one, 3), wanted=one) == [3]


def test_what_somebody_else_wrote_is_never_sent() -> None:
    one = event(3)
    assert chosen(record(one, 1), record(event(3), 2), wanted=one) == [1]
    assert chosen(record(event(3), 2), wanted=one) == []


def test_what_an_operator_gave_up_stays_given_up() -> None:
    one = event(3)
    stands_in = event(3, EventDiscarded(dead_letter=str(uuid4())))
    assert chosen(record(one, 1, b"{"), record(stands_in, 2), wanted=one) == [2]


def test_what_nobody_can_read_is_sent_only_where_there_is_nothing_better() -> None:
    one = event(3)
    assert chosen(record(one, 1, b"{"), wanted=one) == [1]
    assert chosen(record(one, 1), record(one, 2, b"{"), wanted=one) == [1]
    assert chosen(record(event(3), 1, b"{"), wanted=one) == []
