"""A text in the place of another language is noticed, in every pair of our six languages."""

import shutil
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from services.notify.messages.file import FOLDER, SHORT_TEXTS, Texts
from services.notify.preview.commands import check
from services.notify.preview.foreign import Foreign, foreign_texts
from services.notify.preview.language import language_of

LANGUAGES = ("ar", "de", "en", "fr", "tr", "uk")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped texts, to be spoiled."""
    copy = tmp_path / "messages"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def test_no_shipped_text_is_taken_for_another_language() -> None:
    assert list(foreign_texts(Texts())) == []


@pytest.mark.parametrize(("place", "written"), list(permutations(LANGUAGES, 2)))
def test_every_shipped_text_is_noticed_in_the_place_of_every_other_language(
    place: str, written: str, folder: Path
) -> None:
    expected = set()
    for path in folder.glob(f"**/*{place}.md"):
        other = path.with_name(path.name.replace(f"{place}.md", f"{written}.md"))
        if other.exists():
            expected.add(path)
    texts = {
        path: path.with_name(path.name.replace(f"{place}.md", f"{written}.md")).read_bytes()
        for path in expected
    }
    for path, text in texts.items():
        path.write_bytes(text)
    for path in folder.glob(f"*/{SHORT_TEXTS}"):
        short = yaml.safe_load(path.read_text(encoding="utf-8"))
        short[place] = short[written]
        path.write_text(yaml.safe_dump(short, allow_unicode=True), encoding="utf-8")
        expected.add(path)
    for name in ("documents", "letter"):
        shutil.copy(folder / f"{name}.{written}.yaml", folder / f"{name}.{place}.yaml")
        expected.add(folder / f"{name}.{place}.yaml")

    found = list(foreign_texts(Texts(folder)))

    assert {(one.expected, one.found) for one in found} == {(place, written)}
    assert {one.file for one in found} == expected
    assert len(found) == len(expected) > 50


@pytest.mark.parametrize("text", ["", "((authority)), ((phone))", "Kaiserallee 8, 76133", "OK"])
def test_what_is_in_no_language_is_not_judged(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wir brauchen von Ihnen noch eine Unterlage. Bringen Sie sie bitte zum Termin mit."),
        ("en", "We need one more document from you. Please bring it to your appointment."),
        ("fr", "Il nous manque un document. Apportez-le à votre rendez-vous, s'il vous plaît."),
        ("tr", "Sizden bir belge daha istiyoruz. Lütfen randevunuza getirin."),
        ("uk", "Нам потрібен від вас ще один документ. Принесіть його на прийом."),
        ("ar", "نحتاج منك وثيقة أخرى. أحضرها معك إلى الموعد."),
    ],
)
def test_a_text_that_nobody_has_shipped_is_told_as_well(language: str, text: str) -> None:
    assert language_of(text) == language


def test_the_check_names_the_file_and_both_languages(folder: Path) -> None:
    turkish = folder / "case_closed" / "tr.md"
    shutil.copy(folder / "case_closed" / "de.md", turkish)

    assert list(foreign_texts(Texts(folder))) == [Foreign(turkish, "tr", "de")]
    result = CliRunner().invoke(check, [str(folder)])

    assert result.exit_code == 1
    assert f"{turkish}: the text for tr is written in de" in result.output.splitlines()


def test_what_is_wrong_in_several_texts_is_told_at_once_with_lines(folder: Path) -> None:
    booked = folder / "appointment_booked" / "message.yaml"
    text = booked.read_text(encoding="utf-8")
    booked.write_text(text.replace("legal_class: information", "legal_class: gossip"), "utf-8")
    (folder / "case_closed" / "fr.md").write_text("Bonjour\n\n((qui))", "utf-8")
    (folder / "hearing_sent" / "uk.md").write_text("Тема: слухання\n\n((хто))", "utf-8")
    line = text[: text.index("legal_class")].count("\n") + 1

    refusal = str(CliRunner().invoke(check, [str(folder)]).exception).splitlines()

    assert any(one.startswith(f"{booked}: line {line}, legal_class: ") for one in refusal)
    assert any("case_closed/fr.md: the first line must be the subject" in one for one in refusal)
    assert any("hearing_sent/uk.md: takes unknown values" in one for one in refusal)
