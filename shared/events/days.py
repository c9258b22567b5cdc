"""The days and times that events tell, and which of them a calendar can reckon with. Pure.

The door takes what is plausible; on a topic may lie what somebody else wrote there. Around the
first and the last day that there is, nobody can add a day, or tell what day it is elsewhere.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, get_args

from pydantic import AwareDatetime

from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event
from shared.events.registry import Facts

WEEK = "week"
"""The field that names a week, as 2026-W19."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
_FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_FAULT = f"must lie between {FIRST_YEAR} and {LAST_YEAR}: no calendar reckons with it"


def check(event: Event) -> None:
    """Refuse an event whose days nobody can reckon with.

    Raises:
        EventError: naming each field.
    """
    wrong = [] if _FIRST <= event.time < _END else ["time"]
    if fields := dated(type(event.data)):
        wrong += [f"data.{name}" for name in _beyond(event.data, fields)]
    if wrong:
        raise EventError(Defect.TIME_IMPLAUSIBLE, *(FieldError(name, _FAULT) for name in wrong))


@cache
def dated(model: type[Facts]) -> tuple[str, ...]:
    """Give the fields of a type that hold a time, a day or a week."""
    return tuple(
        name
        for name, field in model.model_fields.items()
        if name == WEEK or _holds_a_day(field.annotation)
    )


def _beyond(data: Facts, fields: tuple[str, ...]) -> Iterator[str]:
    for name in fields:
        value = getattr(data, name)
        if value is None:
            continue
        year = int(value[:4]) if name == WEEK else value.year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            yield name


def _holds_a_day(annotation: Any) -> bool:  # noqa: ANN401 - a type
    if annotation is AwareDatetime:
        return True
    if isinstance(annotation, type):
        return issubclass(annotation, date)
    return any(_holds_a_day(inner) for inner in get_args(annotation))
