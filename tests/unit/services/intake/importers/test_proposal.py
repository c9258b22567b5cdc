"""Proposing a mapping."""

from io import BytesIO

import pytest

from services.intake.importers.csv_log import read_csv
from services.intake.importers.errors import LogUnusable
from services.intake.importers.mapping import LogMapping
from services.intake.importers.mapping_files import parse_mapping
from services.intake.importers.proposal import propose_mapping
from services.intake.importers.rules import EventRule
from services.intake.importers.survey import MOST_ACTIVITIES
from services.intake.importers.translation import Translator
from services.intake.importers.xes import read_xes
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
    return propose_mapping("Mein Log.csv.gz", read_csv(BytesIO(text.encode())))


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
    proposed = load(propose_mapping("log.xes", read_xes(BytesIO(XES.encode()))))

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
