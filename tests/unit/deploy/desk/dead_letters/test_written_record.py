"""What somebody didn't change of a record is sent byte for byte as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.desk.dead_letters.written_record import (
    LONGEST,
    HeaderRepeated,
    HeaderUnreadable,
    repair,
    written,
)
from shared.dead_letters.settlement import Repair
from shared.kafka.records import Record


def record(value: bytes | None, *headers: tuple[str, bytes | None]) -> Record:
    return Record("case-events", 0, 1, 0, b"case-a", list(headers), value)


HEADERS = st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=12)), max_size=5)


@given(st.none() | st.binary(max_size=60) | st.text(max_size=60).map(str.encode), HEADERS)
def test_a_form_sent_as_it_was_shown_changes_nothing(
    value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    lost = record(value, *headers)
    shown = written(lost)
    assert repair(lost, shown.value or "", shown.headers, ()) == Repair()


def test_what_was_typed_takes_the_place_of_what_was_there() -> None:
    lost = record(b"{", ("ce_id", b"1"), ("ce_type", b"a"), ("ce_extra", b"x"))
    wanted = repair(lost, "{}", "ce_id=1\nce_type=b=c\n\nce_new=ä", ())
    assert wanted == Repair(b"{}", {"ce_type": "b=c", "ce_new": "ä"}, frozenset({"ce_extra"}))


def test_a_header_without_a_line_of_its_own_stays_unless_it_is_left_out_or_set_anew() -> None:
    lost = record(b"", ("null", None), ("raw", b"\xff"), ("twice", b"1"), ("twice", b"2"))
    shown = written(lost)
    assert (shown.headers, list(shown.unreadable)) == ("", ["null", "raw", "twice"])
    wanted = repair(lost, "", "twice=3\nraw=b", ["null", "raw", "elsewhere"])
    assert wanted == Repair(None, {"twice": "3", "raw": "b"}, frozenset({"null"}))


@pytest.mark.parametrize(
    ("value", "shown", "raw"),
    [
        (b"\xff", None, "/w=="),
        (b"a\x00", None, "YQA="),
        (b"a\r\nb", None, "YQ0KYg=="),
        (b"a" * (LONGEST + 1), None, None),
        (("€" * 22_222).encode(), "€" * 22_222, None),
        (("€" * 22_223).encode(), None, None),
        (None, None, None),
        ("\u00a0{\n\t}".encode(), "\u00a0{\n\t}", None),
    ],
)
def test_a_field_gets_only_what_it_gives_back_unchanged(
    value: bytes | None, shown: str | None, raw: str | None
) -> None:
    found = written(record(value))
    assert (found.value, found.raw) == (shown, raw)


def test_what_is_no_header_is_told_with_its_line() -> None:
    with pytest.raises(HeaderUnreadable, match="line 2"):
        repair(record(b""), "", "a=1\n=2", ())
    with pytest.raises(HeaderRepeated, match="a is named twice"):
        repair(record(b""), "", "a=1\na=2", ())
