"""Replays the draw of a closed period from its record, and says what differs.

Written for one pass over a record of any length, in whatever order: of each stratum the smallest
tickets are kept, as many as its minimum; the rest is counted.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeGuard

from services.controlling.chain.head import DailyHead
from services.controlling.chain.linking import Registered
from services.controlling.periods.commitment import TO_SEED, Promised, commitment_to_seed
from services.controlling.periods.deadlines import is_before
from services.controlling.periods.draw import Sampler
from services.controlling.periods.witness import mixed
from services.controlling.policy.policy import Rule
from services.controlling.policy.strata import Stratum, is_late
from services.controlling.proof.entry_line import (
    BY_CHANCE,
    NOT_DRAWN,
    TOPPED_UP,
    YES,
    Texts,
    entry_reader,
)
from services.controlling.proof.fault import Fault, FaultKind
from services.controlling.proof.line import LONGEST, value_of
from services.controlling.proof.record import (
    HEADER,
    AnyHeader,
    Count,
    EarlierHeader,
    Header,
    Seal,
    UnchainedHeader,
    gaps_in,
    is_simulated,
    rules_in,
    witness_in,
)
from services.controlling.proof.replayed_chain import ChainReplay, lost
from services.controlling.proof.stamp import told_in
from services.controlling.proof.stamped_heads import (
    HeadStamp,
    compare_stamps,
    stamps_in,
    tell_stamps,
)
from services.controlling.proof.tally import NOTHING, Tally
from shared.errors import PermanentError
from shared.events.vocabulary import DrawReason

Authentic = Callable[[Seal, bytes], bool]
"""Whether a seal is a valid signature over a digest."""


class RecordUnreadable(PermanentError):
    """A line is not what its place in the record asks for."""

    def __init__(self, line: int, place: str) -> None:
        self.fault = Fault(FaultKind.FORMAT, line, place)
        super().__init__(str(self.fault))


_SEED_ALONE = "the commitment is to the seed alone: it says nothing of the policy"
_EARLY = "closed early, before its days of grace were over"
_LESS = (
    "the draw proves less: nobody outside says that its seed was fixed before the first decision"
)
_ALONE = "the draw proves less: its seed was made by the authority's machine alone"
_GONE = "the draw proves less: decisions are gone that were registered"
SIMULATED = "its times are a simulated clock's, of an invented authority: they prove nothing"
_WORDS = {NOT_DRAWN: NOTHING, BY_CHANCE: DrawReason.RANDOM, TOPPED_UP: DrawReason.TOP_UP}
_LATE = Rule(Decimal(0), 0)
_AT_ONCE = 2**20
"""So many bytes are read together; one after the other took half as long again."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the replay found; without differences the draw is what seed and policy give.

    Attributes:
        times: What the record says of its times, and what follows from them, line by line.
    """

    period: str
    decisions: int
    drawn: int
    late: int
    public_key: str
    commitment: str
    time_stamp: str | None
    audit: str | None
    head_stamps: tuple[HeadStamp, ...]
    times: tuple[str, ...]
    differences: tuple[Fault, ...]


def verify(
    lines: Iterable[bytes],
    authentic: Authentic,
    key: str | None = None,
    kept: Sequence[DailyHead] = (),
) -> Report:
    """Replay the draw of a record.

    Args:
        lines: The lines of the file, each with its line break.
        authentic: Checks the signature.
        key: The public key that must have signed it, hexadecimal; None: any.
        kept: Heads of its register that somebody kept when they were published.

    Raises:
        RecordUnreadable: a line is not what its place asks for, or the last one is missing.
    """
    following = iter(lines)
    first = next(following, b"")
    header = _header(first)
    replay, read = Replay(header, kept), entry_reader(header)
    digest = hashlib.sha256(first)
    number, last = 2, b""
    for batch in _batches(following):
        decisions = [last, *batch[:-1]] if last else batch[:-1]
        last = batch[-1]
        for line in decisions:
            digest.update(line)
        for texts in _entries(number, decisions, read):
            replay.take(texts)
        number += len(decisions)
    seal = _seal(number, last)
    differences = replay.differences()
    if not authentic(seal, digest.digest()):
        differences.append(Fault(FaultKind.SIGNATURE))
    if key is not None and seal.public_key != key:
        differences.append(Fault(FaultKind.KEY, right=key))
    return replay.report(seal.public_key, differences)


def _header(line: bytes) -> AnyHeader:
    if len(line) > LONGEST or not line.endswith(b"\n"):
        raise RecordUnreadable(1, "header")
    try:
        value_of(line[:-1].decode())
        return HEADER.validate_json(line)
    except ValueError:
        raise RecordUnreadable(1, "header") from None


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Give lines together, as many as are worth a look at once; no batch is empty."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _entries(
    number: int, lines: Sequence[bytes], read: Callable[[Sequence[bytes]], list[Texts]]
) -> list[Texts]:
    """Read lines of decisions, the first of which has that number."""
    try:
        return read(lines)
    except ValueError:
        if len(lines) == 1:
            raise RecordUnreadable(number, "decision") from None
    return [one for n, line in enumerate(lines, number) for one in _entries(n, [line], read)]


def _seal(number: int, line: bytes) -> Seal:
    try:
        seal = Seal.model_validate_json(line)
    except ValueError:
        raise RecordUnreadable(number, "seal") from None
    if f"{seal.model_dump_json()}\n".encode() != line:
        raise RecordUnreadable(number, "seal")
    return seal


def _is_chained(header: AnyHeader) -> TypeGuard[Header]:
    return isinstance(header, Header) and header.chain is not None


def _is_to_seed(header: AnyHeader) -> bool:
    return isinstance(header, EarlierHeader) or header.commitment_form == TO_SEED


def _commitment(header: AnyHeader, seed: bytes) -> str:
    if isinstance(header, EarlierHeader) or header.commitment_form == TO_SEED:
        return commitment_to_seed(seed)
    days = (header.first_day, header.last_day)
    return Promised(seed, header.policy, header.catalogue or "", *days).commitment


def _times(header: AnyHeader, stamp: datetime | None) -> Iterator[str]:
    """Tell the times; a stamp's signature isn't looked at here."""
    if not isinstance(header, EarlierHeader):
        yield f"opened {_moment(header.opened_at)}, closed {_moment(header.closed_at)}"
        if is_simulated(header):
            yield SIMULATED
        if header.closed_early:
            yield _EARLY
        yield f"opened before the first day: {_yes(header.opened_at, header)}"
    yield f"stamped before the first day: {_yes(stamp, header)}"
    if _yes(stamp, header) == "no":
        yield _LESS
    if isinstance(header, Header):
        yield from _witness(header)
    if _is_to_seed(header):
        yield _SEED_ALONE
    if gaps := gaps_in(header):
        yield from map(str, gaps)
        yield _GONE
    yield from tell_stamps(header)


def _witness(header: Header) -> Iterator[str]:
    entered = header.witness
    at = None if entered is None else entered.at
    yield f"witnessed before the first day: {_yes(at, header)}"
    if entered is None:
        yield _ALONE
    else:
        yield f"witnessed {_moment(entered.at)} by {', '.join(entered.roles)}: {entered.value}"


def _yes(at: datetime | None, header: AnyHeader) -> str:
    return "yes" if at is not None and is_before(at, header.first_day) else "no"


def _after(header: Header | UnchainedHeader) -> date:
    """The first day that isn't in the period any more."""
    return header.last_day + timedelta(days=1)


def _moment(at: datetime | None) -> str:
    return "nothing" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class Replay:
    """Draws once more, decision by decision, and notes what differs from the record."""

    def __init__(self, header: AnyHeader, kept: Sequence[DailyHead] = ()) -> None:
        seed = bytes.fromhex(header.seed)
        self._header = header
        self._rules = rules_in(header)
        entered = witness_in(header)
        self._sampler = Sampler(mixed(seed, None if entered is None else entered.value))
        self._stamped_at = told_in(header.time_stamp, header.commitment)
        self._promised = _commitment(header, seed) == header.commitment
        self._swapped = False
        self._before: tuple[bool, str, str, str] = (False, "", "", "")
        self._seen: set[str] = set()
        self._tallies: dict[str, Tally] = {}
        self._late = Tally(_LATE, late=True)
        self._chain = ChainReplay(header, kept) if _is_chained(header) else None
        self._kept = kept
        self._found: list[Fault] = []

    def take(self, entry: Texts) -> None:
        """Draw one decision and count it."""
        decision, _, stratum, _, _, said, probability, drawn, late, _, _ = entry
        undrawn = self._chain is None and late == YES and not is_late(stratum)  # drew nothing late
        tally = self._late if undrawn else self._tallies.get(stratum) or self._begin(stratum)
        ticket = self._sampler.ticket(decision)
        self._place(entry, ticket, tally)
        if ticket != said:
            self._swapped = self._swapped or not self._promised
            self._note(FaultKind.TICKET, decision, ticket, said)
        if probability != tally.probability and not tally.means(probability):
            self._note(FaultKind.PROBABILITY, decision, tally.threshold, probability)
        if ticket >= tally.threshold:
            if drawn != NOT_DRAWN:
                tally.said[decision] = _WORDS[drawn]
        elif drawn != BY_CHANCE:
            self._note(FaultKind.DRAWN, decision, DrawReason.RANDOM, _WORDS[drawn])
        if ticket <= tally.up_to:
            tally.rank(ticket, decision)
        tally.size += 1
        tally.drawn += drawn != NOT_DRAWN

    def _place(self, entry: Texts, ticket: str, tally: Tally) -> None:
        """See that a decision stands there once, and where it belongs."""
        decision, late = entry[0], entry[8]
        if decision in self._seen:
            self._note(FaultKind.TWICE, decision)
        self._seen.add(decision)
        if self._chain is None:
            place = (late == YES, entry[2], ticket, decision)
            if place < self._before:
                self._note(FaultKind.ORDER, decision)
            self._before = place
            return
        chained = Registered._make(entry[:6])
        self._chain.take(chained, self._found, misfiled=late != tally.late)

    def differences(self) -> list[Fault]:
        """Give what differs, decision by decision, then in counts, times and the promise."""
        if self._swapped:
            return [Fault(FaultKind.SEED)]
        for _, tally in sorted(self._tallies.items()):
            self._found += tally.faults()
        self._found += self._late.faults()
        self._compare_counts()
        self._found += self._chain.end() if self._chain is not None else map(lost, self._kept)
        self._compare_times()
        self._found += compare_stamps(self._header)
        if not self._promised:
            to_seed = _is_to_seed(self._header)
            held = "seed" if to_seed else "seed, policy, catalogue or other days"
            self._note(FaultKind.COMMITMENT, right=held)
        return self._found

    def report(self, public_key: str, differences: Iterable[Fault]) -> Report:
        """Sum up."""
        return Report(
            period=self._header.period,
            decisions=sum(tally.size for tally in self._tallies.values()),
            drawn=sum(tally.drawn for tally in self._tallies.values()),
            late=self._late.size
            + sum(tally.size for name, tally in self._tallies.items() if is_late(name)),
            public_key=public_key,
            commitment=self._header.commitment,
            time_stamp=self._header.time_stamp,
            audit=self._header.audit,
            head_stamps=tuple(stamps_in(self._header)),
            times=tuple(_times(self._header, self._stamped_at)),
            differences=tuple(differences),
        )

    def _begin(self, stratum: str) -> Tally:
        rule = self._rules.rule_of(Stratum.parse(stratum))
        tally = self._tallies[stratum] = Tally(rule, late=is_late(stratum))
        return tally

    def _compare_counts(self) -> None:
        closed = {count.stratum: count for count in self._header.strata}
        for name in sorted(closed.keys() | self._tallies.keys()):
            count = closed.get(name) or Count(stratum=name, size=0, drawn=0)
            tally = self._tallies.get(name) or Tally(_LATE, late=True)
            if count.size != tally.size:
                self._note(FaultKind.SIZE, name, count.size, tally.size)
            if count.drawn != tally.drawn:
                self._note(FaultKind.SAMPLE, name, count.drawn, tally.drawn)

    def _compare_times(self) -> None:
        header = self._header
        if header.time_stamp is not None and self._stamped_at is None:
            self._note(FaultKind.STAMP)
        if isinstance(header, EarlierHeader):
            return
        if header.stamped_at != self._stamped_at:
            right, said = _moment(self._stamped_at), _moment(header.stamped_at)
            self._note(FaultKind.STAMPED_AT, right=right, said=said)
        if is_before(header.closed_at, _after(header)):
            self._note(FaultKind.CLOSED_AT, said=_moment(header.closed_at))
        grace = timedelta(days=self._rules.close_after_days)
        earliest = is_before(header.closed_at - grace, _after(header))
        if not header.closed_early and (earliest or header.closed_at < header.opened_at + grace):
            self._note(FaultKind.CLOSED_EARLY)
        if (entered := witness_in(header)) is not None:
            self._compare_witness(header, entered.at)

    def _compare_witness(self, header: Header | UnchainedHeader, at: datetime) -> None:
        """It must lie between the promise, as it was published and stamped, and the first day."""
        promised = max(header.opened_at, self._stamped_at or header.opened_at)
        if at < promised:
            self._note(FaultKind.WITNESSED_EARLY, right=_moment(promised), said=_moment(at))
        if not is_before(at, header.first_day):
            self._note(FaultKind.WITNESSED_LATE, said=_moment(at))

    def _note(
        self, kind: FaultKind, where: object = "", right: object = "", said: object = ""
    ) -> None:
        if not self._swapped:  # with another seed everything differs; it is said once
            self._found.append(Fault(kind, where, right, said))
