"""`gleichfall criteria`, as somebody types it."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.controlling.forms.catalogue import PACKAGED
from services.controlling.forms.commands import NothingDecided, TypeUnknown, criteria
from services.controlling.forms.criteria_schema import schema
from shared.events.catalogue.case import HearingAnswered, HearingSent
from shared.events.event import encode
from shared.events.json_format import to_document
from tests.unit.services.controlling.forms.cases import CRITERIA, events, expulsion

CASE = b"\n".join(
    to_document(encode(one))
    for one in events(
        [(date(2026, 5, 30), HearingSent()), (date(2026, 6, 8), HearingAnswered())], expulsion()
    )
)


def run(*words: str, given: bytes = b"") -> Result:
    return CliRunner().invoke(criteria, words, input=given)


def test_check_says_version_and_digest_of_what_comes_with_the_system() -> None:
    found = run("check")

    assert found.exit_code == 0
    count = len(CRITERIA.criteria)
    assert (
        f"version {CRITERIA.version}, digest {CRITERIA.digest}, criteria: {count}" in found.output
    )


def test_check_lists_all_that_is_wrong_and_leaves_with_1(tmp_path: Path) -> None:
    text = PACKAGED.read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("AufenthG-11,", "AufenthG-11x,").replace("[conditions]", "[c]"))
    found = run("check", str(path))

    assert found.exit_code == 1
    assert "there is no decision type AufenthG-11x" in found.output
    assert "there is no group c;" in found.output
    assert all(line.startswith(f"{path}, line ") for line in found.output.splitlines())


def test_schema_is_printed() -> None:
    assert run("schema").output == f"{schema()}\n"


def test_show_prints_the_form_in_words_a_direction_after_the_other() -> None:
    found = run("show", "AufenthG-18g", "--on", "2026-06-17").output

    assert found.count("War die Behörde zuständig, die entschieden hat?") == 2
    assert "Blaue Karte EU · begünstigend · 2026-06-17 · " in found
    assert "( ) Kleiner Fehler" in found


def test_show_gives_one_direction_as_json() -> None:
    words = ("AufenthG-18g", "--direction", "adverse", "--language", "en", "--json")
    (form,) = json.loads(run("show", *words).output)["forms"]

    assert (form["direction"], form["digest"]) == ("adverse", CRITERIA.digest)
    hearing = next(one for one in form["questions"] if one["code"] == "V1")
    assert hearing["question"].startswith("Was the person concerned heard")
    assert (hearing["norm"], hearing["consequence"]) == ("§ 28 VwVfG", ["healable"])


def test_show_of_an_unknown_type_says_what_was_perhaps_meant() -> None:
    failure = run("show", "AufenthG-18j").exception

    assert isinstance(failure, TypeUnknown)
    assert "did you mean AufenthG-18" in str(failure)


def test_answer_shows_each_answer_with_its_evidence() -> None:
    found = run("answer", "-", given=CASE).output

    assert "\nV1   Richtig " in found
    assert "Anhörung am 30. Mai 2026, 18 Tage vor dem Bescheid; Antwort am 8. Juni 2026." in found
    assert "- 2026-05-30 gleichfall.hearing.sent.v1" in found
    assert "F4   Aus den Ereignissen nicht zu sagen\n" in found


def test_answer_gives_the_same_as_json() -> None:
    words = ("answer", "-", "--language", "en", "--json")
    (found,) = json.loads(run(*words, given=CASE).output)["decisions"]
    hearing = next(one for one in found["answers"] if one["code"] == "V1")

    assert (hearing["grade"], hearing["sentence"]) == ("correct", "heard_and_answered")
    assert hearing["values"] == {"sent": "2026-05-30", "before": 18, "answered": "2026-06-08"}
    assert next(one for one in found["answers"] if one["code"] == "F4")["grade"] is None


@pytest.mark.parametrize("given", [b"", CASE.splitlines()[0]])
def test_answer_without_a_decision_says_what_is_missing(given: bytes) -> None:
    assert isinstance(run("answer", "-", given=given).exception, NothingDecided)
