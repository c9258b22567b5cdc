"""Mappings: what each activity of a log means among our events.

How to write one: `docs/guide/import.md`.
"""

import codecs
from collections.abc import Iterator, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.intake.importers.mapping.case_columns import Among, CaseColumn, ColumnName, Recorded
from services.intake.importers.mapping.dates import Order
from services.intake.importers.mapping.rules import (
    ActivityRule,
    CaseStart,
    Columns,
    EventRule,
    FromLog,
    Section,
    Text,
    TimeColumn,
    When,
)
from shared.events.vocabulary import Language
from shared.security.pseudonyms import PseudonymKind

_NOBODYS_DOMAIN = r"^([a-z0-9-]+\.)*[a-z0-9-]+\.(invalid|example|test)$"


def known_encoding(name: str) -> str:
    """Give an encoding that Python knows.

    Raises:
        ValueError: It knows none of that name.
    """
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"{name!r} is no encoding like utf-8, cp1252 or mac_roman") from None


class Recognise(Section):
    """What only this log has: it is looked for in the log's beginning."""

    attributes: Annotated[frozenset[str], Field(min_length=1)]
    activities: frozenset[str] = frozenset()


class Layout(Section):
    """Where a log keeps what every log has. Values of a XES case begin with `case:`."""

    case: Text = "case:concept:name"
    activity: Columns = "concept:name"
    time: TimeColumn = "time:timestamp"
    time_format: Text | tuple[Text, ...] | None = None
    when: When | None = None
    dates: Order | dict[Text, Order] | None = None
    encoding: Annotated[str, AfterValidator(known_encoding)] | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    sheet: Text | None = None

    def activity_of(self, values: Mapping[str, str]) -> str:
        """Give the activity of an event; several columns are a classifier, as in XES."""
        if isinstance(self.activity, str):
            return values.get(self.activity, "")
        return "+".join(filter(None, map(values.get, self.activity)))

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that are told."""
        told = self.time_format
        return (told,) if isinstance(told, str) else told or ()


class SimulatedRecipients(Section):
    """A made-up mailbox per case, in a domain that can never belong to anybody (RFC 6761)."""

    simulated: Annotated[str, StringConstraints(pattern=_NOBODYS_DOMAIN)]
    language: Language = "de"


class Corrections(Section):
    """A decision that says something else than when it was sent is told as `decision.corrected`."""

    time: TimeColumn


class ClockChange(StrEnum):
    """Which hour is meant where the clock has one twice, or which clock where it has none."""

    FIRST = "first"
    SECOND = "second"


class Sort(StrEnum):
    """In which order events are sent."""

    TIME = "time"
    AS_WRITTEN = "as-written"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone like Europe/Berlin") from None
    return name


class LogMapping(Section):
    """A whole mapping file.

    Attributes:
        name: Short name of the mapping.
        source: The log's identity, `source` of every event; the same log must keep it for ever.
        time_zone: Where the authority is: its days, its quarters, and timestamps without offset.
        clock_change: What times in the hours mean in which the clock is put back or forward.
        sort: Left out, events are sent as written, and cases that run backwards are refused.
        missing: Texts that stand for "no value", beside the empty one.
        carry: Attributes whose last value in a case also holds for the case's later events.
        key: Columns that tell an event from the others of its case, in every export.
        volatile: Columns that change in rows that were exported before; all others are the key.
        corrections: Sends what was changed in a decision; left out, changes are only counted.
        activities: What each activity means; None says that nobody has decided yet.
        cases: The columns of a table with a row per case; none may tell who decided.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    source: Annotated[str, StringConstraints(pattern=r"^urn:[a-z0-9][a-z0-9-]+:[A-Za-z0-9:._-]+$")]
    recognise: Recognise
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    clock_change: ClockChange | None = None
    log: Layout = Layout()
    sort: Sort | None = None
    missing: frozenset[str] = frozenset()
    carry: frozenset[str] = frozenset()
    key: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    volatile: frozenset[Text] = frozenset()
    corrections: Corrections | None = None
    recipients: SimulatedRecipients | None = None
    case_start: CaseStart | None = None
    activities: dict[str, ActivityRule | None]
    cases: dict[ColumnName, CaseColumn] = Field(default_factory=dict)

    def events(self) -> Iterator[tuple[str, EventRule]]:
        """Give the rules by which activities become events; one may have several."""
        for activity, rule in self.activities.items():
            if isinstance(rule, tuple):
                yield from ((activity, one) for one in rule)
            elif isinstance(rule, EventRule):
                yield activity, rule

    @property
    def fingerprint(self) -> str:
        """The same for mappings that make the same events."""
        rules = self.model_dump(mode="python", exclude={"name", "recognise", "cases"})
        return sha256(repr(_in_order(rules)).encode()).hexdigest()

    @model_validator(mode="after")
    def _one_kind_of_key(self) -> Self:
        if self.key is not None and self.volatile:
            raise ValueError("key: names the columns that count, 'volatile' those that don't")
        return self

    @model_validator(mode="after")
    def _cases_name_no_decider(self) -> Self:
        deciders = set(self._decider_attributes())
        for name, column in self.cases.items():
            if isinstance(column, Recorded | Among) and column.source in deciders:
                raise ValueError(f"cases.{name}: {column.source!r} tells who decided")
        return self

    def _decider_attributes(self) -> Iterator[str]:
        for _, event in self.events():
            for rule in event.data.values():
                if isinstance(rule, FromLog) and rule.pseudonym is PseudonymKind.DECIDER:
                    yield rule.source


def _in_order(value: object) -> object:
    """Give what is written the same in every run: sets have an order of their own in each."""
    if isinstance(value, dict):
        return [(name, _in_order(part)) for name, part in sorted(value.items())]
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_in_order(part) for part in value]
    return value
