"""From when on a message is of no use. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType

from shared.events.catalogue.appointment import AppointmentBooked, AppointmentRescheduled
from shared.events.catalogue.case import DocumentsRequested, HearingSent
from shared.events.registry import Facts
from shared.organisation.calendar import Calendar

USE_ENDS: Mapping[type[Facts], str] = MappingProxyType(
    {
        AppointmentBooked: "starts",
        AppointmentRescheduled: "starts",
        DocumentsRequested: "due",
        HearingSent: "due",
    }
)
"""The field of a message's cause that ends its use: the moment itself, or the end of the day."""


def expires_at(cause: Facts, calendar: Calendar) -> datetime | None:
    """Give the moment from which on a message for this cause must not leave; None if there is none.

    It holds for all messages of a cause: a confirmation and a reminder of one appointment are both
    of no use once it began.
    """
    field = USE_ENDS.get(type(cause))
    end = getattr(cause, field) if field is not None else None
    if end is None or isinstance(end, datetime):
        return end
    return calendar.moment(end + timedelta(days=1), time())


def is_too_late(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a message may not leave any more."""
    return expires_at is not None and now >= expires_at
