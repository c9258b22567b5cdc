"""Which mapping belongs to a log."""

from pathlib import Path

import pytest

from services.intake.importers.errors import LogBroken, LogUnknown
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import open_log
from services.intake.importers.mapping.mapping_files import shipped_mappings
from services.intake.importers.mapping.recognition import matches, recognise
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.unit.services.intake.importers.samples import CSV, MAPPING, mapping, write

FINES = (
    "case:concept:name,concept:name,dismissal,article,vehicleClass,notificationType,"
    "totalPaymentAmount"
)


def test_a_log_is_recognised_by_its_attributes_and_activities(tmp_path: Path) -> None:
    path = write(tmp_path, "any-name.csv", f"{FINES}\nA1,Create Fine,NIL,7.0,A,,0.0\n")

    assert recognise(path).name == "traffic-fines"


def test_damage_behind_the_first_events_does_not_hide_what_a_log_is(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", f'{FINES}\nA1,Create Fine,NIL,7.0,A,,0.0\nA2,"broken')

    assert recognise(path).name == "traffic-fines"


def test_a_log_without_a_single_readable_event_is_broken_not_unknown(tmp_path: Path) -> None:
    with pytest.raises(LogBroken):
        recognise(write(tmp_path, "log.csv", b"\xff\xfe"))


def test_an_unknown_log_leads_to_a_proposal(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", CSV)

    with pytest.raises(LogUnknown, match=f"gleichfall import --propose {path}"):
        recognise(path)


def test_attributes_alone_are_not_enough_when_activities_are_asked_for() -> None:
    strict = mapping(
        MAPPING.replace("attributes: [zone]", "attributes: [zone]\n  activities: [go]")
    )

    assert matches(mapping(), [LogEvent({"zone": "A", "step": "come"})])
    assert not matches(strict, [LogEvent({"zone": "A", "step": "come"})])
    assert matches(strict, [LogEvent({"zone": "A", "step": "go"})])


@needs_knowledge
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("receipt.xes.gz", "receipt"),
        ("traffic_fines_2000_2006.csv.gz", "traffic-fines"),
        ("domestic_declarations_2017_2018.csv.gz", "domestic-declarations"),
    ],
)
def test_each_real_log_is_recognised_by_its_own_mapping_only(file: str, name: str) -> None:
    assert KNOWLEDGE is not None
    with open_log(KNOWLEDGE / "data" / file) as log:
        sample = [event for event, _ in zip(log.events(), range(200), strict=False)]

    assert [one.name for one in shipped_mappings() if matches(one, sample)] == [name]
