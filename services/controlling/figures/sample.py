"""What a period's reviews stand for: the decisions drawn at random, and out of how many."""

from base64 import b64decode
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from services.controlling.figures.cells import PERIOD
from services.controlling.periods.deadlines import Promise, promise_of
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum, is_late
from services.controlling.proof.entry_line import NOT_DRAWN, YES, Texts
from services.controlling.proof.record import (
    AnyHeader,
    EarlierHeader,
    is_simulated,
    rules_in,
    witness_in,
)
from services.controlling.proof.rules import DrawRules
from services.controlling.statistics.errors import CountsContradict
from shared.security.time_stamps import stamped_at


class Latecomers(NamedTuple):
    """Decisions that came when their own period was closed; they stand in no rate.

    Attributes:
        undrawn: Of this period, from before such decisions were drawn.
        earlier: Of earlier periods, registered in this one.
        drawn: The ids of those that were drawn, by the policy's rate for them.
        elsewhere: Of each of this period that is registered in a later one, the key of that one.
    """

    undrawn: int = 0
    earlier: int = 0
    drawn: Collection[str] = frozenset()
    elsewhere: Sequence[str] = ()


_NONE_LATE = Latecomers()


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of a period.

    Attributes:
        drawn: Stratum of each decision that was drawn at random or topped up.
        sizes: Decisions in each stratum.
        minima: Reviews that the policy wants of each stratum at least.
        promise: Whether the draw was promised before its period.
        witnessed: Whether chance that others watched entered its seed.
        closed_early: Whether the period was closed before its days of grace were over.
        late: Decisions that came too late.
        gaps: Where others counted another number of decisions than there are here.
        periods: Of which periods it is put together; none when it is of one.
        empty: Those of them in which nothing was decided.
    """

    drawn: Mapping[str, str]
    sizes: Mapping[str, int]
    minima: Mapping[str, int]
    promise: Promise
    witnessed: bool
    closed_early: bool = False
    late: Latecomers = _NONE_LATE
    gaps: Sequence[str] = ()
    periods: Sequence[str] = ()
    empty: Sequence[str] = ()

    @property
    def size(self) -> int:
        """All decisions it is of."""
        return sum(self.sizes.values())


def together(samples: Mapping[str, Sample]) -> Sample:
    """Put the samples of several periods together, by their keys; one stays as it is.

    Each stratum of a period was drawn for itself, so it stays a stratum of its own: what a period
    weighs in the whole are its decisions.

    Raises:
        CountsContradict: a decision stands in two of them.
    """
    if len(samples) == 1:
        (only,) = samples.values()
        return only
    drawn = {
        decision: _of_period(stratum, key)
        for key, one in samples.items()
        for decision, stratum in one.drawn.items()
    }
    if len(drawn) < sum(len(one.drawn) for one in samples.values()):
        raise CountsContradict("a decision stands in the draws of two periods")
    order = list(Promise)
    return Sample(
        drawn,
        _all({key: one.sizes for key, one in samples.items()}),
        _all({key: one.minima for key, one in samples.items()}),
        max((one.promise for one in samples.values()), key=order.index),
        all(one.witnessed for one in samples.values()),
        any(one.closed_early for one in samples.values()),
        _late_together({key: one.late for key, one in samples.items()}),
        list(chain.from_iterable(one.gaps for one in samples.values())),
        list(samples),
        [key for key, one in samples.items() if not one.size],
    )


def _late_together(found: Mapping[str, Latecomers]) -> Latecomers:
    """Put them together; what one period registered for another is not elsewhere."""
    each = found.values()
    return Latecomers(
        sum(one.undrawn for one in each),
        sum(one.earlier for one in each),
        frozenset(chain.from_iterable(one.drawn for one in each)),
        [key for one in each for key in one.elsewhere if key not in found],
    )


def _all(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {
        _of_period(stratum, key): count
        for key, one in counts.items()
        for stratum, count in one.items()
    }


@lru_cache(65_536)
def _of_period(stratum: str, key: str) -> str:
    parts = Stratum.parse(stratum)
    return replace(parts, narrowed=(*parts.narrowed, (PERIOD, key))).key


def drawn_sample(header: AnyHeader, entries: Iterable[Texts]) -> Sample:
    """Read the sample from the record of a closed period: its header, and its decisions' lines."""
    drawn: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    undrawn = earlier = 0
    came_late: set[str] = set()
    for decision, _, stratum, _, _, _, _, by, late_by_flag, _, _ in entries:
        if is_late(stratum):
            earlier += 1
            if by != NOT_DRAWN:
                came_late.add(decision)
            continue
        if late_by_flag == YES:
            undrawn += 1
            continue
        sizes[stratum] += 1
        if by != NOT_DRAWN:
            drawn[decision] = stratum
    opened_at, early = None, False
    if not isinstance(header, EarlierHeader):
        opened_at, early = header.opened_at, header.closed_early
    stamp = header.time_stamp and b64decode(header.time_stamp)
    at = stamped_at(stamp or None, header.commitment)
    promise = promise_of(header.first_day, opened_at, at, simulated=is_simulated(header))
    least = minima(rules_in(header), sizes)
    witnessed = witness_in(header) is not None
    late = Latecomers(undrawn, earlier, came_late)
    return Sample(drawn, dict(sizes), least, promise, witnessed, early, late, header.footnotes)


def minima(policy: Policy | DrawRules, strata: Iterable[str]) -> dict[str, int]:
    """Give the reviews that a policy wants of each stratum at least."""
    return {key: policy.rule_of(Stratum.parse(key)).minimum for key in strata}
