"""From the texts of a log to the values of an event's fields: pure, by the mapping's rules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.intake.importers.mapping.rules import (
    Conversion,
    Each,
    FromLog,
    Rule,
    TimeColumn,
    name_of,
)
from services.intake.importers.values import numbers
from services.intake.importers.values.date_proof import Dates
from services.intake.importers.values.identifiers import LOST, is_lost
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind

_MIDNIGHT = re.compile(r"[T ]00?:00(:00(\.0+)?)?$")
_NOT_IN_A_CODE = re.compile(r"[^a-z0-9]+")
_TRUTHS = frozenset({"true", "false"})
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)


class ValueUnusable(Exception):
    """The log lacks a value or holds an unreadable one. The message never quotes the value."""


@dataclass(frozen=True, slots=True)
class Values:
    """Evaluates the rules of one log.

    Attributes:
        source: The log's identity; two logs never share a pseudonym.
        zone: The authority's time zone, also that of timestamps without an offset.
        dates: Reads the log's times.
    """

    source: str
    zone: ZoneInfo
    dates: Dates
    pseudonymiser: Pseudonymiser

    def data(
        self, rules: Mapping[str, Rule], texts: Mapping[str, str], at: datetime | None
    ) -> dict[str, object]:
        """Give an event's data: each field that its rule finds a value for.

        Raises:
            ValueUnusable: A value is in the log but can't be read.
        """
        found = ((name, self.value(rule, texts, at)) for name, rule in rules.items())
        return {name: value for name, value in found if value is not None}

    def pseudonym(self, kind: PseudonymKind, *parts: str, at: datetime | None = None) -> str:
        """Give the pseudonym of something that the log names, in the namespace of the log."""
        name = "\x1f".join((self.source, *parts))
        if kind is not PseudonymKind.DECIDER:
            return self.pseudonymiser.of(kind, name)
        assert at is not None
        return self.pseudonymiser.decider(name, at, self.zone)

    def moment(self, column: TimeColumn, texts: Mapping[str, str]) -> datetime:
        """Give the time that the log holds in a column, or in several.

        Raises:
            ValueUnusable: There is none, or it can't be read.
        """
        text = time_text(column, texts)
        name = name_of(column)
        if text is None:
            raise ValueUnusable(f"{name} is missing")
        try:
            return self.dates.moment(name, text)
        except (ValueError, OverflowError):
            raise ValueUnusable(f"{name} is no timestamp") from None

    def value(self, rule: Rule, texts: Mapping[str, str], at: datetime | None) -> object:
        """Give what one rule finds, or None; only a decider's pseudonym needs the time.

        Raises:
            ValueUnusable: The value is in the log but can't be read.
        """
        if isinstance(rule, dict):
            return self.data(rule, texts, at)
        if isinstance(rule, Each):
            return dict(_each(rule.each, texts))
        if not isinstance(rule, FromLog):
            return rule
        text = texts.get(rule.source)
        if text is None:
            return rule.default
        if rule.map is not None and text not in rule.map:
            raise ValueUnusable(f"{rule.source} holds a value that its 'map' doesn't know")
        value = self._converted(rule, text if rule.map is None else rule.map[text])
        if rule.text is not None:
            value = rule.text.format(value)
        if rule.pseudonym is not None and is_lost(text):
            raise ValueUnusable(f"{rule.source} {LOST}")
        if rule.pseudonym is not None:
            value = self.pseudonym(rule.pseudonym, str(value), at=at)
        return value

    def _converted(self, rule: FromLog, value: object) -> object:
        if rule.conversion is None:
            return value
        text = str(value)
        try:
            match rule.conversion:
                case Conversion.INTEGER:
                    return numbers.whole(text, rule.mark)
                case Conversion.DECIMAL:
                    return _plain(numbers.decimal(text, rule.mark))
                case Conversion.CODE:
                    return _NOT_IN_A_CODE.sub("-", text.lower()).strip("-")
                case Conversion.LIST:
                    return text.split()
                case Conversion.TIME | Conversion.DATE | Conversion.YEAR:
                    return self._of_moment(rule.conversion, self.dates.moment(rule.source, text))
        except numbers.MarkUnclear:
            raise ValueUnusable(
                f"{rule.source} may be two numbers; tell the 'mark' before its fraction"
            ) from None
        except (ValueError, OverflowError):
            raise ValueUnusable(f"{rule.source} can't be read as {rule.conversion}") from None

    def _of_moment(self, conversion: Conversion, moment: datetime) -> object:
        if conversion is Conversion.TIME:
            return moment
        day = moment.astimezone(self.zone).date()
        return day if conversion is Conversion.DATE else day.year


def time_text(column: TimeColumn, texts: Mapping[str, str]) -> str | None:
    """Give the text of a time; of several columns the first must be there, the day."""
    if isinstance(column, str):
        return texts.get(column)
    day, *others = (texts.get(part) for part in column)
    if day is None:
        return None
    return " ".join((_MIDNIGHT.sub("", day), *(part for part in others if part)))


def _each(beginning: str, texts: Mapping[str, str]) -> Iterator[tuple[str, bool | int | str]]:
    for column, text in texts.items():
        if column.startswith(beginning) and column != beginning:
            yield column.removeprefix(beginning), _meant(text)


def _meant(text: str) -> bool | int | str:
    if text in _TRUTHS:
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) else text


def _plain(number: Decimal) -> int | str:
    """Write a number as events hold it: whole ones as such, others as a text."""
    return int(number) if number == number.to_integral_value() else f"{number.normalize():f}"
