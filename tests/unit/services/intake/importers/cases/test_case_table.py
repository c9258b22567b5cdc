"""A log becomes a table of cases that tells what happened, and never who decided."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.intake.importers.commands import import_log
from services.intake.importers.errors import MappingInvalid
from services.intake.importers.mapping.mapping_files import shipped_mappings
from tests.unit.services.intake.importers.samples import CSV, MAPPING, mapping, write

CASES = """
cases:
  decided_on: {from: at, as: date, of: [decide]}
  year: {from: at, as: year}
  article: {from: article, as: integer, text: "§ {}"}
  granted: {from: result, among: ["yes"]}
  objected: {happened: [object]}
  slow: {later: at, than: asked, of: [decide]}
  price: {from: zone, as: integer}
"""


def table(folder: Path, columns: str = CASES) -> tuple[list[dict[str, str]], str]:
    out = folder / "cases.csv"
    words = [
        write(folder, "log.csv", CSV),
        *("--mapping", write(folder, "log.yaml", MAPPING + columns)),
        *("--cases", out),
    ]
    runner = CliRunner(env={"GLEICHFALL_SECRETS_DIR": None, "INTAKE_URL": None})
    result = runner.invoke(import_log, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), result.stdout


def test_each_case_is_a_row_with_what_happened_to_it(tmp_path: Path) -> None:
    (first, second), said = table(tmp_path)
    assert first.pop("case").startswith("case-")
    assert first == {
        "decided_on": "2025-03-31",
        "year": "2025",
        "article": "§ 46",
        "granted": "no",
        "objected": "yes",
        "slow": "yes",
        "price": "",
    }
    assert (second["granted"], second["objected"]) == ("yes", "no")
    assert said.startswith("2 cases in ")
    assert said.endswith("9 values can't be read\n")


def test_cases_that_a_spreadsheet_made_one_of_are_left_out_and_counted(tmp_path: Path) -> None:
    header, first, *others = CSV.splitlines()
    lost = first.replace("P1", "1.2E+11", 1)
    log = write(tmp_path, "lost.csv", "\n".join([header, first, lost, *others]))
    out = tmp_path / "cases.csv"
    words = [log, "--mapping", write(tmp_path, "log.yaml", MAPPING + CASES), "--cases", out]
    result = CliRunner().invoke(import_log, [str(word) for word in words], catch_exceptions=False)

    assert result.stdout.startswith("2 cases in ")
    assert "10 values can't be read" in result.stdout


def test_what_the_log_does_not_tell_is_empty(tmp_path: Path) -> None:
    rows, _ = table(tmp_path, "\ncases:\n  granted: {from: result, among: ['yes'], of: [answer]}\n")
    assert [row["granted"] for row in rows] == ["", ""]


@pytest.mark.parametrize("rule", ["{from: officer}", "{from: officer, among: [Meyer]}"])
def test_no_column_may_tell_who_decided(rule: str) -> None:
    with pytest.raises(MappingInvalid, match="'officer' tells who decided"):
        mapping(MAPPING + f"\ncases:\n  who: {rule}\n")
    for shipped in shipped_mappings():
        assert not {"resource", "officer", "decider"} & set(shipped.cases)


def test_a_mapping_without_columns_says_so(tmp_path: Path) -> None:
    words = [
        write(tmp_path, "log.csv", CSV),
        *("--mapping", write(tmp_path, "log.yaml", MAPPING)),
        *("--cases", tmp_path / "cases.csv"),
    ]
    result = CliRunner().invoke(import_log, [str(word) for word in words])
    assert result.exit_code == 2
    assert "has no columns under 'cases'" in result.output
