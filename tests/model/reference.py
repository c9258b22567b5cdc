"""What must be: the mechanism without batches, transactions, rebalances or a database.

Records are taken one by one. Every place at which the real mechanism may have committed, and so
may be found after a crash, is a `yield`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.dead_letters.store import State


class Entry(NamedTuple):
    """One record of a partition; `event` is None for an event that fills a discarded place."""

    offset: int
    readable: bool
    case: str = ""
    sequence: int = 0
    event: str | None = None


@dataclass
class Case:
    """One case in one service: `waiting` gives the offset of each parked event."""

    last: int = 0
    applied: list[str] = field(default_factory=list)
    waiting: dict[int, int] = field(default_factory=dict)


@dataclass
class Book:
    """What one service knows of one partition; `letters` are dead letters by offset."""

    cases: dict[str, Case] = field(default_factory=dict)
    letters: dict[int, State] = field(default_factory=dict)

    def copy(self) -> "Book":
        cases = {
            name: Case(case.last, [*case.applied], {**case.waiting})
            for name, case in self.cases.items()
        }
        return Book(cases, {**self.letters})


Log = Sequence[Entry]
Refuses = Callable[[Entry], bool]


def take(book: Book, entry: Entry, log: Log, refuses: Refuses) -> Iterator[None]:
    """Take one record."""
    if not entry.readable:
        _bury(book, entry)
        yield
        return
    case = book.cases.setdefault(entry.case, Case())
    if entry.sequence > case.last + 1:
        case.waiting.setdefault(entry.sequence, entry.offset)
        yield
        return
    following: Entry | None = entry if entry.sequence == case.last + 1 else None
    while following is not None or case.last + 1 in case.waiting:
        following = following or log[case.waiting[case.last + 1]]
        case.waiting.pop(following.sequence, None)
        if refuses(following):
            _bury(book, following)
            yield
            return
        case.last = following.sequence
        case.applied += [following.event] if following.event else []
        following = None
        yield


def _bury(book: Book, entry: Entry) -> None:
    book.letters.setdefault(entry.offset, State.OPEN)


def states(book: Book, batch: Sequence[Entry], log: Log, refuses: Refuses) -> list[Book]:
    """Give the book as it may be found while a batch is taken: the first before, the last after."""
    now = book.copy()
    found = [now.copy()]
    for entry in batch:
        found += [now.copy() for _ in take(now, entry, log, refuses)]
    return found


def accounted_for(book: Book, entry: Entry, log: Log) -> bool:
    """Tell whether a record that was read and committed is applied, parked or a dead letter."""
    if not entry.readable:
        return entry.offset in book.letters
    case = book.cases.get(entry.case, Case())
    return (
        entry.sequence <= case.last
        or entry.sequence in case.waiting
        or any(log[at][2:4] == entry[2:4] for at in book.letters)
    )
