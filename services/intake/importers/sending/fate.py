"""Counts what became of each event of a log."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.intake.importers.sending.refusals import Refusals


class Fate(StrEnum):
    """What can become of an event; each gets exactly one."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(slots=True)
class Tally:
    """The numbers of one import.

    An event that the log implies (the start of a case) is counted in `derived` only, so that the
    fates of `activities` always add up to the events read.

    Attributes:
        backward: How many stand before an older one of their case.
        late: How many of those accepted stand before one that was sent in an earlier export.
        gone: Events sent before that aren't in the log, by type.
        corrections: What became of the corrections of changed decisions.
        refusals: Where those that were refused stand.
        other_mapping: Whether the mapping is another one than at the last import.
    """

    cases: int = 0
    activities: defaultdict[str, Counter[Fate]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    derived: Counter[Fate] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refused_by_intake: int = 0
    backward: int = 0
    late: int = 0
    gone: Mapping[str, int] = field(default_factory=dict)
    corrections: Counter[Fate] = field(default_factory=Counter)
    refusals: Refusals = field(default_factory=Refusals)
    other_mapping: bool = False

    def count(
        self,
        activity: str | None,
        fate: Fate,
        reason: str | None = None,
        line: int | None = None,
    ) -> None:
        """Count one event, which stands in a line; `activity` is None for a derived one."""
        (self.derived if activity is None else self.activities[activity])[fate] += 1
        if reason is None:
            return
        name = "start of the case" if activity is None else activity
        (self.rules if fate is Fate.IGNORED else self.reasons)[f"{name}: {reason}"] += 1
        if fate is Fate.REFUSED:
            self.refusals.note(name, reason, line)

    def total(self, fate: Fate) -> int:
        """How many of the log's events had this fate."""
        return sum(fates[fate] for fates in self.activities.values())

    @property
    def events(self) -> int:
        """How many events were read from the log."""
        return sum(fates.total() for fates in self.activities.values())
