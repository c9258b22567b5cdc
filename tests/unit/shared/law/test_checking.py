"""The files of the law fit each other; what doesn't is told of all of them at once."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.serve import serve
from shared.configuration.places import LAW, ROOT
from shared.law.checking import FILES, LawFiles
from shared.law.commands import law
from shared.law.decision_types import DecisionTypes
from shared.law.errors import LawInvalid

TRADE_OFFICE = ROOT / "deploy/examples/trade-office/law"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped law, to be spoiled."""
    for name in FILES:
        shutil.copy(LAW / name, tmp_path / name)
    return tmp_path


def spoil(path: Path, right: str, wrong: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")


@pytest.mark.parametrize("there", [LAW, TRADE_OFFICE], ids=["shipped", "trade-office"])
def test_a_law_that_ships_can_be_used(there: Path) -> None:
    assert LawFiles.read(there).types.codes
    assert CliRunner().invoke(law, ["check", str(there)]).exit_code == 0


def test_the_folder_of_the_environment_is_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLEICHFALL_LAW", str(TRADE_OFFICE))
    assert "GewO-35" in DecisionTypes.load().codes
    assert "AufenthG-18g" not in DecisionTypes.load().codes
    monkeypatch.setenv("GLEICHFALL_LAW", "")
    assert "AufenthG-18g" in DecisionTypes.load().codes


def test_what_is_wrong_in_any_file_is_told_at_once_by_file_line_and_field(folder: Path) -> None:
    spoil(folder / "decision_types.yaml", "group: education", "group: educaton")
    spoil(folder / "time_limits.yaml", "months: 3", "months: 0")
    (folder / "statutes.yaml").unlink()
    with pytest.raises(LawInvalid) as caught:
        LawFiles.read(folder)
    told = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in told] == [
        f"{folder / 'statutes.yaml'}, line 1",
        f"{folder / 'decision_types.yaml'}, line 42, types.0.group",
        f"{folder / 'time_limits.yaml'}, line 5, limits.0.months",
    ]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        (
            "time_limits.yaml",
            "FreizuegG/EU-7]",
            "FreizuegG/EU-8]",
            "there is no decision type FreizuegG/EU-8 (did you mean FreizuegG/EU-",
        ),
        (
            "participation.yaml",
            "type: AufenthG-18a",
            "type: GewO-35",
            "rules.0.type: there is no decision type GewO-35",
        ),
        (
            "decision_types.yaml",
            "legal_basis: § 16a AufenthG",
            "legal_basis: § 16a AufenthGB",
            "types.0.legal_basis: cites no statute of statutes.yaml",
        ),
    ],
)
def test_what_one_file_says_of_another_must_be_there(
    folder: Path, file: str, right: str, wrong: str, said: str
) -> None:
    spoil(folder / file, right, wrong)
    with pytest.raises(LawInvalid) as caught:
        LawFiles.read(folder)
    assert said in str(caught.value)


@pytest.mark.parametrize("service", ["intake", "workbench"])
def test_no_process_starts_with_a_broken_law(
    folder: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    spoil(folder / "participation.yaml", "body: bamf", "bodi: bamf")
    monkeypatch.setenv("GLEICHFALL_LAW", str(folder))
    refusal = CliRunner().invoke(serve, [service]).exception
    assert isinstance(refusal, LawInvalid)
    assert "rules.2.bodi: is unknown here (did you mean body?)" in str(refusal)
