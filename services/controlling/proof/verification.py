"""Replays the draw of a closed period from its record, and says what differs.

Written for one pass over a record of any length: the frame is ordered by stratum and ticket, so
a decision's rank in its stratum is the number of those that came before it.
"""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from services.controlling.periods.commitment import TO_SEED, Promised, commitment_to_seed
from services.controlling.periods.deadlines import is_before
from services.controlling.periods.draw import PeriodDraw, as_threshold
from services.controlling.policy.policy import Rule
from services.controlling.proof.record import (
    AnyHeader,
    EarlierHeader,
    Entry,
    Header,
    Seal,
    policy_in,
)
from shared.errors import PermanentError
from shared.events.catalogue.review import StratumCount
from shared.events.vocabulary import DrawReason
from shared.security.time_stamps import stamped_at

Line = TypeVar("Line")
Authentic = Callable[[Seal, bytes], bool]
"""Whether a seal is a valid signature over a digest."""


class RecordUnreadable(PermanentError):
    """A line is not what its place in the record asks for."""

    def __init__(self, line: int, error: ValidationError) -> None:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        super().__init__(
            f"line {line} is not a line of an exported draw: {field or 'line'}: {first['msg']}; "
            "ask for the file again"
        )


_HEADER: TypeAdapter[Header | EarlierHeader] = TypeAdapter(AnyHeader)
_ENTRY, _SEAL = TypeAdapter(Entry), TypeAdapter(Seal)
_SWAPPED = "the seed was swapped: commitment and tickets are another's"
_COMMITMENT = "the commitment was changed: it isn't the seed's, the tickets are"
_BROKEN = "the commitment is to another seed, policy, catalogue or other days than the file holds"
_SIGNATURE = "the signature is not this file's"
_SEED_ALONE = "the commitment is to the seed alone: it says nothing of the policy"
_EARLY = "closed early, before its days of grace were over"
_LESS = (
    "the draw proves less: nobody outside says that its seed was fixed before the first decision"
)
_LATE = Rule(Decimal(0), 0)


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
    times: tuple[str, ...]
    differences: tuple[str, ...]


def verify(lines: Iterable[bytes], authentic: Authentic, key: str | None = None) -> Report:
    """Replay the draw of a record.

    Args:
        lines: The lines of the file, each with its line break.
        authentic: Checks the signature.
        key: The public key that must have signed it, hexadecimal; None: any.

    Raises:
        RecordUnreadable: a line is not what its place asks for, or the last one is missing.
    """
    digest = hashlib.sha256()
    numbered = enumerate(lines, start=1)
    number, line = next(numbered, (1, b""))
    replay = Replay(_parse(_HEADER, number, line))
    digest.update(line)
    number, line = next(numbered, (2, b""))
    for next_number, next_line in numbered:
        digest.update(line)
        replay.take(_parse(_ENTRY, number, line))
        number, line = next_number, next_line
    seal = _parse(_SEAL, number, line)
    differences = replay.differences()
    if not authentic(seal, digest.digest()):
        differences.append(_SIGNATURE)
    if key is not None and seal.public_key != key:
        differences.append(f"signed with another key than {key}")
    return replay.report(seal.public_key, differences)


def _parse(kind: TypeAdapter[Line], number: int, line: bytes) -> Line:
    try:
        return kind.validate_json(line)
    except ValidationError as error:
        raise RecordUnreadable(number, error) from None


def _is_to_seed(header: Header | EarlierHeader) -> bool:
    return isinstance(header, EarlierHeader) or header.commitment_form == TO_SEED


def _commitment(header: Header | EarlierHeader, seed: bytes) -> str:
    if isinstance(header, EarlierHeader) or header.commitment_form == TO_SEED:
        return commitment_to_seed(seed)
    days = (header.first_day, header.last_day)
    return Promised(seed, header.policy, header.catalogue or "", *days).commitment


def _stamp_in(header: Header | EarlierHeader) -> datetime | None:
    stamp = header.time_stamp and b64decode(header.time_stamp)
    return stamped_at(stamp or None, header.commitment)


def _times(header: Header | EarlierHeader, stamp: datetime | None) -> Iterator[str]:
    """Tell the times; a stamp's signature isn't looked at here."""
    if isinstance(header, Header):
        yield f"opened {_moment(header.opened_at)}, closed {_moment(header.closed_at)}"
        if header.closed_early:
            yield _EARLY
        yield f"opened before the first day: {_yes(header.opened_at, header)}"
    yield f"stamped before the first day: {_yes(stamp, header)}"
    if _yes(stamp, header) == "no":
        yield _LESS
    if _is_to_seed(header):
        yield _SEED_ALONE


def _yes(at: datetime | None, header: Header | EarlierHeader) -> str:
    return "yes" if at is not None and is_before(at, header.first_day) else "no"


def _moment(at: datetime | None) -> str:
    return "nothing" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class _Tally:
    """One stratum, counted through: its rule, and what has come of it so far."""

    __slots__ = ("drawn", "rule", "size", "threshold")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.threshold = as_threshold(rule.rate)
        self.size = 0
        self.drawn = 0


class Replay:
    """Draws once more, decision by decision, and notes what differs from the record."""

    def __init__(self, header: Header | EarlierHeader) -> None:
        seed = bytes.fromhex(header.seed)
        self._header = header
        self._draw = PeriodDraw(header.period, seed, policy_in(header), closed=False)
        self._stamped_at = _stamp_in(header)
        self._promised = _commitment(header, seed) == header.commitment
        self._swapped = False
        self._before: tuple[bool, str, str, str] = (False, "", "", "")
        self._tallies: dict[str, _Tally] = {}
        self._late = _Tally(_LATE)
        self._found: list[str] = []

    def take(self, entry: Entry) -> None:
        """Draw one decision and count it."""
        decision, stratum, late = entry["decision"], entry["stratum"], entry["late"]
        tally = self._late if late else self._tallies.get(stratum) or self._begin(stratum)
        ticket = self._draw.ticket(decision)
        if ticket < tally.threshold:
            due: DrawReason | None = DrawReason.RANDOM
        else:
            due = DrawReason.TOP_UP if tally.size < tally.rule.minimum else None
        if ticket != entry["ticket"]:
            self._swapped = self._swapped or not self._promised
            self._differ(decision, "the seed gives ticket", ticket, entry["ticket"])
        place = (late, stratum, ticket, decision)
        if place <= self._before:
            self._note(f"{decision}: stands twice or out of order")
        self._before = place
        said = entry["probability"]
        if said != tally.threshold and Decimal(said) != tally.rule.rate:
            self._differ(decision, "its probability is", tally.rule.rate, Decimal(said))
        if entry["drawn"] != due:
            self._differ(decision, "the draw gives", due or "nothing", entry["drawn"] or "nothing")
        tally.size += 1
        tally.drawn += entry["drawn"] is not None

    def differences(self) -> list[str]:
        """Give what differs, decision by decision, then in the counts and the promise."""
        if self._swapped:
            return [_SWAPPED]
        self._compare_counts()
        if isinstance(self._header, Header) and self._header.stamped_at != self._stamped_at:
            right, said = _moment(self._stamped_at), _moment(self._header.stamped_at)
            self._note(f"the time stamp says {right}, the file says {said}")
        if self._promised:
            return self._found
        return [*self._found, _COMMITMENT if _is_to_seed(self._header) else _BROKEN]

    def report(self, public_key: str, differences: Iterable[str]) -> Report:
        """Sum up."""
        return Report(
            period=self._header.period,
            decisions=sum(tally.size for tally in self._tallies.values()),
            drawn=sum(tally.drawn for tally in self._tallies.values()),
            late=self._late.size,
            public_key=public_key,
            commitment=self._header.commitment,
            time_stamp=self._header.time_stamp,
            audit=self._header.audit,
            times=tuple(_times(self._header, self._stamped_at)),
            differences=tuple(differences),
        )

    def _begin(self, stratum: str) -> _Tally:
        tally = self._tallies[stratum] = _Tally(self._draw.rule(stratum))
        return tally

    def _compare_counts(self) -> None:
        closed = {count.stratum: count for count in self._header.strata}
        for name in sorted(closed.keys() | self._tallies.keys()):
            count = closed.get(name) or StratumCount(stratum=name, size=0, drawn=0)
            tally = self._tallies.get(name) or _Tally(_LATE)
            if count.size != tally.size:
                self._differ(name, "decisions at the close:", count.size, tally.size)
            if count.drawn != tally.drawn:
                self._differ(name, "drawn at the close:", count.drawn, tally.drawn)

    def _differ(self, where: str, what: str, right: object, said: object) -> None:
        self._note(f"{where}: {what} {right}, the file says {said}")

    def _note(self, difference: str) -> None:
        if not self._swapped:  # with another seed everything differs; it is said once
            self._found.append(difference)
