"""Looks through a log that nobody has described: its columns, activities and times."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice

from services.intake.importers.errors import DatesUnclear, LogUnusable
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.mapping import Layout, LogMapping
from services.intake.importers.mapping.rules import When, name_of
from services.intake.importers.proposal.guesses import Guesses, guess_columns
from services.intake.importers.values.date_proof import Proof
from services.intake.importers.values.values import time_text

MOST_ACTIVITIES = 1_000
"""More different activities than this are counted, but not by name."""
MOST_TEXTS = 1_000
"""More different texts in a column than this are "more than"."""
_SAMPLE = 200
_COMPLETE = "complete"


@dataclass(slots=True)
class Column:
    """What stands in a column.

    Attributes:
        filled: In how many events something does.
        texts: The different texts, up to a number.
    """

    filled: int = 0
    texts: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Take what stands in an event."""
        self.filled += 1
        if text not in self.texts and len(self.texts) <= MOST_TEXTS:
            self.texts[text] = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look through the whole log has found.

    Attributes:
        layout: Where case, activity and time seem to be.
        guesses: Which columns seem to be what else.
        events: How many events there are.
        activities: Events by activity, of the first `MOST_ACTIVITIES` activities.
        columns: What stands in each column that holds something.
        first, last: The span of time, where it can be read.
        question: What must be told about its dates.
        started: Events that the layout leaves out, for they began something and didn't end it.
    """

    layout: Layout
    guesses: Guesses
    events: int
    activities: Mapping[str, int]
    columns: Mapping[str, Column]
    first: datetime | None
    last: datetime | None
    question: str | None
    started: int


def survey(name: str, events: Iterable[LogEvent]) -> Survey:
    """Read a log from start to end; memory doesn't grow with its length.

    Raises:
        LogUnusable: There is no event in it, or no column that could be its case, activity or time.
    """
    remaining = iter(events)
    sample = list(islice(remaining, _SAMPLE))
    if not sample:
        raise LogUnusable(f"{name} holds no events, so there is nothing to propose")
    guesses = guess_columns(name, sample)
    look = _Look(guesses)
    look.through(chain(sample, remaining))
    return look.found()


class _Look:
    def __init__(self, guesses: Guesses) -> None:
        self._guesses = guesses
        self._layout = Layout(case=guesses.case, activity=guesses.activity, time=guesses.time)
        self._proof = Proof(_bare(self._layout))
        self._events = self._started = 0
        self._activities: Counter[str] = Counter()
        self._columns: dict[str, Column] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None

    def through(self, events: Iterable[LogEvent]) -> None:
        for event in events:
            self._events += 1
            for name, text in event.values.items():
                if text:
                    self._columns.setdefault(name, Column()).add(text)
            activity = self._layout.activity_of(event.values)
            known = activity in self._activities or len(self._activities) < MOST_ACTIVITIES
            if activity and known:
                self._activities[activity] += 1
            self._span(time_text(self._layout.time, event.values))
            self._count_started(event.values)

    def found(self) -> Survey:
        try:
            self._proof.orders()
            question = None
        except DatesUnclear as error:
            question = str(error)
        layout = self._layout
        if self._tells_the_end():
            assert self._guesses.lifecycle is not None
            when = When({self._guesses.lifecycle: frozenset({_COMPLETE})})
            layout = layout.model_copy(update={"when": when})
        return Survey(
            layout,
            self._guesses,
            self._events,
            self._activities,
            self._columns,
            self._first,
            self._last,
            question,
            self._started,
        )

    def _tells_the_end(self) -> bool:
        """Whether some events say that they are complete, and others not."""
        column = self._columns.get(self._guesses.lifecycle or "", Column())
        return self._started > 0 and _COMPLETE in {text.lower() for text in column.texts}

    def _span(self, text: str | None) -> None:
        at = self._proof.look(name_of(self._layout.time), text, exact=True) if text else None
        if at is not None:
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            self._first = at if self._first is None else min(self._first, at)
            self._last = at if self._last is None else max(self._last, at)

    def _count_started(self, values: Mapping[str, str]) -> None:
        """Count events that aren't the end of something."""
        column = self._guesses.lifecycle
        if column is not None and values.get(column, _COMPLETE).lower() != _COMPLETE:
            self._started += 1


def constants(found: Survey) -> Iterator[tuple[str, str]]:
    """Give the columns that hold the same in every event."""
    for name, column in found.columns.items():
        if column.filled == found.events and len(column.texts) == 1:
            yield name, next(iter(column.texts))


def _bare(layout: Layout) -> LogMapping:
    return LogMapping.model_validate(
        {
            "name": "survey",
            "source": "urn:gleichfall:survey",
            "recognise": {"attributes": ["any"]},
            "time_zone": "Europe/Berlin",
            "log": layout,
            "activities": {},
        }
    )
