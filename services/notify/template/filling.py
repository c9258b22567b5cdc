"""From a text and its values to words. Pure.

A value that is missing is a refusal: nobody ever reads "Dear ((name))". A value may be a list: a
tuple of values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from services.notify.template.passages import Part, Passage, Placeholder, key

Values = Mapping[str, object]
Write = Callable[[object], str]
"""Writes one value where a placeholder stands."""

_Put = Callable[[str, object], str | None]
"""What stands in a placeholder's place, by its name and value; None where its value is missing."""

_YES = frozenset({"yes", "y", "true", "t", "1", "include", "show"})


class ValuesMissing(Exception):
    """A text can't be filled."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no value for {', '.join(names)}")
        self.names = tuple(names)


def says_yes(value: object) -> bool:
    """Tell whether a passage is shown: only for a clear yes. GOV.UK Notify's rule."""
    return str(value).lower() in _YES


def fill(parts: Iterable[Part], values: Values, write: Write = str) -> str:
    """Give the words of a text; names of values may be written in any way.

    Args:
        parts: The text.
        values: By name; the items of a list are also values of their own, `((name 1))` the first.
        write: Makes words of a value where it stands in a line.

    Raises:
        ValuesMissing: names all that are missing, not just the first.
    """

    def filled(_: str, value: object) -> str | None:
        return None if value is None else write(value)

    return _settled(parts, values, filled)


def chosen(parts: Iterable[Part], values: Values) -> str:
    """Decide which passages are there; gives a text that has placeholders, and no passages.

    So what a text looks like rests on a few answers of yes or no, and its layout can be kept. A
    value that is a list becomes a list of Markdown with a placeholder for each item.

    Raises:
        ValuesMissing: names all that decide and are missing.
    """
    return _settled(parts, values, _kept)


def _kept(name: str, value: object) -> str:
    if not isinstance(value, tuple):
        return f"(({name}))"
    items = "\n".join(f"* (({name} {number}))" for number, _ in enumerate(value, 1))
    return f"\n\n{items}\n\n"


def _settled(parts: Iterable[Part], values: Values, put: _Put) -> str:
    missing: dict[str, None] = {}
    known = dict(_known(values))
    text = "".join(_walk(parts, known, put, missing))
    if missing:
        raise ValuesMissing(list(missing))
    return text


def _known(values: Values) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        yield key(name), value
        if isinstance(value, tuple):
            for number, item in enumerate(value, 1):
                yield key(f"{name} {number}"), item


def _walk(
    parts: Iterable[Part], values: Values, put: _Put, missing: dict[str, None]
) -> Iterator[str]:
    """Give the text piece by piece, and note the names of values that are missing."""
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        value = values.get(key(part.name))
        match part:
            case Placeholder(name):
                if (text := put(name, value)) is None:
                    missing[name] = None
                else:
                    yield text
            case Passage(name, when, inner):
                if value is None:
                    missing[name] = None
                elif says_yes(value) is when:
                    yield from _walk(inner, values, put, missing)
