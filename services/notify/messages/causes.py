"""Whether the events that ask for a message say what it needs. Pure."""

from collections.abc import Iterator

import shared.events.catalogue  # noqa: F401 - fills the registry
from services.notify.messages.description import (
    FOR_CALENDARS,
    Description,
    Events,
    ValueType,
    about,
)
from shared.events.registry import CATALOGUE
from shared.law.time_limits import INACTION


def unfit(described: Description) -> list[str]:
    """Say which events or fields of theirs are named in a description and don't exist."""
    found = [*unknown("cause", described.cause), *unknown("superseded_by", described.superseded_by)]
    return found or list(_missing(described))


def unknown(place: str, events: tuple[Events, ...]) -> Iterator[str]:
    """Say which of these events, or which fields of theirs, don't exist."""
    for one in events:
        if one.event not in CATALOGUE:
            yield f"{place}: {one.event} is not in the catalogue of events"
        elif strange := (one.when.keys() | one.unless.keys()) - _fields(one):
            yield f"{place}: {one.event} has no field {', '.join(sorted(strange))}"


def _missing(described: Description) -> Iterator[str]:
    taken = {
        name for name, one in described.placeholders.items() if one.type is not ValueType.AMOUNT
    }
    ends = [described.of_use_until] if described.of_use_until is not None else []
    if described.leaves is not None:
        ends.append(described.leaves.before)
    for cause in described.cause:
        fields = _fields(cause)
        if strange := taken - fields - _known_before(cause):
            yield f"{cause.event} has no field {', '.join(sorted(strange))}"
        for end in ends:
            if end != INACTION and end not in fields:
                yield f"{cause.event} has no field {end}; nor is it {INACTION}"


def _known_before(cause: Events) -> frozenset[str]:
    """Give what an earlier event said of the same appointment."""
    return FOR_CALENDARS if about(cause.event) == "appointment" else frozenset()


def _fields(events: Events) -> frozenset[str]:
    """The names of what such an event says."""
    return frozenset(CATALOGUE[events.event].model.model_fields)
