"""The organisation changes: every unit there was is followed to who took its decisions over."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from shared.configuration.places import ORGANISATION
from shared.organisation.commands import organisation as command
from shared.organisation.errors import UnitVanished
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation

SHIPPED = load_organisation(ORGANISATION)


def with_units(**changed: dict[str, Any]) -> Organisation:
    """Karlsruhe's, with other units; `unit_2` is unit-2."""
    units = [
        unit.model_copy(update=changed.get(unit.key.replace("-", "_"), {}))
        for unit in SHIPPED.units
    ]
    return SHIPPED.model_copy(update={"units": tuple(units)})


RENAMED = with_units(unit_2={"formerly": ("arbeit",)})
MERGED = with_units(unit_3={"formerly": ("family-1", "family-2")})
SPLIT = with_units(unit_1={"split_from": ("sg-a",)}, unit_3={"split_from": ("sg-a",)})
CARVED = with_units(unit_4={"split_from": ("unit-3",)})
"""A new unit that took something over of one that goes on."""


@pytest.mark.parametrize(
    ("organisation", "unit", "group", "today"),
    [
        (SHIPPED, "unit-2", "work", "unit-2"),
        (SHIPPED, "unit-9", "work", "unit-9"),
        (RENAMED, "arbeit", "work", "unit-2"),
        (RENAMED, "arbeit", "family", "unit-2"),
        (MERGED, "family-1", "family", "unit-3"),
        (MERGED, "family-2", "permanent", "unit-3"),
        (SPLIT, "sg-a", "education", "unit-1"),
        (SPLIT, "sg-a", "family", "unit-3"),
        (SPLIT, "sg-a", "unlisted", "sg-a"),
        (CARVED, "unit-3", "family", "unit-3"),
        (CARVED, "unit-3", "humanitarian", "unit-4"),
    ],
)
def test_decisions_of_a_unit_belong_to_who_took_their_group_over(
    organisation: Organisation, unit: str, group: str, today: str
) -> None:
    assert organisation.unit_now(unit, group) == today
    if unit != today:
        assert unit in organisation.former_units(today, group)


def test_a_former_unit_has_the_name_of_its_successor() -> None:
    assert RENAMED.unit_name("arbeit", "de") == SHIPPED.unit_name("unit-2", "de")
    assert SPLIT.unit_name("sg-a", "de") == "sg-a"


@pytest.mark.parametrize("organisation", [RENAMED, MERGED, SPLIT, CARVED])
def test_a_unit_whose_successor_is_named_may_go(organisation: Organisation) -> None:
    organisation.require_successors(organisation.keys_of_units)


def test_a_unit_that_vanishes_is_refused_by_name() -> None:
    with pytest.raises(UnitVanished, match=r"what became of arbeit, sg-a; name it under formerly"):
        SHIPPED.require_successors(["unit-1", "sg-a", "arbeit"])


def test_check_compares_with_the_file_that_held_until_now(tmp_path: Path) -> None:
    document = yaml.safe_load(ORGANISATION.read_text(encoding="utf-8"))
    document["units"][1]["key"] = "arbeit"
    file = tmp_path / "next.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    words = ["check", str(file), "--before", str(ORGANISATION)]
    with pytest.raises(UnitVanished, match="what became of unit-2"):
        CliRunner().invoke(command, words, catch_exceptions=False)
    document["units"][1]["formerly"] = ["unit-2"]
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    assert CliRunner().invoke(command, words, catch_exceptions=False).exit_code == 0
