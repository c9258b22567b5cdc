"""The sampling policy: how much of each stratum is drawn. Leadership's document, not code."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.controlling.completeness.dilution import Limits
from services.controlling.planning.acceptance import Inspection, Level
from services.controlling.policy.calendar import PeriodLength
from services.controlling.policy.strata import (
    FEATURE,
    FIELDS,
    LATE,
    Kind,
    Stratum,
    text_of,
    value_of,
)
from shared.configuration.yaml_file import Section, nearest
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Code, Direction


def _as_share(value: object) -> object:
    """Read a share as it is written; say what to write in place of a percentage."""
    text = str(value).strip()
    number = text.removesuffix("%").strip().replace(",", ".")
    try:
        percentage = Decimal(number)
    except InvalidOperation:
        return value
    if text.endswith("%") or (1 < percentage <= _PERCENT and not isinstance(value, bool)):
        share = f"{(percentage / _PERCENT).normalize():f}"
        raise ValueError(f"is a share from 0 to 1: write {share} for {number} %")
    if isinstance(value, str) and "," in value:
        raise ValueError(f"is a number with a point: write {number}")
    return value if isinstance(value, bool) else percentage


Rate = Annotated[
    Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=8), BeforeValidator(_as_share)
]
Minimum = Annotated[int, Field(ge=0, le=10_000)]
Share = Annotated[
    Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=8), BeforeValidator(_as_share)
]
ErrorRate = Annotated[
    Decimal, Field(gt=0, lt=1, max_digits=9, decimal_places=8), BeforeValidator(_as_share)
]
Hours = Annotated[Decimal, Field(gt=0, le=100, max_digits=6, decimal_places=3)]
Quality = Annotated[Decimal, Field(gt=0, le=100, max_digits=6, decimal_places=3)]
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Priority = Annotated[int, Field(ge=1, le=9, description="1 is reviewed first.")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Why = Annotated[str, Field(min_length=3, max_length=300, description="For those who check.")]

_PERCENT = 100
PRIORITY = "priority"
"""What narrows the strata of a priority, beside the fields of the event."""
_FIELDS = ("type_code", *FIELDS)
_PATTERN = r"^[a-z_]+$|^features\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
_OFFICERS = ("decider", "co_signer")


def _event_field(name: str) -> str:
    if name in _FIELDS or name.startswith(FEATURE):
        return name
    if name in _OFFICERS:
        raise ValueError("no stratum and no comparison is made of officers; leave it out")
    raise ValueError(
        f"the event has no field {name} for this{nearest(name, _FIELDS)}; "
        f"there are {', '.join(_FIELDS)} and {FEATURE}NAME"
    )


EventField = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    AfterValidator(_event_field),
    Field(
        description="A field of decision.made, or `features.` and the name of a feature.",
        examples=[*_FIELDS, "features.renewal"],
    ),
]
RuleField = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    AfterValidator(lambda name: name if name == PRIORITY else _event_field(name)),
]
"""A field of the event or, in a policy that is settled, the name of a priority."""
FieldText = Annotated[
    str,
    BeforeValidator(text_of, json_schema_input_type=bool | int | Code | None),
    Field(description="What stands in the field; nothing (null) if the event is to leave it out."),
]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one stratum is drawn.

    Attributes:
        rate: The probability with which each decision is drawn as it arrives.
        minimum: How many decisions the sample holds at least once the period is closed; all
            when the stratum has fewer.
    """

    rate: Decimal
    minimum: int


class InspectionRule(Section):
    """A single sampling plan of MIL-STD-105E (ISO 2859-1:1989) instead of a rate.

    Attributes:
        lot: Decisions to plan for while no closed period tells how many a stratum has. In the
            policy kept with a period: those it was planned for.
        state: How closely the first period is looked at. In the policy kept with a period: how
            closely that one is.
    """

    level: Level = Level.II
    quality: Quality = Field(description="Acceptable quality level: errors per 100 decisions.")
    lot: int = Field(ge=1, le=10_000_000, description="Decisions expected per period and stratum.")
    state: Inspection = Inspection.NORMAL


class StratumRate(Section):
    """The rule for every stratum that has all the named properties."""

    group: Code | None = None
    direction: Direction | None = None
    unit: Code | None = None
    where: dict[RuleField, FieldText] = Field(
        default_factory=dict, description="Further properties; each field stands in `split_by`."
    )
    rate: Rate | None = Field(default=None, description="Share to draw; 1 is every decision.")
    minimum: Minimum = 0
    inspection: InspectionRule | None = Field(default=None, description="Instead of a rate.")
    expected_errors: ErrorRate | None = Field(default=None, description="Other than the policy's.")
    review_hours: Hours | None = Field(default=None, description="Other than the policy's.")
    why: Why

    def covers(self, stratum: Stratum) -> bool:
        """Whether this rule is meant for the stratum."""
        return (
            self.group in (None, stratum.group)
            and self.direction in (None, stratum.direction)
            and self.unit in (None, stratum.unit)
            and (not self.where or self.where.items() <= dict(stratum.narrowed).items())
        )


class PrioritySet(Section):
    """Decisions that are all reviewed; they are strata of their own.

    With `changed` and `days` it is the first time after a change of law: a window by the day of
    the decision, because a count would depend on the order in which decisions arrive.
    """

    name: Name
    types: tuple[Code, ...] = Field(min_length=1, max_length=200, description="Decision types.")
    changed: date | None = Field(default=None, description="The day the changed law took effect.")
    days: int | None = Field(default=None, ge=1, le=366, description="How long, from that day on.")
    review_hours: Hours | None = None
    why: Why

    def holds(self, type_code: str, day: date) -> bool:
        """Whether a decision of this type and day belongs to it."""
        if type_code not in self.types:
            return False
        if self.changed is None or self.days is None:
            return True
        return self.changed <= day < self.changed + timedelta(days=self.days)


class TriggerKind(StrEnum):
    """What puts a decision into the queue beside the random sample, never into an estimate."""

    APPEAL_LODGED = "appeal_lodged"
    APPEAL_LOST = "appeal_lost"
    COURT_OVERTURNED = "court_overturned"
    INACTION = "inaction"
    CHECK_FAILED = "check_failed"
    LAW_CHANGED = "law_changed"


class Trigger(Section):
    """Whether one kind of event triggers a review, and how urgent it is."""

    enabled: bool = True
    priority: Priority = 5
    days: int = Field(
        default=30, ge=1, le=366, description="For law_changed: how long from the change on."
    )


class TwinFeature(Section):
    """One thing in which cases are compared (J. C. Gower, Biometrics 27, 1971).

    Two values differ by 0 when they are the same, else by 1; numbers with a scale differ by their
    distance divided by it, at most 1.
    """

    field: EventField
    weight: Annotated[Decimal, Field(gt=0, le=1000, max_digits=7, decimal_places=3)] = Decimal(1)
    scale: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)] | None = Field(
        default=None, description="For numbers: the distance that counts as wholly different."
    )


class Twins(Section):
    """When two cases are so alike that opposite decisions are looked at together, and how often.

    Each week `per_week` pairs are drawn from the `among` most alike that were found since the last
    time, and from all that are as alike as the last of them.
    """

    enabled: bool = True
    priority: Priority = 5
    per_week: int = Field(default=3, ge=1, le=1000, description="Pairs drawn each week at most.")
    among: int = Field(
        default=12, ge=1, le=10_000, description="The most alike, from which they are drawn."
    )
    alike_in: tuple[EventField, ...] = Field(
        default=("type_code",), description="Fields that must be the same in both."
    )
    features: tuple[TwinFeature, ...] = Field(min_length=1, max_length=32)
    directions: tuple[Direction, Direction] = Field(
        default=(Direction.FAVOURABLE, Direction.ADVERSE), description="Opposite directions."
    )
    within_days: int = Field(ge=1, le=3660, description="Days between the two at most.")
    maximum_distance: Share = Field(
        description="Mean of the features' differences, by weight, at most: 0 the same, 1 unlike."
    )


class Policy(Section):
    """One version of the policy. Rates are tried in order; the first that covers a stratum wins.

    A period keeps the version with which it opened, settled: with a rate for each priority and in
    the place of each inspection (`services.controlling.policy.inspection`).
    """

    version: Version
    valid_from: date | None = Field(
        default=None,
        description="First day; the first day of a period. Only the first policy has none.",
    )
    period: PeriodLength = PeriodLength.MONTH
    close_after_days: int = Field(
        default=7, ge=0, le=366, description="Days left for decisions that arrive late."
    )
    split_by: tuple[EventField, ...] = Field(
        default=(),
        max_length=8,
        description="What strata are made of beside group, direction and unit.",
    )
    priority: tuple[PrioritySet, ...] = Field(
        default=(), description="Reviewed whole. The first set that holds a decision has it."
    )
    default_rate: Rate
    default_minimum: Minimum = 0
    rates: tuple[StratumRate, ...] = ()
    late_rate: Rate = Field(
        default=Decimal(1),
        description="Share to draw of decisions that come when their own period is closed.",
    )
    dilution: Limits = Field(
        default=Limits(), description="What may be there to lower the share of others is shown."
    )
    double_reviews: Share = Field(
        default=Decimal(0), description="Share of the drawn decisions that two review blindly."
    )
    other_unit: bool = Field(
        default=False, description="Whether a review is always for somebody of another unit."
    )
    expected_errors: ErrorRate = Field(
        default=Decimal("0.05"), description="Error rate to plan with until estimates are there."
    )
    review_hours: Hours = Field(default=Decimal("1.5"), description="What one review takes.")
    reviewer_hours: Hours = Field(
        default=Decimal(6), description="What somebody with a whole share has for reviews a week."
    )
    triggers: dict[TriggerKind, Trigger] = Field(
        default_factory=dict, description="A kind that isn't named is off."
    )
    twins: Twins | None = None

    @property
    def grace(self) -> timedelta:
        """How long a period waits for decisions that arrive late."""
        return timedelta(days=self.close_after_days)

    def texts_of(self, decision: DecisionMade) -> tuple[str, ...]:
        """Give what stands in the fields of `split_by`."""
        return tuple([text_of(value_of(decision, field)) for field in self.split_by])

    def stratum_of(self, kind: Kind, group: str) -> Stratum:
        """Give the stratum of decisions of a kind, and of a group of the catalogue."""
        found = next((one for one in self.priority if one.holds(kind.type_code, kind.day)), None)
        narrowed = (
            tuple(zip(self.split_by, kind.texts, strict=True))
            if found is None
            else ((PRIORITY, found.name),)
        )
        return Stratum(group, kind.direction, kind.unit, narrowed)

    def rule_of(self, stratum: Stratum) -> Rule:
        """Tell how a stratum is drawn, by a policy that is settled."""
        if stratum.group == LATE:
            return Rule(self.late_rate, 0)
        entry = self.entry_of(stratum)
        if entry is None:
            return Rule(self.default_rate, self.default_minimum)
        assert entry.rate is not None, "inspections are settled when a period opens"
        return Rule(entry.rate, entry.minimum)

    def entry_of(self, stratum: Stratum) -> StratumRate | None:
        """Give the first of the rates that covers a stratum; none does of late decisions."""
        if stratum.group == LATE:
            return None
        return next((entry for entry in self.rates if entry.covers(stratum)), None)

    def hours_of(self, stratum: Stratum) -> Decimal:
        """Give what one review of a decision of a stratum takes."""
        entry = self.entry_of(stratum)
        return self.review_hours if entry is None else entry.review_hours or self.review_hours
