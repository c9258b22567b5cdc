"""What the project says of itself where it is published: one licence, a description that holds."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from shared.configuration.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DESCRIBED: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))


def refused(described: dict[str, Any], tmp_path: Path) -> bool:
    """Ask what `make check` asks."""
    file = tmp_path / "publiccode.yml"
    file.write_text(yaml.safe_dump(described), encoding="utf-8")
    schema = ROOT / "deploy" / "publiccode.schema.json"
    answer = CliRunner().invoke(check_jsonschema, ["--schemafile", str(schema), str(file)])
    assert answer.exit_code in {0, 1}, answer.output
    return answer.exit_code == 1


def test_one_licence_everywhere() -> None:
    assert PROJECT["license"] == DESCRIBED["legal"]["license"] == "EUPL-1.2"
    first = (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines()[0].strip()
    assert first == "EUROPEAN UNION PUBLIC LICENCE v. 1.2"


def test_the_changelog_knows_the_version_or_says_that_none_was_released() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = f"## [{PROJECT['version']}]" in changes
    assert released != ("Nothing was released yet" in changes)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("developmentStatus",), "nearly done"),
        (("legal",), {"licence": "EUPL-1.2"}),
        (("categories",), ["asylum"]),
        (("maintenance", "type"), "contract"),
        (("description", "de", "shortDescription"), "x" * 151),
        (("description", "de", "longDescription"), "short"),
        (("a_key_that_no_catalogue_reads",), True),
    ],
)
def test_a_description_that_no_catalogue_would_read_is_refused(
    place: tuple[str, ...], wrong: Any, tmp_path: Path
) -> None:
    broken = deepcopy(DESCRIBED)
    section = broken
    for step in place[:-1]:
        section = section[step]
    section[place[-1]] = wrong
    assert refused(broken, tmp_path)


def test_our_description_is_not_refused(tmp_path: Path) -> None:
    assert not refused(DESCRIBED, tmp_path)
