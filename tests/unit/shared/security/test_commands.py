"""`gleichfall pseudonym`: what it takes, and what it refuses without quoting it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.security.commands import LineUnusable, pseudonym
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretMissing

KEY = bytes(range(32))


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "pseudonym_key").write_text(KEY.hex())
    return tmp_path


def called(secrets: Path, *words: str, of: bytes) -> Result:
    return CliRunner(env={"GLEICHFALL_SECRETS_DIR": str(secrets)}).invoke(
        pseudonym, words, input=of
    )


def test_each_line_becomes_the_pseudonym_of_what_stands_in_it(secrets: Path) -> None:
    made = called(secrets, "case", of=b" 4711\r\n4711 \n4711")

    names = Pseudonymiser(KEY)
    assert made.output.splitlines() == [
        names.of(PseudonymKind.CASE, text) for text in (" 4711", "4711 ", "4711")
    ]


@pytest.mark.parametrize("line", [b"\n", b" \n", b"M\xfcller\n"])
def test_a_line_without_an_identifier_is_named_by_its_number(secrets: Path, line: bytes) -> None:
    made = called(secrets, "case", of=b"4711\n" + line)

    assert isinstance(made.exception, LineUnusable)
    assert "line 2" in str(made.exception)
    assert "ller" not in str(made.exception)


@pytest.mark.parametrize(
    "words",
    [
        ("decider",),
        ("case", "--quarter", "2026-4"),
        ("decider", "--quarter", "2026-5"),
        ("decider", "--quarter", "2026-Q4"),
        ("decider", "--quarter", "0000-1"),
        ("person",),
    ],
)
def test_only_a_decider_has_a_quarter_and_needs_it(secrets: Path, words: tuple[str, ...]) -> None:
    assert called(secrets, *words, of=b"4711\n").exit_code == 2


def test_without_the_key_nothing_is_made(tmp_path: Path) -> None:
    made = called(tmp_path, "case", of=b"4711\n")

    assert isinstance(made.exception, SecretMissing)
    assert made.output == ""
