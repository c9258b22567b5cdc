"""How the days of a log are written: told by its mapping, or proved by all of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.intake.importers.errors import DatesUnclear
from services.intake.importers.mapping.dates import Numbers, Order, read
from services.intake.importers.mapping.mapping import ClockChange, LogMapping

Orders = Mapping[str, Mapping[str, Order]]
"""By column and by the mark between the numbers."""

_BY_CUSTOM = {".": Order.DAY_FIRST}


class Dates:
    """Reads the times of one log."""

    def __init__(self, mapping: LogMapping, proved: Orders | None = None) -> None:
        layout = mapping.log
        self._zone = ZoneInfo(mapping.time_zone)
        self._formats = layout.formats
        self._told = layout.dates
        self._proved = proved or {}
        self._fold = int(mapping.clock_change is ClockChange.SECOND)

    def moment(self, column: str, text: str) -> datetime:
        """Read a time, in the log's zone if it names none.

        Raises:
            ValueError: It can't be read.
            OverflowError: It can't be read.
        """
        moment = self.local(column, text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone, fold=self._fold)
        moment.astimezone(UTC)  # the first and last hours of all time don't exist in UTC
        return moment

    def local(self, column: str, text: str) -> datetime:
        """Read a time as it stands there.

        Raises:
            ValueError: It can't be read.
            OverflowError: It can't be read.
        """
        for known in self._formats:
            try:
                return datetime.strptime(text, known)  # noqa: DTZ007 - the zone follows
            except ValueError:
                continue
        found = read(text)
        return found if isinstance(found, datetime) else found.moment(self._order(column, found))

    def _order(self, column: str, numbers: Numbers) -> Order:
        told = self.told(column)
        if told is not None:
            return told
        order = self._proved.get(column, {}).get(numbers.mark) or _BY_CUSTOM.get(numbers.mark)
        if order is None:
            raise ValueError("the order isn't known")
        return order

    def told(self, column: str) -> Order | None:
        """Give the order that the mapping tells for a column."""
        return self._told.get(column) if isinstance(self._told, Mapping) else self._told


@dataclass(slots=True)
class _Evidence:
    """What the days of a column with one mark can be."""

    possible: frozenset[Order] = frozenset(Order)
    example: str = ""
    contradiction: str | None = None

    def add(self, text: str, orders: frozenset[Order]) -> None:
        left = self.possible & orders
        if left:
            if left != self.possible or not self.example:
                self.example = text
            self.possible = left
        elif self.contradiction is None:
            self.contradiction = text


@dataclass(slots=True)
class _Column:
    by_mark: dict[str, _Evidence] = field(default_factory=dict)
    seen: dict[tuple[int, int, int], None] = field(default_factory=dict)


class Proof:
    """Looks at every time of a log, and says at its end how they are read."""

    _REMEMBERED = 10_000

    def __init__(self, mapping: LogMapping) -> None:
        self._dates = Dates(mapping)
        self._zone = ZoneInfo(mapping.time_zone)
        self._mapping = mapping
        self._columns: dict[str, _Column] = {}
        self._twice: tuple[str, str] | None = None

    def look(self, column: str, text: str, *, exact: bool) -> datetime | None:
        """Take a time as evidence, and give it where it can be read without any.

        Args:
            column: Where it stands.
            text: What stands there.
            exact: Whether the time of day counts, not only the day.
        """
        try:
            found = self._dates.local(column, text)
        except (ValueError, OverflowError):
            self._learn(column, text)
            return None
        if text[1:2] == "." or text[2:3] == ".":
            self._learn(column, text)  # it was read by custom, which other rows may refute
        if exact and found.tzinfo is None and self._mapping.clock_change is None:
            self._ask_the_clock(column, text, found)
        return found

    def orders(self) -> Orders:
        """Give what is proved.

        Raises:
            DatesUnclear: Something must be told, for the rows don't prove it.
        """
        if self._twice is not None:
            raise DatesUnclear.hour(*self._twice)
        return {
            name: {mark: self._order(name, mark, one) for mark, one in column.by_mark.items()}
            for name, column in self._columns.items()
        }

    def _order(self, name: str, mark: str, evidence: _Evidence) -> Order:
        told = self._dates.told(name)
        if told is not None:
            return told
        if evidence.contradiction is not None:
            raise DatesUnclear.contradiction(name, evidence.example, evidence.contradiction)
        if len(evidence.possible) == 1:
            return next(iter(evidence.possible))
        custom = _BY_CUSTOM.get(mark)
        if custom in evidence.possible:
            return custom
        raise DatesUnclear.order(name, evidence.example, sorted(evidence.possible))

    def _learn(self, column: str, text: str) -> None:
        try:
            numbers = read(text)
        except (ValueError, OverflowError):
            return
        if not isinstance(numbers, Numbers):
            return
        known = self._columns.setdefault(column, _Column())
        if numbers.parts in known.seen:
            return
        if len(known.seen) < self._REMEMBERED:
            known.seen[numbers.parts] = None
        orders = numbers.orders()
        if orders:  # else it is a day in no order: its row is refused
            known.by_mark.setdefault(numbers.mark, _Evidence()).add(text, orders)

    def _ask_the_clock(self, column: str, text: str, local: datetime) -> None:
        """Note an hour that the clock has twice, or not at all; whole days don't name one."""
        if self._twice is not None or (local.hour, local.minute) == (0, 0):
            return
        first, second = (local.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            self._twice = column, text
