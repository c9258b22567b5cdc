"""Holds a register against its chain, entry by entry, and says what was done to it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.controlling.chain.gap import Gap
from services.controlling.chain.head import DailyHead, Head
from services.controlling.chain.linking import HASH_BYTES, Registered, linked


class Kind(StrEnum):
    """What can have been done."""

    CHANGED = "changed"
    DROPPED = "dropped"
    DOUBLED = "doubled"
    INSERTED = "inserted"
    BROKEN = "broken"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Fault:
    """What isn't as the chain, or a published head of it, says.

    Attributes:
        kind: What was done.
        entry: At which entry, from 1; None where it has none.
        decision: To which decision; None where it is about the chain itself.
        said: The same in words.
    """

    kind: Kind
    entry: int | None
    decision: str | None
    said: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some entries in a row.

    Attributes:
        preceding: How many entries come before them.
        decisions: Which decisions they are, in their order.
        hashes: The hash after each of them, one behind the other.
    """

    preceding: int
    decisions: Sequence[str]
    hashes: bytes

    def hash_of(self, place: int) -> bytes:
        """Give the hash after one of them, from 0."""
        return self.hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]


class Following:
    """Follows the chain of one period.

    After a fault it is followed on from the hash that stands there, so that each is told once.

    Attributes:
        head: How far it was followed.
    """

    def __init__(
        self, period: str, published: Iterable[DailyHead] = (), gaps: Iterable[Gap] = ()
    ) -> None:
        """Begin.

        Args:
            period: Whose chain.
            published: Heads that were published, or kept by somebody.
            gaps: Entries of which it was noted that they hold nothing but an id.
        """
        self.head = Head.of_nothing(period)
        self._gaps = {one.entry: one for one in gaps}
        self._seen: set[str] = set()
        self._published = set(published)
        self._hashes = {one.hash for one in self._published}

    def take(self, block: Block, registered: Mapping[str, Registered]) -> Iterator[Fault]:
        """Follow a block; `registered` holds what the register says of its decisions today."""
        if block.preceding != self.head.entries:
            said = f"after entry {self.head.entries} comes entry {block.preceding + 1}"
            yield Fault(
                Kind.BROKEN, self.head.entries, None, f"{said}: a block was taken out or put in"
            )
        for place, decision in enumerate(block.decisions):
            number, after = block.preceding + place + 1, block.hash_of(place)
            if (gap := self._gaps.get(number)) is not None:
                yield from self._compare(number, decision, gap.registered, after)
            else:
                if decision in self._seen:
                    said = f"entry {number}: {decision} stands in the chain twice"
                    yield Fault(Kind.DOUBLED, number, decision, said)
                self._seen.add(decision)
                yield from self._compare(number, decision, registered.get(decision), after)
            self.head = Head(number, after)
            self._cross_off()

    def end(self, unchained: Iterable[str], closed: int | None) -> Iterator[Fault]:
        """Tell what the whole shows.

        Args:
            unchained: Decisions that the register holds and nothing brought into the chain.
            closed: How many entries there were when the period closed; None while it is open.
        """
        for decision in unchained:
            said = f"{decision} stands in the register and not in its chain: it was put in"
            yield Fault(Kind.INSERTED, None, decision, said)
        if closed is not None and closed > self.head.entries:
            said = (
                f"the chain ends with entry {self.head.entries}, at the close there were {closed}"
            )
            yield Fault(Kind.BROKEN, self.head.entries, None, said)
        for one in sorted(self._published, key=lambda one: one.day):
            entry = "" if one.entries is None else f", entry {one.entries},"
            said = f"the head of {one.day}{entry} is not in the chain"
            yield Fault(Kind.HEAD, one.entries, None, said)

    def _compare(
        self, number: int, decision: str, entry: Registered | None, after: bytes
    ) -> Iterator[Fault]:
        if entry is None:
            said = f"entry {number}: {decision} is not in the register any more"
            yield Fault(Kind.DROPPED, number, decision, said)
        elif linked(self.head.hash, entry) != after:
            said = f"entry {number}: {decision} was changed, or moved from another place"
            yield Fault(Kind.CHANGED, number, decision, said)

    def _cross_off(self) -> None:
        """Forget heads that are found; what is left at the end isn't in the chain."""
        if self.head.hash in self._hashes:
            self._published = {
                one
                for one in self._published
                if one.hash != self.head.hash or one.entries not in (None, self.head.entries)
            }
