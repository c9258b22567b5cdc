"""Whatever the order, the batching and the repeats: each event once, in order, per case."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.events.catalogue.case import HearingAnswered
from shared.events.event import Event
from shared.kafka.records import Received, Record
from shared.kafka.sequencing import Position, arrange, waiting_for

CASES = ("case-a", "case-b", "case-c")
NOW = datetime(2026, 5, 4, tzinfo=UTC)


def received(subject: str, sequence: int) -> Received:
    event = Event(f"{subject}/{sequence}", "urn:test", subject, NOW, HearingAnswered(), sequence)
    return Received(Record("case-events", 0, 0, 0, subject.encode(), (), b""), event)


class Inbox:
    """The database's side, in memory."""

    def __init__(self) -> None:
        self.positions: dict[str, Position] = {}
        self.parked: dict[str, dict[int, Received]] = defaultdict(dict)
        self.applied: dict[str, list[int]] = defaultdict(list)

    def take(self, batch: list[Received]) -> int:
        waiting = waiting_for(batch, self.positions)
        loaded = {subject: dict(self.parked[subject]) for subject in waiting}
        result = arrange(batch, self.positions, loaded)
        for one in result.apply:
            self.applied[one.event.subject].append(one.event.sequence)
        for one in result.park:
            self.parked[one.event.subject][one.event.sequence] = one
        for one in result.released:
            del self.parked[one.event.subject][one.event.sequence]
        self.positions |= result.reached
        released = len(result.released)
        return len(result.apply) - released + len(result.park) + result.duplicates


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[dict[str, int], list[list[Received]]]:
    """Some cases' events, each at least once, in any order, cut into any batches."""
    lengths = {case: draw(st.integers(0, 8)) for case in CASES}
    events = [received(case, number + 1) for case in CASES for number in range(lengths[case])]
    repeats = draw(st.lists(st.sampled_from(events), max_size=10)) if events else []
    order = draw(st.permutations(events + repeats))
    cuts = sorted(draw(st.sets(st.integers(0, len(order)))))
    edges = [0, *cuts, len(order)]
    return lengths, [order[a:b] for a, b in pairwise(edges)]


@given(deliveries())
def test_every_event_is_applied_once_and_in_order(
    delivered: tuple[dict[str, int], list[list[Received]]],
) -> None:
    lengths, batches = delivered
    inbox = Inbox()
    for batch in batches:
        assert inbox.take(batch) == len(batch), "every record is applied, parked or a duplicate"
    for case in CASES:
        assert inbox.applied[case] == list(range(1, lengths[case] + 1))
        assert not inbox.parked[case]
        assert not inbox.positions.get(case, Position(0)).parked


@given(deliveries(), st.sampled_from(CASES), st.integers(1, 8))
def test_a_missing_event_holds_back_its_own_case_only(
    delivered: tuple[dict[str, int], list[list[Received]]], case: str, missing: int
) -> None:
    lengths, batches = delivered
    inbox = Inbox()
    for batch in batches:
        kept = [one for one in batch if (one.event.subject, one.event.sequence) != (case, missing)]
        inbox.take(kept)
    held_back = range(missing + 1, lengths[case] + 1)
    assert inbox.applied[case] == list(range(1, min(missing - 1, lengths[case]) + 1))
    assert sorted(inbox.parked[case]) == list(held_back)
    assert inbox.positions.get(case, Position(0)).parked == bool(held_back)
    for other in set(CASES) - {case}:
        assert inbox.applied[other] == list(range(1, lengths[other] + 1))
    inbox.take([received(case, missing)])
    if lengths[case] >= missing:
        assert inbox.applied[case] == list(range(1, lengths[case] + 1))
        assert not inbox.positions[case].parked


def test_a_batch_loads_parked_events_only_when_it_may_release_them() -> None:
    positions = {"case-a": Position(3, parked=True), "case-b": Position(3)}
    assert waiting_for([received("case-a", 6), received("case-b", 4)], positions) == frozenset()
    assert waiting_for([received("case-a", 4)], positions) == {"case-a"}


def test_a_case_stays_marked_as_parked_when_its_gap_is_not_filled() -> None:
    result = arrange([received("case-a", 9)], {"case-a": Position(3, parked=True)}, {})
    assert result.reached == {"case-a": Position(3, parked=True)}


def test_a_repeat_frees_what_a_crash_left_behind_after_its_gap_was_filled() -> None:
    positions = {"case-a": Position(3, parked=True)}
    batch = [received("case-a", 3)]
    parked = {"case-a": {4: received("case-a", 4), 5: received("case-a", 5)}}
    assert waiting_for(batch, positions) == {"case-a"}
    result = arrange(batch, positions, parked)
    assert [one.event.sequence for one in result.apply] == [4, 5]
    assert result.released == result.apply
    assert result.reached == {"case-a": Position(5)}
