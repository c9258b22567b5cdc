"""From an event's type to its model and topic, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

NAMESPACE = "gleichfall"


class Topic(StrEnum):
    """The topics of the spine. Sizes and retention: `deploy/kafka/topics.yaml`."""

    CASE_EVENTS = "case-events"
    OFFICE_EVENTS = "office-events"
    REVIEW_EVENTS = "review-events"
    NOTIFICATION_EVENTS = "notification-events"

    @property
    def dead_letter(self) -> str:
        """Where a consumer puts what it had to give up on."""
        return f"{self.value}.dead-letter"


class SubjectKind(StrEnum):
    """What an event's `subject` names; it is the Kafka key and the scope of `sequence`."""

    CASE = "case"
    OFFICE = "office"
    REVIEW = "review"


class Facts(BaseModel):
    """The data of one event type: frozen, closed, free of personal data.

    Closed (`extra="forbid"`) at the door; consumers read with `extra="ignore"`, so a newer
    producer may add optional fields within a version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    event_type: ClassVar[str]


@dataclass(frozen=True, slots=True)
class EventType:
    """One entry of the catalogue."""

    name: str
    model: type[Facts]
    topic: Topic
    subject: SubjectKind

    @property
    def read(self) -> Callable[..., Facts]:
        """What validates JSON as the model.

        It is pydantic's own validator, without the wrapper around it, which would cost as much
        again for small data; and it is built when it is first used, for commands use few.
        """
        return self.model.__pydantic_validator__.validate_json


_types: dict[str, EventType] = {}
CATALOGUE: Mapping[str, EventType] = MappingProxyType(_types)

FactsModel = TypeVar("FactsModel", bound=Facts)


def fact(
    name: str, *, topic: Topic, subject: SubjectKind, version: int = 1
) -> Callable[[type[FactsModel]], type[FactsModel]]:
    """Enter a model into the catalogue as `gleichfall.<name>.v<version>`."""

    def enter(model: type[FactsModel]) -> type[FactsModel]:
        full_name = f"{NAMESPACE}.{name}.v{version}"
        if full_name in _types:
            raise TypeError(f"event type {full_name} is in the catalogue already")
        model.event_type = full_name
        _types[full_name] = EventType(full_name, model, topic, subject)
        return model

    return enter
