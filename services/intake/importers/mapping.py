"""Mapping files: what each activity of a log means among our events.

How to write one: `docs/guide/import.md`.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

import shared.events.catalogue  # noqa: F401 - fills the registry
from services.intake.importers.errors import MappingInvalid
from shared.events.registry import CATALOGUE, NAMESPACE, EventType, Topic
from shared.events.vocabulary import Language
from shared.security.pseudonyms import PseudonymKind

SHIPPED = Path(__file__).parent / "mappings"
AUTOMATIC = frozenset({"decision_id", "contact_ref"})
"""Fields that are filled without a rule: see `translation.py`."""

_PSEUDONYMS = {
    "decider": PseudonymKind.DECIDER,
    "co_signer": PseudonymKind.DECIDER,
    "decision_id": PseudonymKind.DECISION,
    "appointment_id": PseudonymKind.APPOINTMENT,
    "contact_ref": PseudonymKind.CONTACT,
}

_NOBODYS_DOMAIN = r"^([a-z0-9-]+\.)*[a-z0-9-]+\.(invalid|example|test)$"

Text = Annotated[str, StringConstraints(min_length=1)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Constant: TypeAlias = bool | int | float | str | date | list[str]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Conversion(StrEnum):
    """What a text of the log is made into."""

    INTEGER = "integer"
    CODE = "code"
    TIME = "time"
    DATE = "date"
    YEAR = "year"


class FromLog(_Section):
    """A field whose value comes from the log: looked up, converted, then put into a text."""

    source: Annotated[Text, Field(alias="from")]
    map: dict[str, Constant] | None = None
    conversion: Annotated[Conversion | None, Field(alias="as")] = None
    text: Annotated[str, StringConstraints(pattern=r"^[^{}]*\{\}[^{}]*$")] | None = None
    pseudonym: PseudonymKind | None = None
    default: Constant | None = None

    def constants(self) -> Iterator[Constant]:
        """Give the values that the rule itself brings along."""
        if self.default is not None:
            yield self.default
        if self.map is not None and self.conversion is None and self.text is None:
            yield from self.map.values()


def _shape(value: object) -> str:
    if isinstance(value, FromLog):
        return "<from>"
    if not isinstance(value, dict):
        return "<constant>"
    return "<from>" if "from" in value else "<fields>"


Value: TypeAlias = Annotated[
    Annotated[FromLog, Tag("<from>")] | Annotated[Constant, Tag("<constant>")],
    Discriminator(_shape),
]
Rule: TypeAlias = Annotated[
    Annotated[FromLog, Tag("<from>")]
    | Annotated[Constant, Tag("<constant>")]
    | Annotated[dict[str, Value], Tag("<fields>")],
    Discriminator(_shape),
]


class EventRule(_Section):
    """An activity that is one of our events."""

    event: str
    data: dict[str, Rule] = {}

    @property
    def type(self) -> EventType:
        """The catalogue's entry for the event."""
        return CATALOGUE[f"{NAMESPACE}.{self.event}.v1"]

    @model_validator(mode="after")
    def _fits_the_catalogue(self) -> Self:
        entry = CATALOGUE.get(f"{NAMESPACE}.{self.event}.v1")
        if entry is None or entry.topic is not Topic.CASE_EVENTS:
            raise ValueError(f"event: {self.event!r} is no event of a case in the catalogue")
        fields = entry.model.model_fields
        for name, rule in self.data.items():
            if name not in fields:
                known = ", ".join(fields) or "no fields at all"
                raise ValueError(f"data.{name}: {self.event} has {known}")
            _check_pseudonym(name, rule)
            _check_constants(name, rule, fields[name])
        for name, field in fields.items():
            if field.is_required() and name not in self.data and name not in AUTOMATIC:
                raise ValueError(f"data.{name}: {self.event} needs it")
        return self


class IgnoreRule(_Section):
    """An activity that is deliberately not one of our events, and why."""

    ignore: Text


class CaseStart(EventRule):
    """An event that the start of a case implies, though the log has none for it."""

    time: Text


def _kind(value: object) -> str:
    ignored = isinstance(value, IgnoreRule) or (isinstance(value, dict) and "ignore" in value)
    return "<ignore>" if ignored else "<event>"


ActivityRule: TypeAlias = Annotated[
    Annotated[EventRule, Tag("<event>")] | Annotated[IgnoreRule, Tag("<ignore>")],
    Discriminator(_kind),
]


class Recorded(FromLog):
    """A column of cases: the first value of an attribute, made like an event's field."""

    pseudonym: None = None
    of: frozenset[str] = frozenset()


class Among(_Section):
    """A column of cases: yes when an attribute ever has one of some values, no when others."""

    source: Annotated[Text, Field(alias="from")]
    among: Annotated[frozenset[str], Field(min_length=1)]
    of: frozenset[str] = frozenset()


class Happened(_Section):
    """A column of cases: whether one of some activities happened."""

    happened: Annotated[frozenset[str], Field(min_length=1)]
    of: frozenset[str] = Field(default=frozenset(), max_length=0)


class Later(_Section):
    """A column of cases: whether one time is after another; empty when one is missing."""

    later: Text
    than: Text
    of: frozenset[str] = frozenset()


def _column(value: object) -> str:
    given = value if isinstance(value, dict) else {}
    shapes = {"happened": "<happened>", "later": "<later>", "among": "<among>"}
    return next((tag for key, tag in shapes.items() if key in given), "<recorded>")


CaseColumn: TypeAlias = Annotated[
    Annotated[Recorded, Tag("<recorded>")]
    | Annotated[Among, Tag("<among>")]
    | Annotated[Happened, Tag("<happened>")]
    | Annotated[Later, Tag("<later>")],
    Discriminator(_column),
]


class Recognise(_Section):
    """What only this log has: it is looked for in the log's beginning."""

    attributes: Annotated[frozenset[str], Field(min_length=1)]
    activities: frozenset[str] = frozenset()


class Layout(_Section):
    """Where a log keeps what every log has. Values of a XES case begin with `case:`."""

    case: Text = "case:concept:name"
    activity: Text = "concept:name"
    time: Text = "time:timestamp"
    time_format: Text | None = None


class SimulatedRecipients(_Section):
    """A made-up mailbox per case, in a domain that can never belong to anybody (RFC 6761)."""

    simulated: Annotated[str, StringConstraints(pattern=_NOBODYS_DOMAIN)]
    language: Language = "de"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone like Europe/Berlin") from None
    return name


class LogMapping(_Section):
    """A whole mapping file.

    Attributes:
        name: Short name of the mapping.
        source: The log's identity, `source` of every event; the same log must keep it for ever.
        time_zone: Where the authority is: its days, its quarters, and timestamps without offset.
        missing: Texts that stand for "no value", beside the empty one.
        carry: Attributes whose last value in a case also holds for the case's later events.
        activities: What each activity means; None says that nobody has decided yet.
        cases: The columns of a table with a row per case; none may tell who decided.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    source: Annotated[str, StringConstraints(pattern=r"^urn:[a-z0-9][a-z0-9-]+:[A-Za-z0-9:._-]+$")]
    recognise: Recognise
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    log: Layout = Layout()
    missing: frozenset[str] = frozenset()
    carry: frozenset[str] = frozenset()
    recipients: SimulatedRecipients | None = None
    case_start: CaseStart | None = None
    activities: dict[str, ActivityRule | None]
    cases: dict[ColumnName, CaseColumn] = {}

    @model_validator(mode="after")
    def _cases_name_no_decider(self) -> Self:
        deciders = set(self._decider_attributes())
        for name, column in self.cases.items():
            if isinstance(column, Recorded | Among) and column.source in deciders:
                raise ValueError(f"cases.{name}: {column.source!r} tells who decided")
        return self

    def _decider_attributes(self) -> Iterator[str]:
        for activity in self.activities.values():
            if isinstance(activity, EventRule):
                for rule in activity.data.values():
                    if isinstance(rule, FromLog) and rule.pseudonym is PseudonymKind.DECIDER:
                        yield rule.source


def _check_pseudonym(name: str, rule: Rule) -> None:
    if isinstance(rule, dict):
        for part, part_rule in rule.items():
            _check_pseudonym(f"{name}.{part}", part_rule)
        return
    wanted = _PSEUDONYMS.get(name)
    given = rule.pseudonym if isinstance(rule, FromLog) else None
    if given is not wanted:
        need = "takes no pseudonym" if wanted is None else f"needs 'pseudonym: {wanted.value}'"
        raise ValueError(f"data.{name}: {need}")


def _check_constants(name: str, rule: Rule, field: FieldInfo) -> None:
    """Hold the values that the mapping itself brings along against the event's model."""
    value: Any = Annotated[field.annotation, field]
    adapter: TypeAdapter[object] = TypeAdapter(value)
    for constant in _constants(rule):
        try:
            adapter.validate_python(constant)
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise ValueError(f"data.{name}: {constant!r} can't be its value: {reason}") from None


def _constants(rule: Rule) -> Iterator[object]:
    if isinstance(rule, FromLog):
        yield from rule.constants()
    elif not isinstance(rule, dict):
        yield rule
    else:
        yield {name: part for name, part in rule.items() if not isinstance(part, FromLog)}
        for name, part in rule.items():
            if isinstance(part, FromLog):
                yield from ({name: constant} for constant in part.constants())


def _problem(problem: ErrorDetails) -> str:
    """Write `activities.Create Fine.data.unit: ...`, without the tags of our unions."""
    path = [str(part) for part in problem["loc"] if not str(part).startswith("<")]
    return f"{'.'.join(path) or 'the document'}: {problem['msg'].removeprefix('Value error, ')}"


class _Loader(yaml.SafeLoader):
    """Reads YAML, but takes no key twice: the first of two rules would be lost silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def load_mapping(path: Path) -> LogMapping:
    """Read a mapping file.

    Raises:
        MappingInvalid: It can't be read or says something that can't be meant.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingInvalid(f"can't read the mapping {path}: {error}") from error
    return parse_mapping(text, path)


def parse_mapping(text: str, origin: object) -> LogMapping:
    """Read a mapping from YAML; `origin` names it in messages.

    Raises:
        MappingInvalid: It is no YAML or says something that can't be meant.
    """
    try:
        return LogMapping.model_validate(yaml.load(text, _Loader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise MappingInvalid(f"the mapping {origin} is no YAML: {where}") from None
    except ValidationError as error:
        wrong = "; ".join(_problem(problem) for problem in error.errors(include_url=False))
        raise MappingInvalid(f"the mapping {origin} is invalid: {wrong}") from None


def shipped_mappings() -> list[LogMapping]:
    """Give the mappings that come with the importer."""
    return [load_mapping(path) for path in sorted(SHIPPED.glob("*.yaml"))]
