"""From a text and its values to words. Pure.

A value that is missing is a refusal: nobody ever reads "Dear ((name))".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.notify.template.parts import Part, Passage, Placeholder, key

Values = Mapping[str, object]
Write = Callable[[object], str]
"""Writes one value where a placeholder stands."""

_YES = frozenset({"yes", "y", "true", "t", "1", "include", "show"})


class ValuesMissing(Exception):
    """A text can't be filled."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no value for {', '.join(names)}")
        self.names = tuple(names)


def says_yes(value: object) -> bool:
    """Tell whether a passage is shown: only for a clear yes. GOV.UK Notify's rule."""
    return str(value).lower() in _YES


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills texts with values.

    Attributes:
        values: By `key` of the name.
        write: How a value is written.
    """

    values: Values
    write: Write

    def fill(self, parts: Iterable[Part]) -> str:
        """Give the words.

        Raises:
            ValuesMissing: names all that are missing, not just the first.
        """
        missing: dict[str, None] = {}
        text = "".join(self._filled(part, missing) for part in parts)
        if missing:
            raise ValuesMissing(list(missing))
        return text

    def _filled(self, part: Part, missing: dict[str, None]) -> str:
        match part:
            case str():
                return part
            case Placeholder(name):
                value = self._value(name, missing)
                return "" if value is None else self.write(value)
            case Passage(name, when, parts):
                value = self._value(name, missing)
                if value is None or says_yes(value) is not when:
                    return ""
                return "".join(self._filled(one, missing) for one in parts)

    def _value(self, name: str, missing: dict[str, None]) -> object:
        value = self.values.get(key(name))
        if value is None:
            missing[name] = None
        return value


def fill(parts: Iterable[Part], values: Values, write: Write = str) -> str:
    """Fill one text; names of values may be written in any way.

    Raises:
        ValuesMissing: names all that are missing.
    """
    return Filler({key(name): value for name, value in values.items()}, write).fill(parts)


def chosen(parts: Iterable[Part], values: Values) -> str:
    """Decide which passages are there; gives a text that has placeholders, and no passages.

    So what a text looks like rests on a few answers of yes or no, and its layout can be kept.

    Raises:
        ValuesMissing: names all that decide and are missing.
    """
    missing: dict[str, None] = {}
    text = "".join(_chosen(parts, {key(name): value for name, value in values.items()}, missing))
    if missing:
        raise ValuesMissing(list(missing))
    return text


def _chosen(parts: Iterable[Part], values: Values, missing: dict[str, None]) -> Iterator[str]:
    for part in parts:
        match part:
            case str():
                yield part
            case Placeholder(name):
                yield f"(({name}))"
            case Passage(name, when, inner):
                if (value := values.get(key(name))) is None:
                    missing[name] = None
                elif says_yes(value) is when:
                    yield from _chosen(inner, values, missing)
