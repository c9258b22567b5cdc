"""What is known about a message besides its words: causes, legal class, channels, time, values."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from services.notify.duty import Duty
from services.notify.lanes import Lane
from shared.events.registry import Facts
from shared.events.vocabulary import Channel


class Method(StrEnum):
    """What the file asks of a calendar."""

    REQUEST = "REQUEST"
    """Enter it, or move what was entered before."""

    CANCEL = "CANCEL"


class LegalClass(StrEnum):
    """What a message is in law; it decides how it may travel."""

    INFORMATION = "information"
    REQUEST = "request"
    DECISION_NOTICE = "decision_notice"
    FORMAL_SERVICE = "formal_service"


class Audience(StrEnum):
    """Whom a message is for; it decides how it begins and ends, and where to ask."""

    APPLICANT = "applicant"
    STAFF = "staff"


class ValueType(StrEnum):
    """What a placeholder stands for, hence how it is written in each language."""

    DATE = "date"
    MOMENT = "moment"
    DEADLINE = "deadline"
    """A moment until which something is done, told as its day; at midnight a day ends."""
    OFFICE = "office"
    AMOUNT = "amount"
    """How many causes a message gathers; no field of theirs."""
    DOCUMENTS = "documents"
    """A list of documents; named only where nobody else reads, so a text must do without."""


_OPEN_CHANNELS = frozenset({Channel.EMAIL, Channel.SMS})
_CLASSES_FOR_OPEN_CHANNELS = frozenset({LegalClass.INFORMATION, LegalClass.REQUEST})
FOR_CALENDARS = frozenset({"starts", "ends", "office"})
_DECIDING = frozenset({"decision", "appeal", "court"})


def _several(given: object) -> object:
    return given if isinstance(given, list | tuple) else [given]


def _named(given: object) -> object:
    return {"event": given} if isinstance(given, str) else given


Words = Annotated[tuple[str, ...], BeforeValidator(_several)]


class _Events(BaseModel):
    """Events of one type: all, or those whose facts say so.

    Attributes:
        event: The type, as in the catalogue.
        when: By field, the values of which it must have one; a truth is `true` or `false`.
        unless: By field, the values of which it must have none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    when: dict[str, Words] = Field(default_factory=dict)
    unless: dict[str, Words] = Field(default_factory=dict)

    def include(self, facts: Facts) -> bool:
        """Whether an event that says `facts` is one of these."""
        return (
            facts.event_type == self.event
            and all(_says(facts, field, values) for field, values in self.when.items())
            and not any(_says(facts, field, values) for field, values in self.unless.items())
        )


def _says(facts: Facts, field: str, values: tuple[str, ...]) -> bool:
    value = getattr(facts, field)
    return (str(value).lower() if isinstance(value, bool) else str(value)) in values


Events = Annotated[_Events, BeforeValidator(_named)]
Several = Annotated[tuple[Events, ...], BeforeValidator(_several)]


class Ahead(BaseModel):
    """When a message leaves that time asks for: on a working day before something else.

    Attributes:
        days: How many days before, or on the last working day before that.
        working_days: How many of the authority's working days before; one of both is given.
        before: A field of the cause, or the law's time limit for deciding.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int | None = Field(default=None, ge=1, le=366)
    working_days: int | None = Field(default=None, ge=1, le=250)
    before: str

    @model_validator(mode="after")
    def _counted_in_one_way(self) -> Self:
        if (self.days is None) == (self.working_days is None):
            raise ValueError("give days or working_days, one of them")
        return self


class Placeholder(BaseModel):
    """A value that the text takes from the field of the same name in its cause."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ValueType
    example: str | tuple[str, ...] = Field(
        description="As it stands in the event; used for previews and tests."
    )
    optional: bool = False

    @model_validator(mode="after")
    def _documents_may_stay_unnamed(self) -> Self:
        if self.type is ValueType.DOCUMENTS and not self.optional:
            raise ValueError("documents are not named in an e-mail or SMS: they must be optional")
        return self


class Description(BaseModel):
    """The `message.yaml` beside the texts of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause: Several = Field(min_length=1, description="The events that ask for this message.")
    audience: Audience = Audience.APPLICANT
    legal_class: LegalClass
    channels: tuple[Channel, ...] = Field(min_length=1, description="In order of preference.")
    lane: Lane = Field(default=Lane.BULK, description="How soon it must leave.")
    leaves: Ahead | None = Field(default=None, description="Without it, at once.")
    of_use_until: str | None = Field(
        default=None, description="A field of the cause, or the law's time limit for deciding."
    )
    news_for: int = Field(
        default=14,
        ge=1,
        le=366,
        description="Days after its cause for which it is news, where it is of use without end.",
    )
    calendar: Method | None = Field(
        default=None, description="What the calendar file beside the text asks for."
    )
    superseded_by: Several = Field(
        default=(), description="Later events about the same thing that make it untrue."
    )
    wakes: str | None = Field(
        default=None,
        description="Why an SMS of it may ring at night and on Sundays; without it, none does.",
    )
    heeds: frozenset[Duty] = Field(
        default=frozenset(),
        description="Duties of which, while one is open, the text must speak otherwise.",
    )
    placeholders: dict[str, Placeholder]

    @model_validator(mode="after")
    def _only_appointments_stand_in_calendars(self) -> Self:
        if self.calendar is not None and {about(cause.event) for cause in self.cause} != {
            "appointment"
        }:
            raise ValueError("only a message about an appointment has a calendar file")
        return self

    @property
    def facts(self) -> frozenset[str]:
        """What is kept of the cause: for the text, and for the calendar where there is one."""
        times = FOR_CALENDARS if self.calendar is not None else frozenset()
        return frozenset(self.placeholders) | times

    @model_validator(mode="after")
    def _e_mail_and_sms_only_inform(self) -> Self:
        """E-mail and SMS are never the notification in law (§ 41 VwVfG), nor formal service."""
        if _OPEN_CHANNELS & set(self.channels) and (
            self.legal_class not in _CLASSES_FOR_OPEN_CHANNELS
        ):
            raise ValueError(f"a {self.legal_class} never travels by e-mail or SMS")
        return self

    @model_validator(mode="after")
    def _decisions_stay_untold(self) -> Self:
        """A message about a decision has no place where the decision's content could stand."""
        if _DECIDING & {about(cause.event) for cause in self.cause} and self.placeholders:
            raise ValueError(f"a message about {self.cause[0].event} takes no values")
        return self


def about(event: str) -> str:
    """Give what a type of event is about, e.g. `appointment`."""
    return event.split(".")[1]
