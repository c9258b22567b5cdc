"""Whether the events that ask for a message say what it needs. Pure."""

from collections.abc import Iterator

import shared.events.catalogue  # noqa: F401 - fills the registry
from services.notify.messages.description import Description, Events, ValueType
from shared.events.registry import CATALOGUE
from shared.law.time_limits import INACTION


def unfit(about: Description) -> list[str]:
    """Say which events or fields of theirs are named in a description and don't exist."""
    found = [*_unknown("cause", about.cause), *_unknown("superseded_by", about.superseded_by)]
    return found or list(_missing(about))


def _unknown(place: str, events: tuple[Events, ...]) -> Iterator[str]:
    for one in events:
        if one.event not in CATALOGUE:
            yield f"{place}: {one.event} is not in the catalogue of events"
        elif unknown := (one.when.keys() | one.unless.keys()) - _fields(one):
            yield f"{place}: {one.event} has no field {', '.join(sorted(unknown))}"


def _missing(about: Description) -> Iterator[str]:
    taken = {name for name, one in about.placeholders.items() if one.type is not ValueType.AMOUNT}
    ends = [about.of_use_until] if about.of_use_until is not None else []
    if about.leaves is not None:
        ends.append(about.leaves.before)
    for cause in about.cause:
        fields = _fields(cause)
        if unknown := taken - fields:
            yield f"{cause.event} has no field {', '.join(sorted(unknown))}"
        for end in ends:
            if end != INACTION and end not in fields:
                yield f"{cause.event} has no field {end}; nor is it {INACTION}"


def _fields(events: Events) -> frozenset[str]:
    """The names of what such an event says."""
    return frozenset(CATALOGUE[events.event].model.model_fields)
