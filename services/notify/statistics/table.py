"""What became of the messages of some days: a row for each text and way. Pure.

What is counted are messages; what decides whether a figure may be shown is of how many cases it
tells, and what follows from the figures beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.notify.states import LIVING, State
from services.notify.withholding import Withhold
from shared.events.vocabulary import Channel, FailureReason


class Column(StrEnum):
    """What is counted in a row."""

    PLANNED = "planned"
    LEFT = "left"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Part:
    """Messages that no figure tells apart.

    Attributes:
        has_left: Somebody carried them away.
    """

    name: str
    channel: Channel
    state: State
    reason: FailureReason | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages are alike, and in how many cases."""

    part: Part
    messages: int
    cases: int


Figures = Mapping[Column, int | None]
"""None where a figure isn't shown."""
_FAILED = frozenset({State.BOUNCED, State.FAILED, State.SUPPRESSED})
_IN: Mapping[Column, Callable[[Part], bool]] = {
    Column.PLANNED: lambda _: True,
    Column.LEFT: lambda part: part.has_left,
    Column.DELIVERED: lambda part: part.state is State.DELIVERED,
    Column.FAILED: lambda part: part.state in _FAILED,
    Column.EXPIRED: lambda part: part.state is State.EXPIRED,
    Column.SUPERSEDED: lambda part: part.state is State.SUPERSEDED,
    Column.WAITING: lambda part: part.state in LIVING,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A text on one way."""

    name: str
    channel: Channel
    figures: Figures


@dataclass(frozen=True, slots=True)
class Failure:
    """How many messages ended without delivery for one reason; None where that isn't shown."""

    reason: FailureReason
    messages: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """What may be shown.

    Attributes:
        whole: Of all texts on all ways.
        failures: Why messages failed or expired, the commonest first.
    """

    rows: Sequence[Row]
    whole: Figures
    failures: Sequence[Failure]


def table_of(counted: Sequence[Counted], withhold: Withhold) -> Table:
    """Make the table, without what must not be shown.

    Args:
        counted: Every part once.
        withhold: Names the figures that must not be shown, of all figures and their parts' sizes.
    """
    cells = dict(_cells(counted))
    hidden = withhold({key: {one.part: one.cases for one in about} for key, about in cells.items()})

    def shown(key: Hashable) -> int | None:
        return None if key in hidden else sum(one.messages for one in cells[key])

    ways = sorted({(one.part.name, one.part.channel) for one in counted})
    reasons = [key for key in cells if isinstance(key, FailureReason)]
    return Table(
        rows=[
            Row(name, channel, {column: shown((name, channel, column)) for column in Column})
            for name, channel in ways
        ],
        whole={column: shown(column) for column in Column},
        failures=sorted(
            (Failure(reason, shown(reason)) for reason in reasons),
            key=lambda one: (-(one.messages or 0), one.reason),
        ),
    )


def _cells(counted: Sequence[Counted]) -> Iterator[tuple[Hashable, Sequence[Counted]]]:
    """Give all figures by what they are about: a row's, the whole table's, a reason's."""
    by_way: defaultdict[tuple[str, Channel], list[Counted]] = defaultdict(list)
    by_reason: defaultdict[FailureReason, list[Counted]] = defaultdict(list)
    for one in counted:
        by_way[one.part.name, one.part.channel].append(one)
        if one.part.reason is not None and one.part.state is not State.SUPERSEDED:
            by_reason[one.part.reason].append(one)
    for column, includes in _IN.items():
        yield column, [one for one in counted if includes(one.part)]
        for (name, channel), about in by_way.items():
            yield (name, channel, column), [one for one in about if includes(one.part)]
    yield from by_reason.items()
