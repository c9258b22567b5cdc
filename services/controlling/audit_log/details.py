"""What an entry tells beside who did what, in the reader's words. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from services.controlling.audit.entry import Detail
from services.controlling.forms.criterion import Texts
from services.controlling.practice.naming import Naming

_WORDS = {
    "kind": "measures.kind",
    "outcome": "measures.outcome",
    "role": "role",
    "step": "finding.step",
}
"""Where catalogues say already what stands in a detail; all else they say by its own name."""
_DAYS = ("from", "until")


def in_words(
    detail: Detail,
    concerned: str | None,
    *,
    say: Callable[[str], str],
    names: Naming,
    questions: Mapping[str, Texts],
) -> Iterator[tuple[str, str | date | None]]:
    """Give each detail's name and value as they are read; what nobody has words for, as it is.

    Args:
        detail: Of an entry, perhaps an older one that knows other things.
        concerned: The name of whom it is about.
        say: What a catalogue says for a key; the key itself when it doesn't know it.
        names: Of units.
        questions: Of reviews, by their codes.
    """
    for name, value in detail.items():
        own = f"audit.detail.{name}"
        told = _either(say, own, name)
        if name == "unit" and value is not None:
            yield told, names.unit(str(value))
        elif name == "question" and str(value) in questions:
            yield told, questions[str(value)].in_language(names.language)
        elif name == "to" and concerned:
            yield told, concerned
        else:
            yield told, _value(name, value, say, _WORDS.get(name, own))


def _value(
    name: str, value: str | int | None, say: Callable[[str], str], words: str
) -> str | date | None:
    if value is None:
        return None
    text = str(value)
    if name in _DAYS:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return _either(say, f"{words}.{text}", text)


def _either(say: Callable[[str], str], key: str, text: str) -> str:
    found = say(key)
    return text if found == key else found
