"""What an entry tells beside who did what, in the reader's words. Pure."""

from collections.abc import Callable, Iterator
from datetime import date

from services.controlling.audit.entry import Detail

_WORDS = {
    "kind": "measures.kind",
    "outcome": "measures.outcome",
    "role": "role",
    "step": "finding.step",
}
"""Where catalogues say already what stands in a detail; all else they say by its own name."""
_DAYS = ("from", "until")


def in_words(detail: Detail, said: Callable[[str], str]) -> Iterator[tuple[str, str | date | None]]:
    """Give each detail's name and value as they are read; what nobody has words for, as it is.

    Args:
        detail: Of an entry, perhaps an older one that knows other things.
        said: What a catalogue says for a key; the key itself when it doesn't know it.
    """
    for name, value in detail.items():
        own = f"audit.detail.{name}"
        yield _either(said, own, name), _value(name, value, said, _WORDS.get(name, own))


def _value(
    name: str, value: str | int | None, said: Callable[[str], str], words: str
) -> str | date | None:
    if value is None:
        return None
    text = str(value)
    if name in _DAYS:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return _either(said, f"{words}.{text}", text)


def _either(said: Callable[[str], str], key: str, text: str) -> str:
    found = said(key)
    return text if found == key else found
