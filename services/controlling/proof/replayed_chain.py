"""Follows the chain of a period's register through its record. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from services.controlling.chain.head import DailyHead
from services.controlling.chain.linking import Registered, beginning, linked
from services.controlling.proof.fault import Fault, FaultKind
from services.controlling.proof.record import Header, PublishedHead, gaps_in

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
        gaps = gaps_in(header)
        self._gaps = {one.entry: one for one in gaps}
        self._counted = sum(count.size for count in header.strata) + len(gaps)
        self._entries = 0
        self._hash = beginning(header.period)
        self._published = {one.entries: one for one in header.heads}
        self._kept = list(kept)
        self._earliest = self._behind = ""
        self._whole = True

    def take(self, entry: Registered, found: list[Fault], *, misfiled: bool) -> None:
        """Follow the chain over one decision, and add what is wrong with it.

        Args:
            entry: What is chained of it.
            found: Takes what is wrong.
            misfiled: Whether its flag, which isn't hashed, and its stratum differ about lateness.
        """
        if self._gaps:
            self._pass_gaps(found)
        if misfiled:
            found.append(Fault(FaultKind.LATE, entry.decision))
        self._link(entry, found)

    def _pass_gaps(self, found: list[Fault]) -> None:
        while (gap := self._gaps.pop(self._entries + 1, None)) is not None:
            self._link(gap.registered, found)

    def _link(self, entry: Registered, found: list[Fault]) -> None:
        self._entries += 1
        self._hash = linked(self._hash, entry)
        if entry.registered < self._earliest:
            found.append(Fault(FaultKind.BACKDATED, entry.decision, self._behind))
        if self._entries in self._published:
            self._compare(self._published[self._entries], found)
        if self._kept:
            self._kept = [one for one in self._kept if not self._is_here(one)]

    def end(self) -> Iterator[Fault]:
        """Tell what the whole shows."""
        last: list[Fault] = []
        self._pass_gaps(last)
        yield from last
        held = self._entries
        if self._chain.closed != self._counted:
            yield Fault(FaultKind.CLOSED, right=self._chain.closed, said=self._counted)
        if self._chain.entries != held:
            yield Fault(FaultKind.ENTRIES, right=self._chain.entries, said=held)
        elif self._whole and self._chain.head != self._hash.hex():
            yield Fault(FaultKind.CHAIN)
        yield from map(lost, self._kept)

    def _compare(self, published: PublishedHead, found: list[Fault]) -> None:
        day = published.day
        self._earliest, self._behind = f"{day - _UNDER_WAY}", f"{day}"
        if self._whole and published.head != self._hash.hex():
            self._whole = False
            found.append(Fault(FaultKind.HEAD, published.entries, day))

    def _is_here(self, one: DailyHead) -> bool:
        return one.hash == self._hash and one.entries in (None, self._entries)


def lost(kept: DailyHead) -> Fault:
    """Say of a head that somebody kept that it isn't there."""
    return Fault(FaultKind.KEPT, kept.day)
