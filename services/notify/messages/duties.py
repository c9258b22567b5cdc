"""Which events open and close what a case asks of its applicant, as `duties.yaml` says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.notify.duty import Duty
from services.notify.messages.causes import unknown
from services.notify.messages.description import Several
from services.notify.messages.errors import MessageInvalid
from services.notify.messages.file import FOLDER, read_as

FILE = "duties.yaml"


class Beginning(BaseModel):
    """The event that tells on which day the time of a duty began.

    Attributes:
        day: Its field.
        lasts: The limit from that day on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    day: str
    lasts: str


class Rule(BaseModel):
    """When one duty is open.

    Attributes:
        lasts: The limit from the event on that opens it; without it, until it is closed.
        of_types: Only for decision types that this limit names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    opened_by: Several
    closed_by: Several
    lasts: str | None = None
    of_types: str | None = None
    runs_from: Beginning | None = None


_RULES = TypeAdapter(dict[Duty, Rule])


@dataclass(frozen=True, slots=True)
class Duties:
    """The rules of all duties, and the types of events that any of them names."""

    rules: Mapping[Duty, Rule]
    events: frozenset[str]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the rules.

        Raises:
            MessageInvalid: They are malformed, or don't say when each duty is open.
        """
        path = folder / FILE
        rules = read_as(path, _RULES)
        if missing := set(Duty) - rules.keys():
            raise MessageInvalid(path, f"lacks {', '.join(sorted(missing))}")
        named = [one for rule in rules.values() for one in (*rule.opened_by, *rule.closed_by)]
        if found := list(unknown(FILE, tuple(named))):
            raise MessageInvalid(path, *found)
        begun = {rule.runs_from.event for rule in rules.values() if rule.runs_from}
        return cls(rules, frozenset({one.event for one in named} | begun))
