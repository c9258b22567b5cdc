"""The events of a case as lines."""

from datetime import date

import pytest

from services.controlling.forms.case_lines import CaseLineInvalid, CasesMixed, read_case
from shared.events.catalogue.case import HearingSent
from shared.events.event import encode
from shared.events.json_format import to_document
from tests.unit.services.controlling.forms.cases import event

ONE = event(date(2026, 3, 2), HearingSent())
OTHER = ONE._replace(id="other", subject="case-" + "b" * 26)


def line(one: object) -> bytes:
    return to_document(encode(one)) + b"\n"  # type: ignore[arg-type]


def test_lines_become_events_and_blank_ones_nothing() -> None:
    assert read_case("case.jsonl", [line(ONE), b"\n"]) == [ONE]


@pytest.mark.parametrize("wrong", [b"{", b"[]\n", b'{"specversion": "1.0"}\n'])
def test_a_line_that_is_no_event_is_named(wrong: bytes) -> None:
    with pytest.raises(CaseLineInvalid, match=r"case.jsonl, line 2: .*; write one CloudEvent"):
        read_case("case.jsonl", [line(ONE), wrong])


def test_two_cases_in_one_file_are_refused() -> None:
    with pytest.raises(CasesMixed, match=r"line 2: is of case-bbb.*bring one case"):
        read_case("case.jsonl", [line(ONE), line(OTHER)])
