"""Every event of a request gets exactly one answer, and an event is accepted once."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.intake.receipts import (
    Entry,
    EventKey,
    ReceiptStatus,
    newcomers,
    overdue,
    settle,
)
from services.intake.screening import Candidate
from shared.events.catalogue.case import CaseClosed
from shared.events.event import Event

SENT = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([b"1", b"2"])), max_size=12)
KNOWN = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([b"1", b"2"]))


def candidates(sent: list[tuple[str, bytes]]) -> list[Candidate]:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    case = "case-" + "a" * 26
    return [
        Candidate(index, Event(id_, "urn:test", case, time, CaseClosed()), print_)
        for index, (id_, print_) in enumerate(sent)
    ]


def entries(known: dict[str, bytes]) -> dict[EventKey, Entry]:
    return {
        ("urn:test", id_): Entry(print_, number)
        for number, (id_, print_) in enumerate(known.items(), start=1)
    }


def entered(new: dict[EventKey, Candidate]) -> dict[EventKey, Entry]:
    return {
        key: Entry(candidate.fingerprint, number)
        for number, (key, candidate) in enumerate(new.items(), start=100)
    }


@given(SENT, KNOWN)
def test_every_event_is_answered_once_and_in_its_place(
    sent: list[tuple[str, bytes]], before: dict[str, bytes]
) -> None:
    asked, known = candidates(sent), entries(before)
    receipts, refusals = settle(asked, known, entered(newcomers(asked, known)))
    places = [one.place for one in receipts] + [one.place for one in refusals]
    assert sorted(places) == list(range(len(sent)))
    assert [one.place for one in receipts] == sorted(one.place for one in receipts)


@given(SENT, KNOWN)
def test_what_is_accepted_was_unknown_and_is_accepted_once(
    sent: list[tuple[str, bytes]], before: dict[str, bytes]
) -> None:
    asked, known = candidates(sent), entries(before)
    new = newcomers(asked, known)
    receipts, _ = settle(asked, known, entered(new))
    accepted = Counter(one.id for one in receipts if one.status is ReceiptStatus.ACCEPTED)
    assert accepted == Counter({id_ for id_, _ in sent} - set(before))
    assert {id_ for _, id_ in new} == set(accepted)


@given(SENT, KNOWN)
def test_equal_events_have_one_number_and_others_are_refused(
    sent: list[tuple[str, bytes]], before: dict[str, bytes]
) -> None:
    asked, known = candidates(sent), entries(before)
    receipts, refusals = settle(asked, known, entered(newcomers(asked, known)))
    first: dict[str, bytes] = dict(before)
    for id_, print_ in sent:
        first.setdefault(id_, print_)
    assert {one.place for one in refusals} == {
        index for index, (id_, print_) in enumerate(sent) if first[id_] != print_
    }
    assert len({(one.id, one.sequence) for one in receipts}) == len({one.id for one in receipts})


@given(SENT, KNOWN, st.sets(st.integers(0, 11)))
def test_what_is_old_and_gives_no_reason_is_refused_unless_it_is_known(
    sent: list[tuple[str, bytes]], before: dict[str, bytes], old: set[int]
) -> None:
    asked = [one._replace(overdue=one.place in old) for one in candidates(sent)]
    refused = {one.place for one in overdue(asked, entries(before))}
    new = {place for place, (id_, _) in enumerate(sent) if id_ not in before}
    assert refused == new & old
