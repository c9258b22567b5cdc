"""About how long a review takes: as the last ones of its kind did, or as the policy assumes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Self

from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum


@dataclass(frozen=True, slots=True)
class Durations:
    """What is known of how long reviews take.

    Attributes:
        medians: By group of decisions, where enough reviews of several people are signed.
        policy: Says what is assumed of the others; None before the first period.
    """

    medians: Mapping[str, timedelta]
    policy: Policy | None

    @classmethod
    def read(cls, medians: Mapping[str, float], policy: str | None) -> Self:
        """Read what the database knows: seconds by group, and a policy as JSON."""
        known = {group: timedelta(seconds=seconds) for group, seconds in medians.items()}
        return cls(known, None if policy is None else _read(policy))

    def of(self, key: str) -> timedelta | None:
        """Tell about how long a review of a stratum takes; None: nothing is known."""
        stratum = Stratum.parse(key)
        if stratum.group in self.medians:
            return self.medians[stratum.group]
        if self.policy is None:
            return None
        return timedelta(hours=float(self.policy.hours_of(stratum)))


@lru_cache(maxsize=4)
def _read(document: str) -> Policy:
    return Policy.model_validate_json(document)
