"""What a period's reviews stand for: the decisions drawn at random, and out of how many."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.controlling.periods.deadlines import Promise, promise_of
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.proof.record import AnyEntry, AnyHeader, EarlierHeader, rules_in
from services.controlling.proof.rules import DrawRules
from shared.security.time_stamps import stamped_at


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of a period.

    Attributes:
        drawn: Stratum of each decision that was drawn at random or topped up.
        sizes: Decisions in each stratum.
        minima: Reviews that the policy wants of each stratum at least.
        promise: Whether the draw was promised before its period.
        late: Decisions that arrived after the close and could not be drawn.
        gaps: Where others counted another number of decisions than there are here.
    """

    drawn: Mapping[str, str]
    sizes: Mapping[str, int]
    minima: Mapping[str, int]
    promise: Promise
    late: int = 0
    gaps: Sequence[str] = ()


def drawn_sample(header: AnyHeader, entries: Iterable[AnyEntry]) -> Sample:
    """Read the sample from the record of a closed period."""
    drawn: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    late = 0
    for entry in entries:
        if entry["late"]:
            late += 1
            continue
        sizes[entry["stratum"]] += 1
        if entry["drawn"] is not None:
            drawn[entry["decision"]] = entry["stratum"]
    opened_at = None if isinstance(header, EarlierHeader) else header.opened_at
    stamp = header.time_stamp and b64decode(header.time_stamp)
    promise = promise_of(header.first_day, opened_at, stamped_at(stamp or None, header.commitment))
    least = minima(rules_in(header), sizes)
    return Sample(drawn, dict(sizes), least, promise, late, header.footnotes)


def minima(policy: Policy | DrawRules, strata: Iterable[str]) -> dict[str, int]:
    """Give the reviews that a policy wants of each stratum at least."""
    return {key: policy.rule_of(Stratum.parse(key)).minimum for key in strata}
