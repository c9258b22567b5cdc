"""Which policy is in force when, and what a new one may not do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.controlling.policy.calendar import Period, period_of
from services.controlling.policy.errors import PolicyUnknown, VersionTaken
from services.controlling.policy.meaning import differences
from services.controlling.policy.policy import Policy
from shared.errors import PermanentError

_DAY = timedelta(days=1)


class PolicyUndated(PermanentError):
    """A policy that doesn't say when it takes effect."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"policy {version} doesn't say when it takes effect; add valid_from, the first day of "
            "a period"
        )


class PolicyBegun(PermanentError):
    """What holds, or has held, stays known for ever."""

    def __init__(self, version: str, since: str) -> None:
        super().__init__(
            f"policy {version} holds since {since}, so it can't be withdrawn; schedule another one "
            "for a day to come"
        )


class PolicyTooLate(PermanentError):
    """A policy would change what was drawn, or could be drawn knowing what it will be."""

    def __init__(self, policy: Policy, reason: str, earliest: date) -> None:
        super().__init__(
            f"policy {policy.version} can't take effect on {policy.valid_from}: {reason}; "
            f"the earliest day is {earliest}"
        )


class PolicyInMidPeriod(PermanentError):
    """Two rates within one period would leave no sample that is drawn alike."""

    def __init__(self, version: str, day: date, period: Period, cutting: str) -> None:
        super().__init__(
            f"policy {version} takes effect on {day}, in the middle of the period {period.key} of "
            f"policy {cutting}; write {period.first_day} or {period.next.first_day}"
        )


class PolicyState(StrEnum):
    """What a policy is on some day."""

    PAST = "past"
    IN_FORCE = "in force"
    TO_COME = "to come"
    REPLACED = "replaced before it held"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The policies of an authority.

    Attributes:
        first: Holds until another takes effect, also for decisions of long ago.
        scheduled: The others in the order in which they were scheduled. Of two for the same day
            the later one holds, so a mistake can be put right before it takes effect.
        withdrawn: Those that were taken back before their day.
    """

    first: Policy
    scheduled: tuple[Policy, ...] = ()
    withdrawn: tuple[Policy, ...] = ()

    def policy_on(self, day: date) -> Policy:
        """Give the policy in force on a day."""
        begun = [
            (policy.valid_from, position, policy)
            for position, policy in enumerate(self.scheduled)
            if policy.valid_from is not None and policy.valid_from <= day
        ]
        return max(begun, key=lambda one: one[:2])[2] if begun else self.first

    def period_of(self, day: date) -> Period:
        """Give the period that a day belongs to."""
        return period_of(day, self.policy_on(day).period)

    def coming(self, today: date, until: date) -> Iterator[Period]:
        """Give the periods that begin after today, until a day."""
        period = self.period_of(today)
        while (period := self.period_of(period.next.first_day)).first_day <= until:
            yield period

    def policy_of(self, period: Period) -> Policy:
        """Give the policy with which a period opens: the one in force on its first day."""
        return self.policy_on(period.first_day)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All policies by the day from which they hold, then as they were scheduled."""
        later = sorted(
            (*self.scheduled, *self.withdrawn), key=lambda policy: policy.valid_from or date.min
        )
        return (self.first, *later)

    def state_of(self, policy: Policy, today: date) -> PolicyState:
        """Tell what a policy is on a day."""
        if policy in self.withdrawn:
            return PolicyState.WITHDRAWN
        if policy.valid_from is not None and self.policy_on(policy.valid_from) is not policy:
            return PolicyState.REPLACED
        if policy is self.policy_on(today):
            return PolicyState.IN_FORCE
        begun = policy is self.first or (
            policy.valid_from is not None and policy.valid_from <= today
        )
        return PolicyState.PAST if begun else PolicyState.TO_COME

    def with_scheduled(
        self, policy: Policy, *, today: date, begun_until: date | None = None
    ) -> "Timeline":
        """Let a policy take effect on its day.

        Args:
            policy: The new one.
            today: The day on which it is scheduled.
            begun_until: The last day of the last period that has opened.

        Raises:
            PolicyUndated, VersionTaken, PolicyTooLate, PolicyInMidPeriod: it can't.
        """
        if policy.valid_from is None:
            raise PolicyUndated(policy.version)
        known = next((one for one in self.policies if one.version == policy.version), None)
        if known is not None:
            withdrew = ", withdrawn" if known in self.withdrawn else ""
            differing = "; ".join(differences(known, policy))
            said = f", that says other things ({differing})" if differing else ""
            raise VersionTaken(policy.version, f"there is one already{withdrew}{said}")
        self._refuse_the_past(policy, policy.valid_from, today, begun_until)
        after = replace(self, scheduled=(*self.scheduled, policy))
        after._refuse_cuts(policy)  # noqa: SLF001 - its own
        return after

    def holds(self, policy: Policy) -> bool:
        """Whether a policy is scheduled that means the same, under the same version."""
        return policy in self.scheduled

    def with_withdrawn(
        self, version: str, *, today: date, begun_until: date | None = None
    ) -> "Timeline":
        """Take a policy back that doesn't hold yet.

        Args:
            version: Its version.
            today: The day on which it is withdrawn.
            begun_until: The last day of the last period that has opened.

        Raises:
            PolicyUnknown, PolicyBegun, PolicyInMidPeriod: it can't be.
        """
        found = next((one for one in self.scheduled if one.version == version), None)
        if found is None:
            if version == self.first.version:
                raise PolicyBegun(version, "the beginning")
            raise PolicyUnknown(version, [one.version for one in self.scheduled])
        assert found.valid_from is not None, "a policy without a day is never scheduled"
        if found.valid_from <= max(today, begun_until or today):
            raise PolicyBegun(version, f"{found.valid_from}")
        left = tuple(one for one in self.scheduled if one is not found)
        after = replace(self, scheduled=left, withdrawn=(*self.withdrawn, found))
        for one in left:
            after._refuse_cuts(one)  # noqa: SLF001 - its own
        return after

    def _refuse_the_past(
        self, policy: Policy, day: date, today: date, begun_until: date | None
    ) -> None:
        running = self.period_of(today).last_day
        last = max(running, begun_until or running)
        earliest = self.period_of(last).next.first_day
        if day <= today:
            raise PolicyTooLate(policy, "what was drawn is never changed", earliest)
        if day <= last:
            period = self.period_of(day)
            opened = "has begun" if day <= running else "is opened, its policy promised"
            raise PolicyTooLate(policy, f"the period {period.key} {opened}", earliest)

    def _refuse_cuts(self, newest: Policy) -> None:
        """Refuse when a policy takes effect within a period, be it the new one or the next one."""
        for policy in self.scheduled:
            day = policy.valid_from
            if day is None or self.policy_on(day) is not policy:
                continue  # a later one has its day
            before = self.policy_on(day - _DAY)
            cut = period_of(day - _DAY, before.period)
            if newest in (policy, before) and cut.last_day >= day:
                raise PolicyInMidPeriod(policy.version, day, cut, before.version)
