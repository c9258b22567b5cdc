"""The line of a decision has one form, which is the one in which it is written."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import to_json

from services.controlling.proof.entry_line import Texts, entry_reader
from services.controlling.proof.record import HEADER, EarlierEntry, Entry
from tests.unit.services.controlling.proof.records import from_before, register, sealed, written

Line = dict[str, object]
LINES = register(bytes(32), {})
READ, READ_EARLIER = (
    entry_reader(HEADER.validate_json(sealed(lines)[0])) for lines in (LINES, from_before(LINES))
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31)).map(
    lambda one: written(one.replace(tzinfo=UTC))
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}", fullmatch=True)
strata = st.from_regex(
    r"[a-z]{1,9}(\([a-z._-]{1,9}:[A-Z0-9._:-]{0,9}\)){0,2}/(favourable|adverse|neutral)/[a-z/()]{1,9}",
    fullmatch=True,
)
FIELDS = {
    "decision": st.from_regex("decision-[a-z2-7]{26}", fullmatch=True),
    "type": codes,
    "stratum": strata,
    "decided": moments,
    "registered": moments,
    "ticket": st.from_regex(r"0\.[0-9]{1,90}", fullmatch=True),
    "probability": st.from_regex(r"[01](\.[0-9]{1,30})?", fullmatch=True),
    "drawn": st.sampled_from([None, "random", "top_up"]),
    "late": st.booleans(),
    "corrected": st.booleans(),
    "withdrawn": st.booleans(),
}

FIRST: Line = {
    "decision": f"decision-{26 * 'a'}",
    "type": "AufenthG-9",
    "stratum": "work/adverse/unit-1",
    "decided": "2026-05-04T08:00:00.000000Z",
    "registered": "2026-05-04T08:00:01.000000Z",
    "ticket": "0.1",
    "probability": "1",
    "drawn": "random",
    "late": False,
    "corrected": False,
    "withdrawn": False,
}


def lines_of(entry: type[Entry | EarlierEntry]) -> st.SearchStrategy[Line]:
    """Entries, with their fields in the order of the format."""
    names = list(entry.__annotations__)
    parts = st.tuples(*(FIELDS[name] for name in names))
    return parts.map(lambda found: dict(zip(names, found, strict=True)))


entries, earlier_entries = lines_of(Entry), lines_of(EarlierEntry)


@given(st.lists(entries, min_size=1, max_size=3), st.lists(earlier_entries, min_size=1, max_size=3))
def test_what_is_written_of_decisions_is_read_again(some: list[Line], earlier: list[Line]) -> None:
    assert READ([line_of(one) for one in some]) == [texts_of(one) for one in some]
    assert READ_EARLIER([line_of(one) for one in earlier]) == [texts_of(one) for one in earlier]


@given(entries, st.data())
def test_whatever_is_read_is_what_a_reader_of_json_reads(entry: Line, data: st.DataObject) -> None:
    line = bytearray(line_of(entry))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(
        st.sampled_from(b'a0".,:/ (\\\n\xc3')
    )
    with suppress(ValueError):
        [found] = READ([bytes(line)])
        read = TypeAdapter(Entry).validate_json(bytes(line))
        assert texts_of(cast("Line", read)) == found
        assert line_of(read) == bytes(line)


@given(entries, entries, st.sampled_from([b"", b"\n", b"{}\n", b" "]), st.integers(0, 2))
def test_nothing_else_hides_between_lines(
    one: Line, other: Line, between: bytes, place: int
) -> None:
    lines = [line_of(one), line_of(other)]
    lines.insert(place, between)
    with pytest.raises(ValueError, match="not only decisions"):
        READ(lines)


@given(entries, earlier_entries)
def test_a_line_of_one_format_is_none_of_another(entry: Line, earlier: Line) -> None:
    with pytest.raises(ValueError, match="not only decisions"):
        READ([line_of(earlier)])
    with pytest.raises(ValueError, match="not only decisions"):
        READ_EARLIER([line_of(entry)])


def test_a_stratum_has_its_longest_name() -> None:
    [longest] = READ([line_of(FIRST | {"stratum": "a" * 500 + "/adverse/uni"})])
    assert len(longest[2]) == 512
    with pytest.raises(ValueError, match="not only decisions"):
        READ([line_of(FIRST | {"stratum": "a" * 500 + "/adverse/unit"})])


def line_of(entry: object) -> bytes:
    return to_json(entry) + b"\n"


def texts_of(entry: Line) -> Texts:
    """Give what stands in a line: flags and what drew it as JSON, the rest as it is."""
    return tuple(
        to_json(entry[name]).decode()
        if name in {"drawn", "late", "corrected", "withdrawn"}
        else str(entry.get(name, ""))
        for name in Entry.__annotations__
    )
