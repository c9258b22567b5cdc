"""Rules of a mapping: which event an activity is, and where its fields come from."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

import shared.events.catalogue  # noqa: F401 - fills the registry
from shared.events.registry import CATALOGUE, NAMESPACE, EventType, Topic
from shared.security.pseudonyms import PseudonymKind

AUTOMATIC = frozenset({"decision_id", "contact_ref"})
"""Fields that are filled without a rule: see `translation.py`."""

_PSEUDONYMS = {
    "decider": PseudonymKind.DECIDER,
    "co_signer": PseudonymKind.DECIDER,
    "decision_id": PseudonymKind.DECISION,
    "appointment_id": PseudonymKind.APPOINTMENT,
    "submission_id": PseudonymKind.SUBMISSION,
    "contact_ref": PseudonymKind.CONTACT,
}

Text = Annotated[str, StringConstraints(min_length=1)]
Columns: TypeAlias = Text | Annotated[tuple[Text, ...], Field(min_length=2)]
"""A column, or several that hold the parts of a value."""
TimeColumn: TypeAlias = Columns

Constant: TypeAlias = bool | int | float | str | date | list[str]


def parts_of(column: Columns) -> tuple[str, ...]:
    """Give the columns that hold a value."""
    return (column,) if isinstance(column, str) else column


def name_of(column: Columns) -> str:
    """Name it in messages, and where something is kept by column."""
    return column if isinstance(column, str) else " + ".join(column)


class Section(BaseModel):
    """A part of a mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Conversion(StrEnum):
    """What a text of the log is made into."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    CODE = "code"
    LIST = "list"
    TIME = "time"
    DATE = "date"
    YEAR = "year"


class FromLog(Section):
    """A field whose value comes from the log: looked up, converted, then put into a text."""

    source: Annotated[Text, Field(alias="from")]
    map: dict[str, Constant] | None = None
    conversion: Annotated[Conversion | None, Field(alias="as")] = None
    mark: Literal[",", "."] | None = None
    text: Annotated[str, StringConstraints(pattern=r"^[^{}]*\{\}[^{}]*$")] | None = None
    pseudonym: PseudonymKind | None = None
    default: Constant | None = None

    def constants(self) -> Iterator[Constant]:
        """Give the values that the rule itself brings along."""
        if self.default is not None:
            yield self.default
        if self.map is not None and self.conversion is None and self.text is None:
            yield from self.map.values()


class Each(Section):
    """Fields from all columns whose names begin alike: what follows is the name of the field.

    The words `true` and `false` and whole numbers are taken for what they say.
    """

    each: Text


def _shape(value: object) -> str:
    if isinstance(value, FromLog):
        return "<from>"
    if isinstance(value, Each):
        return "<each>"
    if not isinstance(value, dict):
        return "<constant>"
    if "from" in value:
        return "<from>"
    return "<each>" if isinstance(value.get("each"), str) else "<fields>"


Value: TypeAlias = Annotated[
    Annotated[FromLog, Tag("<from>")] | Annotated[Constant, Tag("<constant>")],
    Discriminator(_shape),
]
Rule: TypeAlias = Annotated[
    Annotated[FromLog, Tag("<from>")]
    | Annotated[Each, Tag("<each>")]
    | Annotated[Constant, Tag("<constant>")]
    | Annotated[dict[str, Value], Tag("<fields>")],
    Discriminator(_shape),
]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts: TypeAlias = Annotated[frozenset[str], BeforeValidator(_listed), Field(min_length=1)]


class When(RootModel[dict[Text, Texts]]):
    """Columns, and the texts of which each must hold one; upper and lower case are the same."""

    root: Annotated[dict[Text, Texts], Field(min_length=1)]

    def holds(self, values: Mapping[str, str]) -> bool:
        """Tell whether an event is meant."""
        return all(
            values.get(column, "").casefold() in {text.casefold() for text in texts}
            for column, texts in self.root.items()
        )

    def __str__(self) -> str:
        """Say what is meant."""
        wanted = (f"{name} {' or '.join(sorted(texts))}" for name, texts in self.root.items())
        return ", ".join(wanted)


class EventRule(Section):
    """An activity that is one of our events, or is one where a condition holds."""

    event: str
    when: When | None = None
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


class IgnoreRule(Section):
    """An activity that is deliberately not one of our events, and why."""

    ignore: Text


class CaseStart(EventRule):
    """An event that the start of a case implies, though the log has none for it."""

    time: TimeColumn


def _kind(value: object) -> str:
    if isinstance(value, list | tuple):
        return "<several>"
    ignored = isinstance(value, IgnoreRule) or (isinstance(value, dict) and "ignore" in value)
    return "<ignore>" if ignored else "<event>"


ActivityRule: TypeAlias = Annotated[
    Annotated[EventRule, Tag("<event>")]
    | Annotated[IgnoreRule, Tag("<ignore>")]
    | Annotated[tuple[EventRule, ...], Field(min_length=1), Tag("<several>")],
    Discriminator(_kind),
]


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
    elif not isinstance(rule, dict | Each):
        yield rule
    elif isinstance(rule, dict):
        yield {name: part for name, part in rule.items() if not isinstance(part, FromLog)}
        for name, part in rule.items():
            if isinstance(part, FromLog):
                yield from ({name: constant} for constant in part.constants())
