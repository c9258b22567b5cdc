"""Counts one stratum of a record through, and tells what is drawn otherwise than due."""

from bisect import insort
from collections.abc import Iterator
from decimal import Decimal

from services.controlling.periods.draw import as_threshold
from services.controlling.policy.policy import Rule
from services.controlling.proof.entry_line import NO, YES
from services.controlling.proof.fault import Fault, FaultKind
from shared.events.vocabulary import DrawReason

NOTHING = "nothing"
"""What is said of a decision that isn't drawn."""
_ABOVE_ALL = "1"


class Tally:
    """One stratum, counted through: its rule, and what has come of it so far.

    Attributes:
        late: Whether what is in it came late, as it is written.
        probability: The rate, as it was written last.
        smallest: The decisions with the smallest tickets, as many as its minimum.
        up_to: A greater ticket is none of the smallest.
        said: What the record says of those that the rate alone doesn't draw.
    """

    __slots__ = (
        "drawn", "late", "probability", "rule", "said", "size", "smallest", "threshold", "up_to",
    )  # fmt: skip

    def __init__(self, rule: Rule, *, late: bool) -> None:
        self.rule = rule
        self.late = YES if late else NO
        self.threshold = self.probability = as_threshold(rule.rate)
        self.size = 0
        self.drawn = 0
        self.smallest: list[tuple[str, str]] = []
        self.up_to = _ABOVE_ALL if rule.minimum else ""
        self.said: dict[str, str] = {}

    def means(self, probability: str) -> bool:
        """Whether it is the rate, however it is written; asks once for each way of writing."""
        if Decimal(probability) != self.rule.rate:
            return False
        self.probability = probability
        return True

    def rank(self, ticket: str, decision: str) -> None:
        """Keep a decision whose ticket isn't greater than all of the smallest so far."""
        insort(self.smallest, (ticket, decision))
        del self.smallest[self.rule.minimum :]
        if len(self.smallest) == self.rule.minimum:
            self.up_to = self.smallest[-1][0]

    def faults(self) -> Iterator[Fault]:
        """Tell what is drawn otherwise than due, of those that the rate alone doesn't draw."""
        due = {name: DrawReason.TOP_UP for one, name in self.smallest if one >= self.threshold}
        for name in sorted(due.keys() | self.said.keys()):
            right, said = due.get(name, NOTHING), self.said.get(name, NOTHING)
            if right != said:
                yield Fault(FaultKind.DRAWN, name, right, said)
