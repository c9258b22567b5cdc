"""What differs between two policies in what they mean, however they are written. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest

from services.controlling.policy.policy import Policy

_NAMES = frozenset({"version", "valid_from"})


def differences(before: Policy, after: Policy) -> list[str]:
    """Name each field that says something else, defaults filled in; 0.1 and 0.10 are the same.

    Version and day aren't compared: two policies that differ in nothing else mean the same.
    """
    fields = (name for name in Policy.model_fields if name not in _NAMES)
    old, new = before.model_dump(), after.model_dump()
    return [one for name in fields for one in _differing(name, old[name], new[name])]


def _differing(place: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            yield from _differing(f"{place}.{name}", old.get(name), new.get(name))
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for position, (one, other) in enumerate(zip_longest(old, new)):
            yield from _differing(f"{place}.{position}", one, other)
    else:
        yield f"{place}: {_written(new)} instead of {_written(old)}"


def _written(value: object) -> str:
    if value is None or value == ():
        return "nothing"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        said = [f"{name} {_written(one)}" for name, one in value.items() if one not in (None, ())]
        return f"({', '.join(said)})"
    if isinstance(value, tuple):
        return ", ".join(map(_written, value))
    return str(value)
