"""Follows the chain of a period's register through its record. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from services.controlling.chain.head import DailyHead, Head
from services.controlling.chain.linking import Registered, linked
from services.controlling.proof.fault import Fault, FaultKind
from services.controlling.proof.record import Entry, Header

_UNDER_WAY = timedelta(days=1)
"""So long before the day of a head a decision that stands behind it may have been registered."""


class ChainReplay:
    """Hashes decision by decision, and holds the chain against its end and what was published."""

    def __init__(self, header: Header, kept: Iterable[DailyHead] = ()) -> None:
        """Begin.

        Args:
            header: The first line of a record whose register was chained.
            kept: Heads that somebody kept when they were published.
        """
        assert header.chain is not None
        self._chain = header.chain
        self._counted = sum(count.size for count in header.strata)
        self._head = Head.of_nothing(header.period)
        self._published = {one.entries: one for one in header.heads}
        self._kept = list(kept)
        self._earliest = self._behind = ""
        self._whole = True

    def take(self, entry: Entry) -> Iterator[Fault]:
        """Follow the chain over one decision."""
        registered = Registered(
            entry["decision"],
            entry["type"],
            entry["stratum"],
            entry["decided"],
            entry["registered"],
            entry["ticket"],
        )
        self._head = Head(self._head.entries + 1, linked(self._head.hash, registered))
        if entry["registered"] < self._earliest:
            yield Fault(FaultKind.BACKDATED, entry["decision"], self._behind)
        if (one := self._published.pop(self._head.entries, None)) is not None:
            self._earliest, self._behind = f"{one.day - _UNDER_WAY}", f"{one.day}"
            if self._whole and one.head != self._head.hash.hex():
                self._whole = False
                yield Fault(FaultKind.HEAD, one.entries, one.day)
        if any(one.hash == self._head.hash for one in self._kept):
            self._kept = [one for one in self._kept if not self._is_here(one)]

    def end(self) -> Iterator[Fault]:
        """Tell what the whole shows."""
        held = self._head.entries
        if self._chain.closed != self._counted:
            yield Fault(FaultKind.CLOSED, right=self._chain.closed, said=self._counted)
        if self._chain.entries != held:
            yield Fault(FaultKind.ENTRIES, right=self._chain.entries, said=held)
        elif self._whole and self._chain.head != self._head.hash.hex():
            yield Fault(FaultKind.CHAIN)
        yield from map(lost, self._kept)

    def _is_here(self, one: DailyHead) -> bool:
        return one.hash == self._head.hash and one.entries in (None, self._head.entries)


def lost(kept: DailyHead) -> Fault:
    """Say of a head that somebody kept that it isn't there."""
    return Fault(FaultKind.KEPT, kept.day)
