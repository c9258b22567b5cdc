"""Mapping files: what is wrong in them is found before anything is sent."""

from pathlib import Path

import pytest

from services.intake.importers.errors import MappingInvalid
from services.intake.importers.mapping.mapping_files import (
    load_mapping,
    parse_mapping,
    shipped_mappings,
)
from tests.unit.services.intake.importers.samples import MAPPING, mapping


def test_the_sample_is_valid() -> None:
    assert mapping().name == "parking-permits"


def test_the_shipped_mappings_are_valid_and_have_identities_of_their_own() -> None:
    shipped = shipped_mappings()

    assert {one.name for one in shipped} == {
        *("receipt", "traffic-fines", "domestic-declarations", "gleichfall"),
    }
    assert len({one.source for one in shipped}) == len(shipped)
    assert all(one.source.startswith("urn:gleichfall:") for one in shipped)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("name: parking-permits", "name: Parking Permits", "name: "),
        ("Europe/Berlin", "Europe/Karlsruhe", "time_zone: 'Europe/Karlsruhe' is no time zone"),
        ("event: decision.made", "event: decision.guessed", "no event of a case in the catalogue"),
        ("event: decision.made", "event: review.completed", "no event of a case in the catalogue"),
        (
            "type_code: parking",
            "type: parking",
            r"activities\.decide: data\.type: decision\.made has",
        ),
        (
            "      type_code: parking-permit\n",
            "",
            r"activities\.decide: data\.type_code: .*needs it",
        ),
        (
            '"yes": favourable',
            '"yes": fine',
            r"activities\.decide: data\.direction: 'fine' can't be",
        ),
        ("as: integer, text", "as: number, text", r"activities\.decide\.data\.legal_basis\.as: "),
        ('text: "§ {} StVO"', "text: StVO", r"activities\.decide\.data\.legal_basis\.text: "),
        (", pseudonym: decider", "", r"data\.decider: needs 'pseudonym: decider'"),
        ("{from: zone}", "{from: zone, pseudonym: case}", r"data\.features\.zone: takes no"),
        ("check: {ignore: inside", "check: {skip: inside", r"activities\.check\.skip: "),
        ("time: asked", "moment: asked", r"case_start\.time: Field required"),
        ("simulated: example.invalid", "simulated: karlsruhe.de", r"recipients\.simulated: "),
        ("carry: [result]", "carry: result", "carry: "),
        ("missing: [NONE]", "missing: [NONE", "no YAML"),
    ],
)
def test_an_error_names_its_field(right: str, wrong: str, message: str) -> None:
    assert right in MAPPING

    with pytest.raises(MappingInvalid, match=message):
        parse_mapping(MAPPING.replace(right, wrong), "the sample")


def test_an_activity_described_twice_is_an_error_not_a_silent_choice() -> None:
    with pytest.raises(MappingInvalid, match=r"'check'.*twice"):
        parse_mapping(MAPPING + "  check: {ignore: again}\n", "the sample")


def test_the_guides_example_is_valid() -> None:
    guide = Path(__file__).parents[6] / "docs" / "guide" / "import.md"
    example = guide.read_text().partition("```yaml\n")[2].partition("```")[0]

    assert parse_mapping(example, guide).name == "parking-permits"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match=r"nowhere\.yaml"):
        load_mapping(tmp_path / "nowhere.yaml")
