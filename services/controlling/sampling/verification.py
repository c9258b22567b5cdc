"""Replays the draw of a closed period from its record, and says what differs.

Written for one pass over a record of any length: the frame is ordered by stratum and ticket, so
a decision's rank in its stratum is the number of those that came before it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from services.controlling.sampling.draw import PeriodDraw, commitment
from services.controlling.sampling.policy import Rule
from services.controlling.sampling.record import Entry, Header, Seal
from shared.events.catalogue.review import StratumCount
from shared.events.vocabulary import DrawReason
from shared.failure.errors import PermanentError

Line = TypeVar("Line", Header, Entry, Seal)
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


_SWAPPED = "the seed was swapped: commitment and tickets are another's"
_COMMITMENT = "the commitment was changed: it isn't the seed's, the tickets are"
_SIGNATURE = "the signature is not this file's"
_LATE = Rule(Decimal(0), 0)


@dataclass(frozen=True, slots=True)
class Report:
    """What the replay found; without differences the draw is what seed and policy give."""

    period: str
    decisions: int
    drawn: int
    late: int
    public_key: str
    differences: tuple[str, ...]


def verify(lines: Iterable[bytes], authentic: Authentic) -> Report:
    """Replay the draw of a record.

    Args:
        lines: The lines of the file, each with its line break.
        authentic: Checks the signature.

    Raises:
        RecordUnreadable: a line is not what its place asks for, or the last one is missing.
    """
    digest = hashlib.sha256()
    numbered = enumerate(lines, start=1)
    number, line = next(numbered, (1, b""))
    replay = Replay(_parse(Header, number, line))
    digest.update(line)
    number, line = next(numbered, (2, b""))
    for next_number, next_line in numbered:
        digest.update(line)
        replay.take(_parse(Entry, number, line))
        number, line = next_number, next_line
    seal = _parse(Seal, number, line)
    differences = replay.differences()
    if not authentic(seal, digest.digest()):
        differences.append(_SIGNATURE)
    return replay.report(seal.public_key, differences)


def _parse(model: type[Line], number: int, line: bytes) -> Line:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        raise RecordUnreadable(number, error) from None


class Replay:
    """Draws once more, decision by decision, and notes what differs from the record."""

    def __init__(self, header: Header) -> None:
        seed = bytes.fromhex(header.seed)
        self._header = header
        self._draw = PeriodDraw(header.period, seed, header.policy, closed=False)
        self._promised = commitment(seed) == header.commitment
        self._swapped = False
        self._before: tuple[bool, str, str, str] = (False, "", "", "")
        self._sizes: Counter[str] = Counter()
        self._drawn: Counter[str] = Counter()
        self._late = 0
        self._found: list[str] = []

    def take(self, entry: Entry) -> None:
        """Draw one decision and count it."""
        ticket = self._draw.ticket(entry.decision)
        self._swapped = self._swapped or (not self._promised and ticket != entry.ticket)
        if not self._swapped:  # with another seed everything differs; it is said once
            self._compare(entry, ticket)
        if entry.late:
            self._late += 1
            return
        self._sizes[entry.stratum] += 1
        self._drawn[entry.stratum] += entry.drawn is not None

    def differences(self) -> list[str]:
        """Give what differs, decision by decision, then in the counts and the promise."""
        if self._swapped:
            return [_SWAPPED]
        self._compare_counts()
        return self._found if self._promised else [*self._found, _COMMITMENT]

    def report(self, public_key: str, differences: Iterable[str]) -> Report:
        """Sum up."""
        return Report(
            period=self._header.period,
            decisions=self._sizes.total(),
            drawn=self._drawn.total(),
            late=self._late,
            public_key=public_key,
            differences=tuple(differences),
        )

    def _compare(self, entry: Entry, ticket: str) -> None:
        place = (entry.late, entry.stratum, ticket, entry.decision)
        if place <= self._before:
            self._found.append(f"{entry.decision}: stands twice or out of order")
        self._before = place
        rule = _LATE if entry.late else self._draw.rule(entry.stratum)
        due = _reason(rule, ticket, self._sizes[entry.stratum])
        self._differ(entry.decision, "the seed gives ticket", ticket, entry.ticket)
        self._differ(entry.decision, "its probability is", rule.rate, entry.probability)
        self._differ(entry.decision, "the draw gives", due or "nothing", entry.drawn or "nothing")

    def _compare_counts(self) -> None:
        closed = {count.stratum: count for count in self._header.strata}
        for name in sorted(closed.keys() | self._sizes.keys()):
            count = closed.get(name) or StratumCount(stratum=name, size=0, drawn=0)
            self._differ(name, "decisions at the close:", count.size, self._sizes[name])
            self._differ(name, "drawn at the close:", count.drawn, self._drawn[name])

    def _differ(self, where: str, what: str, right: object, said: object) -> None:
        if right != said:
            self._found.append(f"{where}: {what} {right}, the file says {said}")


def _reason(rule: Rule, ticket: str, rank: int) -> DrawReason | None:
    if Decimal(ticket) < rule.rate:
        return DrawReason.RANDOM
    return DrawReason.TOP_UP if rank < rule.minimum else None
