"""A record as people can write it down, and what they changed of it. Pure."""

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import quote_plus

from shared.dead_letters.settlement import Repair
from shared.errors import PermanentError
from shared.kafka.records import Record

LONGEST = 40_000
"""Characters of a value that a form takes."""
LONGEST_HEADER = 4_000
"""Characters of a header that a line is written of."""
LONGEST_SENT = 200_000
"""Bytes of a value on its way in a form; with headers and reason they fit into a body."""


class HeaderUnreadable(PermanentError):
    """A line isn't NAME=VALUE."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line} of the headers is not NAME=VALUE")


class HeaderRepeated(PermanentError):
    """Two lines name the same header."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the header {name} is named twice")


@dataclass(frozen=True, slots=True)
class Written:
    """A record for a form.

    Attributes:
        value: Its value; None where that is no text, too long for a form, or gone.
        raw: The value in Base64, where it is no text.
        headers: A line NAME=VALUE for each header that can be written so.
        unreadable: Names of the others: without a value, no text, of several lines, too long, or
            repeated.
    """

    value: str | None
    raw: str | None
    headers: str
    unreadable: Sequence[str]


def written(record: Record) -> Written:
    """Write a record down."""
    text = None if record.value is None else _text(record.value)
    plain = _plain(record)
    names = dict.fromkeys(name for name, _ in record.headers)
    return Written(
        value=text if text is not None and _is_sendable(text) else None,
        raw=None if record.value is None or text is not None else _base64(record.value),
        headers="\n".join(f"{name}={value}" for name, value in plain.items()),
        unreadable=[name for name in names if name not in plain],
    )


def repair(record: Record, value: str, headers: str, dropped: Iterable[str]) -> Repair:
    """Tell what somebody changed of a record that they were shown; what they left stays.

    Args:
        record: The record.
        value: What stands in the field of the value.
        headers: What stands in the field of the headers.
        dropped: Which of the headers that can't be written are to be left out.

    Raises:
        HeaderUnreadable, HeaderRepeated: a line can't be used.
    """
    shown, plain, typed = written(record), _plain(record), _typed(headers)
    return Repair(
        value=None if value == (shown.value or "") else value.encode(),
        headers={name: text for name, text in typed.items() if plain.get(name) != text},
        dropped=frozenset(plain.keys() - typed.keys())
        | (frozenset(dropped).intersection(shown.unreadable) - typed.keys()),
    )


def _typed(headers: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(headers.split("\n"), start=1):
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise HeaderUnreadable(number)
        if name.strip() in found:
            raise HeaderRepeated(name.strip())
        found[name.strip()] = value
    return found


def _plain(record: Record) -> dict[str, str]:
    """Give the headers that a line can be written of, by name."""
    times = Counter(name for name, _ in record.headers)
    texts = {name: _text(value) for name, value in record.headers if value is not None}
    return {
        name: text
        for name, text in texts.items()
        if text is not None and _is_line(text) and times[name] == 1 and _fits(name)
    }


def _is_line(text: str) -> bool:
    return "\n" not in text and len(text) <= LONGEST_HEADER


def _fits(name: str) -> bool:
    return bool(name) and name == name.strip() and "=" not in name and name.isprintable()


def _text(raw: bytes) -> str | None:
    """Give what a field shows and gives back unchanged; None: it couldn't."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if all(sign in "\t\n" or category(sign) != "Cc" for sign in text) else None


def _is_sendable(text: str) -> bool:
    """Tell whether a form can send a text, in which a browser writes most signs as several."""
    return len(text) <= LONGEST and len(quote_plus(text.replace("\n", "\r\n"))) <= LONGEST_SENT


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
