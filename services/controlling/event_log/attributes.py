"""What an event log tells of an event: the catalogue's fields, flat, and of no person. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TypeAlias

from shared.events.registry import NAMESPACE, Facts

Value: TypeAlias = str | bool | int | float | datetime
CATALOGUE = "gleichfall.v1"
"""Says in a log whose words its events are in."""
LEFT_OUT = frozenset({"decider", "co_signer", "contact_ref", "dataref"})
"""Who decided, who is written to, and which file it is: of use to nobody who looks at processes."""
_VERSION = ".v1"


def activity(facts: Facts) -> str:
    """Name what happened, as `decision.made`; a later version of an event keeps its number."""
    return facts.event_type.removeprefix(f"{NAMESPACE}.").removesuffix(_VERSION)


def attributes(facts: Facts) -> Iterator[tuple[str, Value]]:
    """Give what an event says, field by field.

    A field of fields becomes several, as `features.family`; several words stand in one text, blanks
    between them; a day is a text, since it has no time.
    """
    for name, value in facts:
        if name not in LEFT_OUT:
            yield from _flat(name, value)


def _flat(name: str, value: object) -> Iterator[tuple[str, Value]]:
    match value:
        case None | ():
            return
        case dict():
            for part, one in value.items():
                yield from _flat(f"{name}.{part}", one)
        case tuple():
            yield name, " ".join(map(str, value))
        case bool() | int() | float() | datetime():
            yield name, value
        case date():
            yield name, value.isoformat()
        case _:
            yield name, str(value)


def as_text(value: Value) -> str:
    """Write a value as the text that both formats have for its type."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
