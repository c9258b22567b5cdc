"""The two lanes in which messages wait."""

from enum import StrEnum


class Lane(StrEnum):
    """How soon a message must leave; urgent ones leave before the others."""

    URGENT = "urgent"
    """Somebody acts on it within hours: an appointment was booked, moved or cancelled."""

    BULK = "bulk"
