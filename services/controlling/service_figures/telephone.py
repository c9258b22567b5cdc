"""The telephone: how many calls a line had on a day, and how long people waited. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from services.controlling.service_figures.fact import Fact
from services.controlling.service_figures.ranking import wait_of
from shared.events.catalogue.office import (
    CallAbandoned,
    CallAnswered,
    CallCalledBack,
    CallReceived,
    CallTransferred,
)
from shared.events.registry import Facts
from shared.events.vocabulary import CallOutcome, CallTopic


@dataclass(frozen=True, slots=True)
class Telephone:
    """What became of calls.

    Attributes:
        offered: Calls that came in.
        waited: Seconds until the answer, of each call that was answered, ascending.
        gave_up: Seconds until the caller hung up, of each call that wasn't, ascending.
        called_back: Seconds from the missed call to each call-back, ascending; it stands on the
            day of the call-back.
        reached: How many of the call-backs reached somebody.
        transferred: How often a call was passed on after it was answered.
        topics: Answered calls of which was said what they were about.
        about_state: How many of these asked how far a case is.
    """

    offered: int = 0
    waited: tuple[int, ...] = ()
    gave_up: tuple[int, ...] = ()
    called_back: tuple[int, ...] = ()
    reached: int = 0
    transferred: int = 0
    topics: int = 0
    about_state: int = 0

    @property
    def answered(self) -> int:
        """Calls that somebody took."""
        return len(self.waited)

    @property
    def unknown(self) -> int:
        """Calls of which nobody said how they ended; none when more ended than were told of."""
        return max(0, self.offered - len(self.waited) - len(self.gave_up))

    def answered_within(self, limit: timedelta) -> float | None:
        """Give the share of all calls that was answered so fast: the service level.

        None without a call. Who hung up counts as not answered, however soon that was.
        """
        calls = max(self.offered, len(self.waited) + len(self.gave_up))
        fast = sum(one <= limit.total_seconds() for one in self.waited)
        return fast / calls if calls else None

    def wait(self, share: float) -> timedelta | None:
        """Give how long at most such a share of those answered waited; None of fewer than seven."""
        return wait_of(self.waited, share)

    def age_of_call_backs(self, share: float) -> timedelta | None:
        """Give how old at most such a share of the call-backs was; None of fewer than seven."""
        return wait_of(self.called_back, share)


def count_calls(facts: Iterable[Fact]) -> Mapping[str, Telephone]:
    """Count a day's calls by line, in whatever order they are given."""
    by_line: dict[str, list[Facts]] = {}
    for fact in facts:
        assert isinstance(
            fact.data,
            CallReceived | CallAnswered | CallAbandoned | CallCalledBack | CallTransferred,
        )  # no other is of this part
        by_line.setdefault(fact.data.line, []).append(fact.data)
    return {line: _count(happened) for line, happened in by_line.items()}


def together(days: Sequence[Telephone]) -> Telephone:
    """Put days or lines together."""
    return Telephone(
        sum(one.offered for one in days),
        tuple(sorted(chain.from_iterable(one.waited for one in days))),
        tuple(sorted(chain.from_iterable(one.gave_up for one in days))),
        tuple(sorted(chain.from_iterable(one.called_back for one in days))),
        sum(one.reached for one in days),
        sum(one.transferred for one in days),
        sum(one.topics for one in days),
        sum(one.about_state for one in days),
    )


def _count(happened: Sequence[Facts]) -> Telephone:
    backs = [one for one in happened if isinstance(one, CallCalledBack)]
    answered = [one for one in happened if isinstance(one, CallAnswered)]
    return Telephone(
        sum(isinstance(one, CallReceived) for one in happened),
        tuple(sorted(one.waited_seconds for one in answered)),
        tuple(sorted(one.waited_seconds for one in happened if isinstance(one, CallAbandoned))),
        tuple(sorted(one.age_seconds for one in backs)),
        sum(one.outcome is CallOutcome.REACHED for one in backs),
        sum(isinstance(one, CallTransferred) for one in happened),
        sum(one.about is not None for one in answered),
        sum(one.about is CallTopic.CASE_STATE for one in answered),
    )
