"""About how long a review still takes: one rule for every page that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

DEFAULT = timedelta(minutes=5)
"""What is assumed of each open question until the authority's own reviews tell: the hour and a half
that a policy plans with for a review, over the questions that a form leaves to people."""
_MINUTE = timedelta(minutes=1)
_EXACT = timedelta(minutes=10)
_HOURS = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Durations:
    """What is known of how long a question takes.

    Attributes:
        by_group: The median of a question, by group of decisions, where enough reviews of several
            people are signed.
    """

    by_group: Mapping[str, timedelta]

    @classmethod
    def read(cls, medians: Mapping[str, float]) -> Self:
        """Read what the database knows: seconds by group."""
        return cls({group: timedelta(seconds=seconds) for group, seconds in medians.items()})

    def of(self, group: str, questions: int) -> timedelta:
        """Tell about how long so many open questions take; as exactly as it can be meant."""
        whole = self.by_group.get(group, DEFAULT) * questions
        step = _MINUTE if whole < _EXACT else 5 * _MINUTE if whole < _HOURS else 30 * _MINUTE
        return -(-whole // step) * step
