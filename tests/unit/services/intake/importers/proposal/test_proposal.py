"""Proposing a mapping."""

from io import BytesIO
from pathlib import Path

import pytest

from services.intake.importers.errors import LogUnusable
from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.logs.xes import read_xes
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping
from services.intake.importers.mapping.rules import EventRule
from services.intake.importers.proposal.proposal import propose_mapping
from services.intake.importers.proposal.survey import MOST_ACTIVITIES
from services.intake.importers.translation.translation import Translator
from shared.events.event import Event
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.samples import XES

LOG = """\
Aktenzeichen;Schritt;Zeitstempel;Bearbeiter
1;Antrag eingegangen;31.03.2025 09:00;Meyer
1;Antrag prüfen: "NO";31.03.2025 10:00;Meyer
1;Antrag abgelehnt;01.04.2025 10:00;Meyer
1;Wiedervorlage;01.04.2025 11:00;Meyer
1;Wiedervorlage;01.04.2025 12:00;Meyer
"""


def propose(text: str = LOG) -> str:
    return propose_mapping(Path("Mein Log.csv.gz"), read_csv(BytesIO(text.encode())))


def load(text: str) -> LogMapping:
    return parse_mapping(text, "the proposal")


def test_a_proposal_loads_as_it_is_and_finds_case_activity_and_time() -> None:
    proposed = load(propose())

    assert proposed.name == "mein-log"
    assert proposed.log.case == "Aktenzeichen"
    assert proposed.log.activity == "Schritt"
    assert proposed.log.time == "Zeitstempel"


def test_every_activity_is_there_with_its_count_the_most_frequent_first() -> None:
    text = propose()

    assert list(load(text).activities) == [
        "Wiedervorlage",
        "Antrag eingegangen",
        'Antrag prüfen: "NO"',
        "Antrag abgelehnt",
    ]
    assert "  Wiedervorlage:  # 2 events, undecided" in text


def test_guesses_say_that_they_are_guesses() -> None:
    text = propose()
    rules = load(text).activities

    refusal = rules["Antrag abgelehnt"]
    assert isinstance(refusal, EventRule)
    assert refusal.event == "decision.made"
    assert rules["Wiedervorlage"] is None
    assert all(
        "# guess" in line
        for line in text.splitlines()
        if line.strip().startswith(
            ("event:", "name:", "source:", "time_zone:", "direction:", "unit:")
        )
    )


def test_a_proposal_can_be_imported_with_at_once() -> None:
    translator = Translator(load(propose()), Pseudonymiser(b"k" * 32))
    outcomes = [translator.translate(event).outcome for event in read_csv(BytesIO(LOG.encode()))]

    assert [isinstance(outcome, Event) for outcome in outcomes] == [True, False, True, False, False]


def test_a_xes_log_needs_no_guess_about_its_layout() -> None:
    text = propose_mapping(Path("log.xes"), read_xes(BytesIO(XES.encode())))
    proposed = load(text)

    assert '"case:concept:name": 3, 2 different\n' in text
    assert proposed.log.case == "case:concept:name"
    assert proposed.log.time == "time:timestamp"


def test_a_log_of_nothing_but_different_activities_stays_small() -> None:
    rows = "".join(f"1;step {number};31.03.2025\n" for number in range(MOST_ACTIVITIES + 500))

    proposed = propose(f"Fall;Schritt;Datum\n{rows}")

    assert len(load(proposed).activities) == MOST_ACTIVITIES
    assert "is `log.activity` right?" in proposed


def test_an_empty_log_gives_no_proposal() -> None:
    with pytest.raises(LogUnusable, match="no events"):
        propose("Fall;Schritt;Datum\n")


@pytest.mark.parametrize(
    ("header", "case", "activity", "time"),
    [
        (
            "Vorgangsnummer;Tätigkeit;Zeitpunkt;Caseworker",
            "Vorgangsnummer",
            "Tätigkeit",
            "Zeitpunkt",
        ),
        ("Fall-ID;Aktivität;Zeitstempel;Fallart", "Fall-ID", "Aktivität", "Zeitstempel"),
        ("Aktenzeichen;Schritt;Datum;Bearbeiter", "Aktenzeichen", "Schritt", "Datum"),
        ("Geschäftszeichen;Ereignis;Zeit;Amt", "Geschäftszeichen", "Ereignis", "Zeit"),
        ("case_id;activity;timestamp;resource", "case_id", "activity", "timestamp"),
        (
            "Case ID;Activity;Complete Timestamp;Variant",
            "Case ID",
            "Activity",
            "Complete Timestamp",
        ),
        ("Fall;Vorgang;Datum;Stelle", "Fall", "Vorgang", "Datum"),
        ("Kundennr;Wer;Wann;Was", "Kundennr", "Was", "Wann"),
        ("Foo;Wer;Wann;Was", "Foo", "Was", "Wann"),
    ],
)
def test_columns_are_found_by_the_names_that_systems_give_else_by_what_is_in_them(
    header: str, case: str, activity: str, time: str
) -> None:
    who_or_what = ("person {}", "step {}") if header.endswith("Was") else ("step", "{}")
    rows = "".join(
        ";".join((f"AZ {n // 4}", who_or_what[0], f"2021-01-{n + 1:02} 10:00", who_or_what[1]))
        .replace("person {}", f"person {n}")
        .replace("{}", str(n % 2))
        + "\n"
        for n in range(12)
    )

    log = load(propose(f"{header}\n{rows}")).log

    assert (log.case, log.activity, log.time) == (case, activity, time)


def test_a_day_and_its_time_are_found_in_two_columns() -> None:
    log = load(propose("Fall;Vorgang;Datum;Uhrzeit\n1;Antrag;31.12.2020;14:05\n")).log

    assert log.time == ("Datum", "Uhrzeit")


def test_dates_that_need_an_answer_are_asked_for_in_the_proposal() -> None:
    text = propose("case_id,activity,timestamp\n1,a,03/04/2021 10:00\n1,b,05/04/2021 10:00\n")

    assert "no row of the log proves which" in text
    assert load(text).log.dates is None


def test_only_what_is_complete_counts_and_the_proposal_says_so() -> None:
    text = propose(
        "case,activity,time,lifecycle:transition\n1,a,2021-01-01,start\n1,a,2021-01-02,complete\n"
    )

    assert str(load(text).log.when) == "lifecycle:transition complete"
    assert "# 1 events began something" in text


def test_a_proposal_tells_what_is_in_the_columns_but_names_no_person_or_case() -> None:
    text = propose()

    assert "# From 2025-03-31 to 2025-04-01." in text
    assert "Aktenzeichen: 5, always the same" in text
    assert "Schritt: 5, 4 different: Antrag eingegangen, " in text
    assert "Meyer" not in text
    for column in ("Zuständige Person", "Antragsteller", "E-Mail"):
        assert "Meyer" not in propose(LOG.replace("Bearbeiter", column))


@pytest.mark.parametrize(
    "column",
    ["Anschrift", "Wohnort", "Bemerkung", "Betreff", "Staatsangehörigkeit", "AZR-Nr", "Beteiligte"],
)
def test_what_tells_of_a_person_is_not_shown_either(column: str) -> None:
    assert "Meyer" not in propose(LOG.replace("Bearbeiter", column))


def test_a_column_with_another_text_in_almost_every_case_is_not_shown() -> None:
    cases = range(40)
    rows = [f"{one};Antrag;31.03.2025 09:{one:02};Weg {one};{one % 3}" for one in cases]

    text = propose("Aktenzeichen;Schritt;Zeitstempel;Wo;Gruppe\n" + "\n".join(rows))

    assert "Wo: 40, 40 different\n" in text
    assert "Zeitstempel: 40, 40 different: 31.03.2025 09:00, " in text
    assert "Gruppe: 40, 3 different: 0, 1, 2\n" in text


def test_a_service_has_one_type_whatever_its_activities_are_called() -> None:
    rules = load(propose()).activities

    assert isinstance(refusal := rules["Antrag abgelehnt"], EventRule)
    assert isinstance(application := rules["Antrag eingegangen"], EventRule)
    assert refusal.data["type_code"] == application.data["service_key"] == "mein-log"
    by_column = propose(LOG.replace("Bearbeiter", "Leistung"))
    assert "service_key: {from: Leistung, as: code, default: mein-log}" in by_column


def test_two_logs_of_one_name_are_two_sources() -> None:
    first, second = (
        load(propose_mapping(Path(folder) / "log.csv", read_csv(BytesIO(LOG.encode()))))
        for folder in ("first", "second")
    )

    assert first.name == second.name == "log"
    assert first.source != second.source


def test_a_number_of_each_event_is_proposed_as_its_key() -> None:
    numbered = "Event ID;" + LOG.partition("\n")[0] + "\n"
    rows = LOG.splitlines()[1:]
    text = propose(numbered + "".join(f"{place};{row}\n" for place, row in enumerate(rows)))

    assert load(text).key == ("Event ID",)
    again = propose(numbered + "".join(f"7;{row}\n" for row in rows))
    assert load(again).key is None
