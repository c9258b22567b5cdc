"""The same system exported again: every month the whole log, with changes."""

import asyncio
from collections.abc import Mapping
from csv import DictReader
from io import BytesIO, StringIO
from typing import Any

import pytest

from services.intake.client import IntakeRefused
from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.sending.fate import Fate, Tally
from services.intake.importers.sending.transfer import Transfer
from services.intake.importers.sending.vanished import Vanished
from services.intake.importers.translation.translation import Translator
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.ledger import Ledger
from tests.unit.services.intake.importers.samples import mapping

RULES = """
name: permits
source: urn:gleichfall:log:permits
time_zone: Europe/Berlin
recognise: {attributes: [status]}
log: {case: case_id, activity: activity, time: timestamp}
activities:
  Antrag:
    event: application.received
    data: {channel: online, service_key: permit, unit: permits}
  Unterlagen: {event: documents.received}
  Bescheid:
    event: decision.made
    data:
      type_code: permit
      direction: {from: outcome, map: {"+": favourable, "-": adverse}}
      unit: permits
      decider: {from: person, pseudonym: decider}
  Bekanntgabe:
    event: decision.notified
    data: {notified_on: {from: timestamp, as: date}}
  Akte geschlossen: {event: case.closed, data: {reason: done}}
"""
HEADER = "nr,case_id,activity,timestamp,person,outcome,status,changed\n"
APPLIED = "1,1,Antrag,2021-01-01T10:00:00+01:00,P1,,{},\n"
PAPERS = "5,1,Unterlagen,2021-01-15T10:00:00+01:00,P1,,{},\n"
DECIDED = "2,1,Bescheid,2021-02-01T10:00:00+01:00,P1,+,{},\n"
DECIDED_ANEW = "2,1,Bescheid,2021-02-01T10:00:00+01:00,P1,-,{},2021-04-20\n"
NOTIFIED = "3,1,Bekanntgabe,2021-02-03T10:00:00+01:00,P1,,{},\n"
CLOSED = "4,1,Akte geschlossen,2021-02-20T10:00:00+01:00,P1,,{},\n"
NEXT_CASE = "6,2,Antrag,2021-03-02T10:00:00+01:00,P2,,{},\n"

MONTHS = {
    "January": (APPLIED, DECIDED, NOTIFIED),
    "February: one appended": (APPLIED, DECIDED, NOTIFIED, CLOSED),
    "March: one late and a new case": (APPLIED, PAPERS, DECIDED, NOTIFIED, CLOSED, NEXT_CASE),
    "April: one changed": (APPLIED, PAPERS, DECIDED_ANEW, NOTIFIED, CLOSED, NEXT_CASE),
    "May: one removed": (APPLIED, DECIDED_ANEW, NOTIFIED, CLOSED, NEXT_CASE),
}
EVERY_KEY = {
    "activity and time": "",
    "a column": "key: [nr]\n",
    "all columns but some": "volatile: [status, changed, outcome]\n",
}


def send(
    ledger: Ledger, rows: tuple[str, ...], status: str, by: LogMapping, out: StringIO | None = None
) -> Tally:
    text = HEADER + "".join(row.format(status) for row in rows)
    translator = Translator(by, Pseudonymiser(b"k" * 32))
    tally = Tally()
    events = read_csv(BytesIO(text.encode()))
    transfer = Transfer(ledger, tally, None if out is None else Vanished(out))
    asyncio.run(transfer.run(by, translator.keys, map(translator.translate, events)))
    return tally


def numbers(tally: Tally) -> dict[str, Any]:
    fates = {fate.value: tally.total(fate) for fate in Fate if tally.total(fate)}
    return fates | {"late": tally.late, "gone": dict(tally.gone)}


@pytest.mark.parametrize("key", EVERY_KEY.values(), ids=EVERY_KEY)
def test_five_months_of_a_growing_log_double_nothing(key: str) -> None:
    ledger, by = Ledger(), mapping(RULES + key)

    found = [
        numbers(send(ledger, rows, f"status of {month}", by)) for month, rows in MONTHS.items()
    ]

    nothing: Mapping[str, int] = {}
    assert found == [
        {"accepted": 3, "late": 0, "gone": nothing},
        {"accepted": 1, "duplicate": 3, "late": 0, "gone": nothing},
        {"accepted": 2, "duplicate": 4, "late": 1, "gone": nothing},
        {"duplicate": 5, "changed": 1, "late": 0, "gone": nothing},
        {
            "duplicate": 4,
            "changed": 1,
            "late": 0,
            "gone": {"gleichfall.documents.received.v1": 1},
        },
    ]
    assert len(ledger.of_type("decision.made")) == 1
    assert not ledger.of_type("decision.corrected")


def test_what_is_gone_is_told_row_by_row_with_where_its_case_begins() -> None:
    ledger, by, out = Ledger(), mapping(RULES + "corrections: {time: changed}\n"), StringIO()
    for month in list(MONTHS.values())[:4]:
        send(ledger, month, "any", by)

    send(ledger, (DECIDED_ANEW, CLOSED), "any", by, out)

    told = list(DictReader(out.getvalue().splitlines()))
    gone = [(row["type"].split(".", 1)[1], row["line"]) for row in told]
    assert sorted(gone) == [
        ("application.received.v1", ""),
        ("application.received.v1", "2"),
        ("decision.notified.v1", "2"),
        ("documents.received.v1", "2"),
    ]
    by_id = {one.id: (one.type, one.subject) for one in ledger.events}
    assert [(row["type"], row["case"]) for row in told] == [by_id[row["id"]] for row in told]


@pytest.mark.parametrize("rows", [MONTHS["January"], ()], ids=["the same again", "nothing yet"])
def test_where_nothing_is_gone_nothing_is_told(rows: tuple[str, ...]) -> None:
    ledger, by, out = Ledger(), mapping(RULES), StringIO()
    send(ledger, rows, "any", by)
    send(ledger, rows, "any", by, out)
    assert out.getvalue() == "case,number,type,id,line\n"


def test_a_changed_decision_is_corrected_once_where_the_mapping_says_so() -> None:
    ledger, by = Ledger(), mapping(RULES + "corrections: {time: changed}\n")

    tallies = [send(ledger, rows, "any", by) for rows in (*MONTHS.values(), MONTHS["January"])]

    (correction,) = ledger.of_type("decision.corrected")
    assert correction.time is not None
    assert correction.time.isoformat() == "2021-04-19T22:00:00+00:00"
    assert [dict(tally.corrections) for tally in tallies[-3:]] == [
        {Fate.ACCEPTED: 1},
        {Fate.DUPLICATE: 1},
        {},
    ]
    assert "gleichfall.decision.corrected.v1" not in tallies[-1].gone


def test_a_correction_without_its_time_is_refused_and_said() -> None:
    ledger, by = Ledger(), mapping(RULES + "corrections: {time: changed}\n")
    send(ledger, (APPLIED, DECIDED), "any", by)

    tally = send(ledger, (APPLIED, DECIDED_ANEW.replace("2021-04-20", "")), "any", by)

    assert tally.corrections == {Fate.REFUSED: 1}
    assert tally.reasons == {"correction of a decision: changed is missing": 1}


def test_what_another_mapping_changes_is_no_correction() -> None:
    ledger = Ledger()
    send(ledger, MONTHS["January"], "any", mapping(RULES + "corrections: {time: timestamp}\n"))
    by = RULES.replace("type_code: permit", "type_code: other")

    tally = send(ledger, MONTHS["January"], "any", mapping(by + "corrections: {time: timestamp}\n"))

    assert tally.other_mapping
    assert tally.total(Fate.CHANGED) == 1
    assert not ledger.of_type("decision.corrected")


@pytest.mark.parametrize(
    "other",
    [
        RULES + "key: [nr]\n",
        RULES + "volatile: [status]\n",
        RULES.replace("Europe/Berlin", "Europe/Lisbon"),
    ],
)
def test_a_mapping_that_would_change_the_keys_of_what_was_sent_is_refused(other: str) -> None:
    ledger = Ledger()
    send(ledger, MONTHS["January"], "any", mapping(RULES))

    with pytest.raises(IntakeRefused, match="second time"):
        send(ledger, MONTHS["January"], "any", mapping(other))

    assert len(ledger.events) == 3


def test_keys_are_free_as_long_as_nothing_was_accepted() -> None:
    ledger = Ledger()
    send(ledger, (), "any", mapping(RULES))

    assert send(ledger, (APPLIED,), "any", mapping(RULES + "key: [nr]\n")).total(Fate.ACCEPTED) == 1


def test_rows_that_a_named_key_cannot_tell_apart_are_refused_not_lost() -> None:
    ledger, by = Ledger(), mapping(RULES + "key: [nr]\n")

    tally = send(
        ledger, (APPLIED, DECIDED, DECIDED_ANEW, ",1,Unterlagen,2021-02-01,,,{},\n"), "x", by
    )

    assert tally.total(Fate.ACCEPTED) == 2
    assert tally.reasons == {
        "Bescheid: another row of its case has the same key": 1,
        "Unterlagen: its key is empty (nr)": 1,
    }


def test_equal_rows_are_counted_and_a_late_one_among_them_is_one_more() -> None:
    ledger, by = Ledger(), mapping(RULES)
    send(ledger, (PAPERS, PAPERS), "any", by)

    tally = send(ledger, (PAPERS, PAPERS, PAPERS), "other", by)

    assert numbers(tally) == {"accepted": 1, "duplicate": 2, "late": 0, "gone": {}}


def test_the_way_a_time_is_written_is_not_its_key() -> None:
    ledger, by = Ledger(), mapping(RULES)
    send(ledger, (APPLIED,), "any", by)

    again = APPLIED.replace("2021-01-01T10:00:00+01:00", "2021-01-01 09:00:00Z")

    assert numbers(send(ledger, (again,), "any", by)) == {"duplicate": 1, "late": 0, "gone": {}}
