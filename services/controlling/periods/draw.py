"""The draw: replayable by anyone who has the seed, predictable by nobody who has not.

Ticket = Rivest's consistent sampler (R. L. Rivest, "Consistent Sampling with Replacement", 2018;
the first fraction of the library `consistent_sampler`, as used by Arlo, at half its cost; tests
hold both equal) on the period's seed and the decision's id. A
decision is drawn when its ticket, uniform in (0, 1), is below its stratum's rate, so the order in
which decisions arrive can't matter.
"""

import hashlib
from decimal import Decimal
from typing import NamedTuple

from services.controlling.periods.witness import mixed
from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.policy import Policy, Rule
from services.controlling.policy.strata import Stratum

SEED_BYTES = 32
TWICE = ":twice"
_NEVER = Rule(Decimal(0), 0)


class Outcome(NamedTuple):
    """What the draw says about one decision."""

    ticket: str
    drawn: bool


def as_threshold(rate: Decimal) -> str:
    """Write a rate so that tickets compare with it as text: digit by digit, so exactly.

    Both are decimal fractions, and a ticket has more digits than any rate.
    """
    return f"{rate:f}"


class Sampler:
    """Gives the tickets of one period's decisions.

    The sampler's seed is the 64 hexadecimal characters of 32 bytes: the period's seed, or what it
    makes with the value that was witnessed.
    """

    __slots__ = ("_begun",)

    def __init__(self, seed: bytes) -> None:
        seed_hash = hashlib.sha256(seed.hex().encode()).hexdigest()
        # Each ticket begins with the same block, so that one is hashed once.
        self._begun = hashlib.sha256(seed_hash.encode())

    def ticket(self, decision_id: str) -> str:
        """Give a decision's ticket, a decimal fraction uniform in (0, 1).

        The digits of SHA-256 as a number are reversed: its first ones are not uniform.
        """
        hashed = self._begun.copy()
        hashed.update(decision_id.encode())
        return "0." + str(int.from_bytes(hashed.digest(), "big")).zfill(64)[::-1]


def shortfall(rule: Rule, size: int, drawn: int) -> int:
    """Tell how many decisions a stratum's sample lacks.

    They are drawn by the next smallest tickets. Every drawn ticket is below the rate and every
    other one isn't, so the sample is always the smallest tickets of its stratum; as tickets are
    independent and uniform, it is, given its size, a simple random sample of the stratum.
    """
    return max(0, min(rule.minimum, size) - drawn)


class PeriodDraw:
    """How one period draws: with its own seed, and by the policy with which it opened.

    Once it is closed its sample is public, so nothing is drawn by it any more: a decision that
    comes then is drawn by the period that is open, as late.

    Attributes:
        groups: In which groups decision types are; None for a period that didn't keep it.
        witness: The value that entered the seed; None: the seed is alone.
    """

    __slots__ = (
        "_rules", "_sampler", "_thresholds", "_twice", "closed", "groups", "key", "policy",
        "witness",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        seed: bytes,
        policy: Policy,
        *,
        closed: bool,
        groups: TypeGroups | None = None,
        witness: str | None = None,
    ) -> None:
        self.groups = groups
        self.witness = witness
        self.key = key
        self.policy = policy
        self.closed = closed
        self._sampler = Sampler(mixed(seed, witness))
        self._rules: dict[str, Rule] = {}
        self._thresholds: dict[str, str] = {}
        self._twice = as_threshold(policy.double_reviews)

    def rule(self, stratum: str) -> Rule:
        """Tell how a stratum, named by its key, is drawn now."""
        return self._rules.get(stratum) or self._find(stratum)

    def draw(self, decision_id: str, stratum: str) -> Outcome:
        """Draw one decision."""
        threshold = self._thresholds.get(stratum)
        if threshold is None:
            threshold = self._thresholds[stratum] = as_threshold(self.rule(stratum).rate)
        ticket = self._sampler.ticket(decision_id)
        return Outcome(ticket, ticket < threshold)

    def ticket(self, decision_id: str) -> str:
        """Give a decision's ticket."""
        return self._sampler.ticket(decision_id)

    def reviewed_twice(self, decision_id: str) -> bool:
        """Tell whether two review the decision blindly, if it is drawn.

        Its second ticket, on the id followed by `:twice`, decides; so this, too, can be replayed,
        can't be predicted, and has nothing to do with being drawn.
        """
        return self._sampler.ticket(decision_id + TWICE) < self._twice

    def _find(self, stratum: str) -> Rule:
        found = _NEVER if self.closed else self.policy.rule_of(Stratum.parse(stratum))
        self._rules[stratum] = found
        return found
