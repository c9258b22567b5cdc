"""`gleichfall import` as its user meets it, without a running intake."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.intake.importers.commands import import_log
from services.intake.importers.errors import LogBroken, LogUnknown, LogUnusable, MappingInvalid
from services.intake.importers.mapping.mapping_files import load_mapping
from shared.security.secrets import SecretMissing
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.unit.services.intake.importers.samples import CSV, MAPPING, write


def call(*arguments: str | Path) -> Result:
    return CliRunner(env={"GLEICHFALL_SECRETS_DIR": None, "INTAKE_URL": None}).invoke(
        import_log, [str(argument) for argument in arguments]
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write(tmp_path, "log.csv.gz", CSV)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write(tmp_path, "log.yaml", MAPPING)


def test_a_dry_run_needs_neither_intake_nor_secrets_and_ends_with_a_table(
    log: Path, rules: Path
) -> None:
    result = call(log, "--mapping", rules, "--dry-run")

    assert result.exit_code == 0
    assert "2 cases" in result.stdout
    assert "would be sent" in result.stdout
    assert "decide: " not in result.stdout
    assert "check: inside the authority" in result.stdout
    assert "unheard of: no mapping" in result.stdout


def test_json_is_one_object_and_nothing_else(log: Path, rules: Path) -> None:
    numbers = json.loads(call(log, "--mapping", rules, "--dry-run", "--json").stdout)

    assert numbers["cases"] == 2
    assert numbers["events"] == 9
    assert numbers["events"] == sum(
        numbers[fate] for fate in ("accepted", "duplicate", "changed", "ignored", "refused")
    )


def test_a_damaged_log_gives_the_numbers_first_and_then_the_place(
    tmp_path: Path, rules: Path
) -> None:
    whole = gzip.compress(CSV.encode() + os.urandom(100_000))
    log = tmp_path / "log.csv.gz"
    log.write_bytes(whole[: len(whole) // 2])

    result = call(log, "--mapping", rules, "--dry-run", "--json")

    assert json.loads(result.stdout)["events"] >= 9
    assert isinstance(result.exception, LogBroken)
    assert "the gzip data end in the middle" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "failure", "says"),
    [
        (["nowhere.csv", "--dry-run"], LogUnusable, "No such file"),
        (["LOG", "--dry-run"], LogUnknown, "--propose"),
        (["LOG", "--dry-run", "--mapping", "LOG"], MappingInvalid, "can't read the mapping"),
        (
            ["LOG", "--mapping", "RULES", "--url", "http://127.0.0.1:1"],
            SecretMissing,
            "GLEICHFALL_SECRETS_DIR",
        ),
    ],
)
def test_a_known_failure_prints_no_numbers(
    log: Path, rules: Path, arguments: list[str], failure: type[Exception], says: str
) -> None:
    paths = {"LOG": log, "RULES": rules}

    result = call(*(paths.get(argument, argument) for argument in arguments))

    assert isinstance(result.exception, failure)
    assert says in str(result.exception)
    assert result.stdout == ""


def test_without_an_address_of_intake_the_options_are_explained(log: Path, rules: Path) -> None:
    result = call(log, "--mapping", rules)

    assert result.exit_code == 2
    assert "--dry-run" in result.stderr


def test_a_proposal_is_printed_or_written_but_never_over_another(
    tmp_path: Path, log: Path, rules: Path
) -> None:
    out = tmp_path / "proposed.yaml"

    assert call("--propose", log).stdout.startswith("# Proposed for 'log.csv.gz'")
    assert call("--propose", log, "--out", out).exit_code == 0
    assert load_mapping(out).log.activity == "step"
    assert call("--propose", log, "--out", rules).exit_code == 2
    assert rules.read_text() == MAPPING


@needs_knowledge
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "receipt.xes.gz",
            {"cases": 1_434, "events": 8_577, "accepted": 4_217, "ignored": 4_359, "refused": 1},
        ),
        (
            "traffic_fines_2000_2006.csv.gz",
            {"cases": 11_225, "events": 49_678, "accepted": 41_901, "ignored": 7_777, "refused": 0},
        ),
        (
            "domestic_declarations_2017_2018.csv.gz",
            {
                "cases": 10_357,
                "events": 55_628,
                "accepted": 45_579,
                "ignored": 10_049,
                "refused": 0,
            },
        ),
    ],
)
def test_every_event_of_the_real_logs_is_accounted_for(file: str, expected: dict[str, int]) -> None:
    assert KNOWLEDGE is not None

    result = call(KNOWLEDGE / "data" / file, "--dry-run", "--json")
    numbers: dict[str, Any] = json.loads(result.stdout)

    assert result.exit_code == 0
    assert {name: numbers[name] for name in expected} == expected
    assert "no mapping" not in str(numbers["refused_by_reason"])


def test_what_was_refused_is_told_with_its_lines_and_all_of_it_in_a_file(
    tmp_path: Path, rules: Path
) -> None:
    header, *rows = CSV.splitlines()
    strange = next(row for row in rows if "unheard of" in row)
    log = write(tmp_path, "log.csv", "\n".join([header, *rows, *[strange] * 6]) + "\n")
    first = rows.index(strange) + 2
    appended = [len(rows) + 2 + number for number in range(6)]
    everything = tmp_path / "refused.csv"

    options = ("--mapping", rules, "--dry-run", "--refused", everything)
    told = call(log, *options).stdout

    noted = ", ".join(map(str, [first, *appended[:4]]))
    assert f"unheard of: no mapping (lines {noted} and 2 more)" in told
    head, *table = everything.read_text(encoding="utf-8").splitlines()
    assert head == "line,activity,reason"
    assert [f"{line},unheard of,no mapping" for line in (first, *appended)] == [
        row for row in table if "unheard of" in row
    ]
    numbers = json.loads(call(log, *options, "--json").stdout)
    assert numbers["refused"] == len(table)
    assert numbers["refused_lines"]["unheard of: no mapping"] == [first, *appended[:4]]
