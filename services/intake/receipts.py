"""What a sender gets for each event: a receipt, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from services.intake.keys import Unlisted
from services.intake.screening import Candidate, Refusal
from shared.events.errors import Defect, FieldError
from shared.events.vocabulary import LateReason

EventKey = tuple[str, str]


class ReceiptStatus(StrEnum):
    """Whether an event is new to us."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


class Receipt(NamedTuple):
    """Our word that an event is stored, and its number within its subject.

    `unlisted` are keys that no list has: taken, and noted as work for operators.
    """

    place: int
    id: str
    source: str
    sequence: int
    status: ReceiptStatus
    unlisted: tuple[Unlisted, ...] = ()


class Entry(NamedTuple):
    """What the ledger knows of an event; `awaited`: it was lost, and is asked for again."""

    fingerprint: bytes
    sequence: int
    awaited: bool = False


def newcomers(
    candidates: Sequence[Candidate], known: Mapping[EventKey, Entry]
) -> dict[EventKey, Candidate]:
    """Give the events the ledger doesn't know, each once, in the order in which they were sent."""
    new: dict[EventKey, Candidate] = {}
    for candidate in candidates:
        key = candidate.key
        if key not in known:
            new.setdefault(key, candidate)
    return new


def returners(
    candidates: Sequence[Candidate], known: Mapping[EventKey, Entry]
) -> dict[EventKey, Candidate]:
    """Give the events that were asked for again and are what they were, each once."""
    return {
        one.key: one
        for one in candidates
        if (entry := known.get(one.key)) is not None
        and entry.awaited
        and one.means(entry.fingerprint)
    }


def settle(
    candidates: Sequence[Candidate],
    known: Mapping[EventKey, Entry],
    entered: Mapping[EventKey, Entry],
) -> tuple[list[Receipt], list[Refusal]]:
    """Answer every candidate from what was known before and what has been entered now.

    The first of several equal events is accepted, the others are its duplicates.
    """
    receipts: list[Receipt] = []
    refusals: list[Refusal] = []
    fresh = set(entered)
    for candidate in candidates:
        key = candidate.key
        entry = known.get(key) or entered[key]
        if not candidate.means(entry.fingerprint):
            refusals.append(_reused(candidate))
            continue
        status = ReceiptStatus.ACCEPTED if key in fresh else ReceiptStatus.DUPLICATE
        fresh.discard(key)
        event = candidate.event
        receipts.append(
            Receipt(
                candidate.place,
                event.id,
                event.source,
                entry.sequence,
                status,
                candidate.unlisted,
            )
        )
    return receipts, refusals


def overdue(candidates: Sequence[Candidate], known: Mapping[EventKey, Entry]) -> list[Refusal]:
    """Refuse decisions of long ago that don't say why they come now, but for what is known."""
    reasons = ", ".join(LateReason)
    said = f"is missing: the decision is old; say why it is told now, by one of {reasons}"
    return [
        Refusal(
            one.place,
            one.event.id,
            one.event.source,
            Defect.DATA_INVALID,
            (FieldError("data.late_reason", said),),
        )
        for one in candidates
        if one.overdue and one.key not in known
    ]


def _reused(candidate: Candidate) -> Refusal:
    return Refusal(
        candidate.place,
        candidate.event.id,
        candidate.event.source,
        Defect.ID_REUSED,
        (FieldError("id", "was used before for an event that says something else"),),
    )
