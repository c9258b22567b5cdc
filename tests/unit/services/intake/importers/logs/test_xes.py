"""Reading XES."""

from io import BytesIO

import pytest

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.xes import read_xes
from tests.unit.services.intake.importers.samples import XES


def names(text: str) -> list[str]:
    return [event.values["concept:name"] for event in read_xes(BytesIO(text.encode()))]


def test_events_come_in_the_order_of_the_file_with_the_values_of_their_case() -> None:
    events = list(read_xes(BytesIO(XES.encode())))

    assert [event.values["concept:name"] for event in events] == [
        "check",
        "decide",
        "check",
        "of no case",
    ]
    assert [event.values.get("case:concept:name") for event in events] == ["P1", "P1", "P2", None]
    assert events[1].values == {
        "case:concept:name": "P1",
        "case:asked": "2025-03-30T08:00:00+02:00",
        "concept:name": "decide",
        "org:resource": "Meyer",
        "time:timestamp": "2025-03-31T10:00:00+02:00",
    }
    assert "case:asked" not in events[2].values, "a case never inherits from the one before it"


def test_a_log_without_the_namespace_is_read_alike() -> None:
    plain = XES.replace(' xmlns="http://www.xes-standard.org/"', "")

    assert names(plain) == names(XES)


def test_broken_xml_gives_what_stands_before_the_damage_and_then_its_line() -> None:
    broken = XES.replace('  <trace>\n    <string key="concept:name" value="P2"/>', "  <trace <<")
    events = read_xes(BytesIO(broken.encode()))

    assert [next(events).values["concept:name"] for _ in range(2)] == ["check", "decide"]
    with pytest.raises(LogBroken, match="line 19"):
        next(events)


def test_xml_that_is_no_log_is_not_an_empty_log() -> None:
    with pytest.raises(LogBroken, match="no XES"):
        names("<html><body/></html>")


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/log.dtd">',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded_or_fetched(
    declaration: str,
) -> None:
    hostile = XES.replace("<log ", declaration + "\n<log ", 1)

    with pytest.raises(LogBroken, match="document type"):
        names(hostile)


@pytest.mark.parametrize("where", ["before", "between", "behind"])
def test_what_a_trace_says_of_itself_may_stand_anywhere_in_it(where: str) -> None:
    name = '<string key="concept:name" value="P1"/>'
    event = '<event><string key="x" value="{}"/></event>'
    inner = {
        "before": [name, event.format(1), event.format(2)],
        "between": [event.format(1), name, event.format(2)],
        "behind": [event.format(1), event.format(2), name],
    }[where]
    text = f"<log><trace>{''.join(inner)}</trace><trace>{event.format(3)}</trace></log>"

    assert [event.values for event in read_xes(BytesIO(text.encode()))] == [
        {"case:concept:name": "P1", "x": "1"},
        {"case:concept:name": "P1", "x": "2"},
        {"x": "3"},
    ]


def test_half_a_trace_is_none() -> None:
    events = read_xes(BytesIO(XES[: XES.index("P2")].encode()))
    given: list[str] = []

    with pytest.raises(LogBroken):
        given.extend(event.values["concept:name"] for event in events)

    assert given == ["check", "decide"]
