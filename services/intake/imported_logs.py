"""Logs that are imported again and again: what was sent before keeps its keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.intake.errors import KeysWouldChange

_NO_NUL = r"^[^\x00]*$"


class Announcement(BaseModel):
    """What an import says before its first event.

    Attributes:
        source: Whose events they will be.
        keys: What each is known by, in words.
        mapping: Fingerprint of the mapping that makes them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_NO_NUL)]
    keys: Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=_NO_NUL)]
    mapping: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Imported:
    """What is known of a log before an import.

    Attributes:
        events: How many of its events were accepted, by type.
        same_mapping: Whether the mapping is the one of the last import, if there was one.
    """

    events: Mapping[str, int]
    same_mapping: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """What the last import of a log said."""

    keys: str
    mapping: str


def compare(now: Announcement, before: Noted | None, events: Mapping[str, int]) -> Imported:
    """Hold an import against the last one of its log; keys are free until an event was accepted.

    Raises:
        KeysWouldChange: Its events would be known by something else than those sent before.
    """
    if events and (before is None or before.keys != now.keys):
        raise KeysWouldChange(now.source, now.keys, None if before is None else before.keys)
    return Imported(events, same_mapping=before is None or before.mapping == now.mapping)
