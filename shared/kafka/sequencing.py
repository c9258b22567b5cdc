"""The order per subject, as a pure rule: apply `last + 1`, drop older, park newer.

A record that was given up on leaves a gap, so the later events of its case, and of no other, are
parked until it is replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.kafka.records import Received


class Position(NamedTuple):
    """How far a subject has been applied, and whether events of it wait behind a gap.

    `version` is that of the row this was read from.
    """

    last_sequence: int
    parked: bool = False
    version: int = 0


_NOT_BEGUN = Position(0)


@dataclass(slots=True)
class Arrangement:
    """What to do with a batch: all lists keep the order of arrival per subject."""

    apply: list[Received] = field(default_factory=list)
    park: list[Received] = field(default_factory=list)
    duplicates: int = 0
    released: list[Received] = field(default_factory=list)
    reached: dict[str, Position] = field(default_factory=dict)


def waiting_for(batch: Sequence[Received], positions: Mapping[str, Position]) -> frozenset[str]:
    """Give the subjects whose parked events this batch may release.

    A repeat may do so, too: its first reading may have ended between the event and the release.
    """
    parked = {subject: one.last_sequence for subject, one in positions.items() if one.parked}
    if not parked:  # as nearly always
        return frozenset()
    return frozenset(
        received.event.subject
        for received in batch
        if (last := parked.get(received.event.subject)) is not None
        and received.event.sequence <= last + 1
    )


def arrange(
    batch: Sequence[Received],
    positions: Mapping[str, Position],
    parked: Mapping[str, Mapping[int, Received]],
) -> Arrangement:
    """Sort a batch into what is applied, parked, released and dropped.

    Args:
        batch: Readable events of one topic in order of arrival.
        positions: Where each subject stands; a subject unknown so far stands at 0.
        parked: Waiting events by sequence, for the subjects of `waiting_for`.
    """
    result = Arrangement()
    reached: dict[str, int] = {}
    early: dict[str, dict[int, Received]] = {}
    for received in batch:
        subject, sequence = received.event.subject, received.event.sequence
        last = reached.get(subject)
        if last is None:
            position = positions.get(subject)
            last = 0 if position is None else position.last_sequence
        if sequence <= last:
            result.duplicates += 1
            if last + 1 in parked.get(subject, {}):
                reached[subject] = last
                _release(subject, reached, early.get(subject, {}), parked[subject], result)
        elif sequence == last + 1:
            result.apply.append(received)
            reached[subject] = sequence
            if subject in early or subject in parked:
                _release(subject, reached, early.get(subject, {}), parked.get(subject, {}), result)
        else:
            _set_aside(received, early.setdefault(subject, {}), parked.get(subject, {}), result)
    _conclude(result, reached, early, positions, parked)
    return result


def _release(
    subject: str,
    reached: dict[str, int],
    early: dict[int, Received],
    parked: Mapping[int, Received],
    result: Arrangement,
) -> None:
    """Apply what waited for the event just applied."""
    following = reached[subject] + 1
    while (waiting := early.pop(following, None) or parked.get(following)) is not None:
        result.apply.append(waiting)
        if following in parked:
            result.released.append(waiting)
        reached[subject] = following
        following += 1


def _set_aside(
    received: Received,
    early: dict[int, Received],
    parked: Mapping[int, Received],
    result: Arrangement,
) -> None:
    sequence = received.event.sequence
    if sequence in early or sequence in parked:
        result.duplicates += 1
        return
    early[sequence] = received


def _conclude(
    result: Arrangement,
    reached: dict[str, int],
    early: dict[str, dict[int, Received]],
    positions: Mapping[str, Position],
    parked: Mapping[str, Mapping[int, Received]],
) -> None:
    """Say where each touched subject stands now."""
    for waiting in early.values():
        result.park.extend(waiting.values())
    for subject in reached.keys() | {subject for subject, waiting in early.items() if waiting}:
        position = positions.get(subject, _NOT_BEGUN)
        last = reached.get(subject, position.last_sequence)
        still_parked = position.parked and (
            subject not in parked or any(sequence > last for sequence in parked[subject])
        )
        result.reached[subject] = Position(last, still_parked or bool(early.get(subject)))
