"""How soon a message must leave, and how long it may be on its way. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Lane(StrEnum):
    """How soon a message must leave; urgent ones leave before the others."""

    URGENT = "urgent"
    """Somebody acts on it within hours: an appointment was booked, moved or cancelled."""

    BULK = "bulk"


PATIENCE: Mapping[Lane, timedelta] = MappingProxyType(
    {Lane.URGENT: timedelta(hours=4), Lane.BULK: timedelta(hours=72)}
)
"""How long a provider may owe a report. An SMS is handed over with the same time as its validity
period, so that it doesn't arrive after the next way was taken."""
