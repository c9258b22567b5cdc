"""What the file of systems says, and the table of who may say what."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake.answers import status_of
from services.intake.plausibility import Reach
from services.intake.screening import Rules, screen
from services.intake.systems import SystemsInvalid, load_systems
from shared.configuration.places import ROOT, SYSTEMS
from shared.events.registry import CATALOGUE, EventType
from shared.security.identity import OWN_SOURCES, SourceSystem
from tests.contract.admitted import FROM_OUTSIDE
from tests.contract.samples import structured
from tests.listed import KEYS, listed, subject_for

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
FILE = """
systems:
  - {key: permits, sources: ["urn:permits:*"], types: ["*"], contacts: true,
     counts: ["urn:permits:1"]}
  - {key: phone, sources: [urn:phone], types: ["call.*"]}
  - {key: education, sources: [urn:edu], types: [application.*, "decision.*"], units: [unit-1]}
"""
SAMPLES = {sample["type"].split(".", 1)[1].rpartition(".")[0]: sample for sample in structured()}
MAY = {"permits": ("",), "phone": ("call.",), "education": ("application.", "decision.")}
"""How the types begin that each may state."""


def short(entry: EventType) -> str:
    return entry.name.split(".", 1)[1].rpartition(".")[0]


TYPES = [short(entry) for entry in FROM_OUTSIDE]
OURS = [short(entry) for entry in CATALOGUE.values() if entry not in FROM_OUTSIDE]


def systems(tmp_path: Path, text: str = FILE) -> dict[str, SourceSystem]:
    file = tmp_path / "systems.yaml"
    file.write_text(text)
    return dict(load_systems(file))


def refused(system: SourceSystem, fact: str, source: str, **data: Any) -> list[tuple[str, int]]:
    sample = SAMPLES[fact]
    document = sample | {
        "id": "1",
        "source": source,
        "subject": subject_for(sample["type"]),
        "data": listed(sample["data"]) | data,
    }
    rules = Rules(system, NOW, timedelta(minutes=5), Reach(), KEYS)
    _, refusals = screen([document], rules)
    return [(one.fields[0].field, status_of(one.defect)) for one in refusals]


@pytest.mark.parametrize("fact", TYPES)
@pytest.mark.parametrize("name", MAY)
def test_a_system_states_what_the_file_grants_it_and_nothing_else(
    tmp_path: Path, name: str, fact: str
) -> None:
    system = systems(tmp_path)[name]
    source = system.sources[0].replace("*", "1")
    granted = fact.startswith(MAY[name])
    assert refused(system, fact, source) == ([] if granted else [("type", 403)])
    assert refused(system, fact, "urn:foreign") == [("source", 403)]


@pytest.mark.parametrize("fact", OURS)
def test_what_our_own_services_state_no_system_may(tmp_path: Path, fact: str) -> None:
    permits = systems(tmp_path)["permits"]
    assert refused(permits, fact, "urn:permits:1") == [("type", 422)]


def test_only_a_source_that_is_named_as_counting_counts(tmp_path: Path) -> None:
    permits = systems(tmp_path)["permits"]
    assert refused(permits, "decisions.counted", "urn:permits:1") == []
    assert refused(permits, "decisions.counted", "urn:permits:2") == [("type", 403)]
    everything = SourceSystem("everything", ("*",), ("*",), others=True)
    assert refused(everything, "decisions.counted", "urn:permits:1") == [("type", 403)]


@pytest.mark.parametrize("source", sorted(OWN_SOURCES))
def test_what_our_own_services_count_nobody_else_states(source: str) -> None:
    system = SourceSystem("everything", ("*", source), ("*",), counts=(source,))
    assert refused(system, "decisions.counted", source) == [("source", 403)]
    assert refused(system, "decisions.counted", source.upper()) == [("source", 403)]


def test_a_system_speaks_of_its_units(tmp_path: Path) -> None:
    education = systems(tmp_path)["education"]
    assert refused(education, "decision.made", "urn:edu", unit="unit-2") == [("data.unit", 403)]


def test_what_is_not_granted_is_not_allowed(tmp_path: Path) -> None:
    phone = systems(tmp_path)["phone"]
    assert not phone.contacts
    assert not phone.others


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("systems: []", "systems"),
        ("systems: [{key: a, sources: [urn:a]}]", "types"),
        ("systems: [{key: a, sources: [], types: ['*']}]", "sources"),
        ("systems: [{key: a, sources: [urn:a], types: [decision.mad]}]", "fits no event"),
        ("systems: [{key: a, sources: [urn:gleichfall:intake], types: ['*']}]", "speaks as"),
        ("systems: [{key: a, sources: [urn:a], types: [decisions.counted]}]", "name them"),
        ("systems: [{key: a, sources: [urn:a], types: ['*'], counts: [urn:b]}]", "among the"),
        ("systems: [{key: a, sources: [urn:*], types: ['*'], counts: ['urn:*']}]", "counts"),
        ("systems: [{key: a, sources: [urn:a], types: [call.*], counts: [urn:a]}]", "may not"),
        ("systems: [{key: a, sources: [urn:a], types: ['*'], admin: true}]", "unknown here"),
        (
            (
                "systems: [{key: a, sources: [urn:a], types: ['*']},"
                " {key: a, sources: [urn:b], types: ['*']}]"
            ),
            "a is taken",
        ),
    ],
)
def test_a_file_that_cannot_be_used_names_the_place(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(SystemsInvalid, match=wrong):
        systems(tmp_path, text)


def test_the_local_stack_has_one_system_that_may_everything() -> None:
    (ours,) = load_systems(SYSTEMS).values()
    assert ours.contacts
    assert ours.others
    assert ours.allows("urn:gleichfall:simulator")


def test_every_source_of_our_own_services_is_reserved() -> None:
    found = {
        line.split('"')[1]
        for folder in ("services", "shared")
        for file in (ROOT / folder).rglob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith('SOURCE = "urn:gleichfall:') and "simulation" not in file.parts
    }
    assert found == OWN_SOURCES
