"""A large JSON document is read a piece at a time, and comes out as it was written."""

import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from itertools import chain, islice, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs import json_stream
from services.intake.importers.logs.json_stream import JsonStream

TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


class Drops(BytesIO):
    """A file that gives a byte at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1, size or 0))


class Endless(RawIOBase):
    """A file that never ends: what is repeated comes behind the beginning."""

    def __init__(self, start: bytes, again: bytes) -> None:
        self._pieces = chain([start], repeat(again * 100))

    def read(self, size: int = -1, /) -> bytes:
        return next(self._pieces)


def members(text: str) -> list[tuple[str, object]]:
    return list(JsonStream(BytesIO(text.encode())).members())


def flat(document: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in document.items():
        yield from ((name, one) for one in value) if isinstance(value, list) else [(name, value)]


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.sampled_from([None, 1]))
def test_whatever_is_written_is_read_wherever_it_is_cut(
    document: dict[str, object], indent: int | None
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False).encode(errors="surrogatepass")
    assert list(JsonStream(Drops(text)).members()) == list(flat(document))
    assert list(JsonStream(BytesIO(text)).members()) == list(flat(document))


def test_numbers_stay_as_they_were_written() -> None:
    document = b'{"a": [1.50, 10], "b": 12e3}'
    found = [("a", "1.50"), ("a", "10"), ("b", "12e3")]
    assert list(JsonStream(BytesIO(document)).members()) == found
    assert list(JsonStream(Drops(document)).members()) == found


def test_a_byte_order_mark_is_passed_by() -> None:
    assert members('\ufeff{"a": "ä"}') == [("a", "ä")]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "7", "{", '{"a"', '{"a":', '{"a": [', '{"a": [1', '{"a": [1,', '{"a": 1,}'),
        *('{"a": [1,]}', '{"a": [1 2]}', '{"a": 1 "b": 2}', "{1: 2}", '{"a": x}', '{"a": 1}}'),
        *('{"a": [1}}', '{"a" 1}', '{"a": "', "{'a': 1}", '{"a": ' + "[" * 100_000),
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(LogBroken, match="JSON is broken"):
        members(text)


def test_what_is_no_utf_8_is_refused() -> None:
    with pytest.raises(LogBroken, match="UTF-8"):
        list(JsonStream(BytesIO(b'{"a": "\xe4"}')).members())


def test_a_piece_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_LARGEST", 100_000)
    with pytest.raises(LogBroken, match="a piece of more than"):
        list(JsonStream(Endless(b'{"a": ["', b"x")).members())  # type: ignore[arg-type]


def test_memory_is_the_same_however_long_a_list_is() -> None:
    one = json.dumps({"x": "y" * 200}).encode() + b","
    document = JsonStream(Endless(b'{"a": [', one)).members()  # type: ignore[arg-type]
    list(islice(document, 1_000))
    tracemalloc.start()
    for _ in islice(document, 50_000):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
