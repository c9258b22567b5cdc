"""What is known about a message besides its words: cause, legal class, channels, placeholders."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

import shared.events.catalogue  # noqa: F401 - fills the registry
from services.notify.delivery.lanes import Lane
from shared.events.registry import CATALOGUE
from shared.events.vocabulary import Channel


class LegalClass(StrEnum):
    """What a message is in law; it decides how it may travel."""

    INFORMATION = "information"
    REQUEST = "request"
    DECISION_NOTICE = "decision_notice"
    FORMAL_SERVICE = "formal_service"


class ValueType(StrEnum):
    """What a placeholder stands for, hence how it is written in each language."""

    DATE = "date"
    MOMENT = "moment"
    OFFICE = "office"


_OPEN_CHANNELS = frozenset({Channel.EMAIL, Channel.SMS})
_CLASSES_FOR_OPEN_CHANNELS = frozenset({LegalClass.INFORMATION, LegalClass.REQUEST})
_DECIDING = frozenset({"decision", "appeal", "court"})


class Placeholder(BaseModel):
    """A value that the text takes from the field of the same name in its cause."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ValueType
    example: str = Field(description="As it stands in the event; used for previews and tests.")
    optional: bool = False


class Description(BaseModel):
    """The `message.yaml` beside the texts of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause: str = Field(description="Type of the event that asks for this message.")
    legal_class: LegalClass
    channels: tuple[Channel, ...] = Field(min_length=1, description="In order of preference.")
    lane: Lane = Field(default=Lane.BULK, description="How soon it must leave.")
    placeholders: dict[str, Placeholder]

    @model_validator(mode="after")
    def _cause_gives_the_values(self) -> Self:
        if self.cause not in CATALOGUE:
            raise ValueError(f"cause {self.cause} is not in the catalogue of events")
        unknown = self.placeholders.keys() - CATALOGUE[self.cause].model.model_fields.keys()
        if unknown:
            raise ValueError(f"{self.cause} has no field {', '.join(sorted(unknown))}")
        return self

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
        if self.aggregate in _DECIDING and self.placeholders:
            raise ValueError(f"a message about {self.cause} takes no values")
        return self

    @property
    def aggregate(self) -> str:
        """What the cause is about, e.g. `appointment`."""
        return self.cause.split(".")[1]
