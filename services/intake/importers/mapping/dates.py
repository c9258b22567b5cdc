"""Reads times as people and programs write them: a text tells everything but the order of its day.

`03/04/2021` is the third of April or the fourth of March. That order is never guessed here: it is
told by the mapping, or proved by all rows of a column (`date_proof.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*Uhr)?"
    r"(?:\s*(?P<zone>Z|UTC|GMT|CEST|CET|MESZ|MEZ|[+-]\d{2}:?\d{2}|[+-]\d{2}))?(?:\s*\[[\w/+-]+\])?"
)
_REST = rf"(?:(?:T|,?\s+(?:um\s+)?){_TIME})?"
_DAY_NAME = r"(?:[A-Za-z]{2,10}\.?,?\s+)?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_REST}"
)
_NUMBERS = re.compile(
    rf"{_DAY_NAME}(?P<a>\d{{1,2}})(?P<mark>[-/.])\s?(?P<b>\d{{1,2}})(?P=mark)\s?(?P<c>\d{{4}}|\d{{2}}){_REST}"
)
_NAMED_DAY = re.compile(
    rf"{_DAY_NAME}(?P<day>\d{{1,2}})[-. ]\s*(?P<name>[^\W\d]{{3,9}})\.?[-, ]\s*"
    rf"(?P<year>\d{{4}}|\d{{2}}){_REST}"
)
_NAMED_MONTH = re.compile(
    rf"{_DAY_NAME}(?P<name>[^\W\d]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_REST}"
)
_UNIX_DATE = re.compile(
    rf"[A-Za-z]{{2,3}}\s+(?P<name>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s+(?P<year>\d{{4}})"
)
_DAY_THEN_TIME = re.compile(rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})\s+{_TIME}")
_DIGITS = re.compile(r"(?P<whole>\d{8,19})(?:\.(?P<part>\d+))?")
_DOTNET = re.compile(r"^/Date\((\d+)(?:[+-]\d{4})?\)/$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T_ -]?(\d{2})(\d{2})(\d{2})?(?:[.,]?(\d+))?(Z?))?")
_PATTERNS = (_NUMBERS, _YEAR_FIRST, _NAMED_DAY, _NAMED_MONTH, _UNIX_DATE, _DAY_THEN_TIME)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january jän jänner", "feb februar february", "mar mär mrz märz march",
            "apr april", "may mai", "jun juni june", "jul juli july", "aug august",
            "sep sept september", "oct okt october oktober", "nov november",
            "dec dez december dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DIGITS = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6, 18: 9, 19: 9}
_PIVOT = 69  # POSIX: 69 to 99 are 1969 to 1999
_NEAR = timedelta(days=2 * 365)
_PLAUSIBLE = range(1900, 2100)


class Order(StrEnum):
    """In which order the numbers of a day stand."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    YEAR_FIRST = "year-first"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A day of which the order must be known: its three numbers, their mark, and the time."""

    parts: tuple[int, int, int]
    long_year: bool
    mark: str
    clock: time | None
    next_day: bool = False

    def orders(self) -> frozenset[Order]:
        """Give the orders in which it is a day; nobody writes a far year with two digits."""
        latest = date.max if self.long_year else datetime.now(UTC).date() + _NEAR
        days = ((order, self._day(order)) for order in Order)
        return frozenset(order for order, day in days if day is not None and day <= latest)

    def moment(self, order: Order) -> datetime:
        """Read it in an order.

        Raises:
            ValueError: It is no day then.
        """
        day = self._day(order)
        if day is None:
            raise ValueError(self.parts)
        return _at(day, self.clock, next_day=self.next_day)

    def _day(self, order: Order) -> date | None:
        first, second, third = self.parts
        try:
            match order:
                case Order.DAY_FIRST:
                    return date(self._year(third), second, first)
                case Order.MONTH_FIRST:
                    return date(self._year(third), first, second)
                case Order.YEAR_FIRST if not self.long_year:
                    return date(self._year(first), second, third)
        except ValueError:
            return None
        return None

    def _year(self, number: int) -> int:
        return number if self.long_year else _century(number)


def read(text: str) -> datetime | Numbers:
    """Read a time, without a zone when it names none; or as far as it can be read without order.

    Raises:
        ValueError: It is no time.
        OverflowError: It is beyond all calendars.
    """
    if text[4:5] == "-" and text[7:8] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # it may be written with less care: `2020-12-31 9:05`
    text = text.strip()
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _of_parts(match.groupdict())
    return _of_digits(text)


def _of_parts(parts: Mapping[str, str | None]) -> datetime | Numbers:
    clock, next_day = _clock(parts)
    if parts.get("a") is not None:
        numbers = tuple(int(parts[name] or "") for name in "abc")
        assert len(numbers) == 3  # noqa: PLR2004 - as many as a day has
        long_year = len(parts["c"] or "") > 2  # noqa: PLR2004 - two digits
        return Numbers(numbers, long_year, parts["mark"] or "", clock, next_day)
    name = parts.get("name")
    month = int(parts["month"] or "") if name is None else _month(name)
    year = parts["year"] or ""
    day = date(int(year) if len(year) == 4 else _century(int(year)), month, int(parts["day"] or ""))  # noqa: PLR2004 - a whole year
    return _at(day, clock, next_day=next_day)


def _clock(parts: Mapping[str, str | None]) -> tuple[time | None, bool]:
    """Give the time of day, and whether it is 24:00, the first moment of the next one."""
    if parts.get("hour") is None:
        return None, False
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    half = parts.get("half")
    if half is not None:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock of twelve hours
            raise ValueError(hour)
        hour = hour % 12 + (12 if half in "pP" else 0)
    next_day = (hour, minute, second) == (24, 0, 0)
    micro = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
    return time(0 if next_day else hour, minute, second, micro, _zone(parts.get("zone"))), next_day


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text]))
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _of_digits(text: str) -> datetime:
    """Read a day without marks, or the time since 1970 in seconds, or thousandths of them."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None and int(compact[1]) in _PLAUSIBLE and 1 <= int(compact[2]) <= 12:  # noqa: PLR2004 - months
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups()[:6])
        micro = int((compact[7] or "0").ljust(6, "0")[:6])
        zone = UTC if compact[8] else None
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)
    match = _DIGITS.fullmatch(_DOTNET.sub(r"\1", text))
    places = None if match is None else _EPOCH_DIGITS.get(len(match["whole"]))
    if match is None or places is None:
        raise ValueError("no time")
    whole = int(match["whole"]) * 1_000_000 // 10**places
    part = int((match["part"] or "0").ljust(6, "0")[:6]) if places == 0 else 0
    return _EPOCH + timedelta(microseconds=whole + part)


def _at(day: date, clock: time | None, *, next_day: bool) -> datetime:
    moment = datetime.combine(day, time() if clock is None else clock)
    return moment + timedelta(days=1) if next_day else moment


def _month(name: str) -> int:
    number = _MONTHS.get(name.lower())
    if number is None:
        raise ValueError("no month")
    return number


def _century(year: int) -> int:
    return year + (1900 if year >= _PIVOT else 2000)
