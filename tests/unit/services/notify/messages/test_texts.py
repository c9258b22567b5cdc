"""An authority brings texts of its own, which stand in the place of those that are shipped."""

from pathlib import Path
from shutil import copytree

import pytest

from services.notify.messages.catalogue import load_messages
from services.notify.messages.errors import MessagesInvalid
from services.notify.messages.examples import examples
from services.notify.messages.file import FOLDER, Texts
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.operation.edition import Edition, opened
from services.notify.plain_language.wording import load_wording
from services.notify.preview.brevity import too_long
from services.notify.preview.foreign import foreign_texts
from services.notify.preview.readability import judge_messages
from shared.configuration.places import ROOT, TEXTS_VARIABLE
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

OFFICE = ROOT / "deploy/examples/trade-office"
HERE = load_organisation(OFFICE / "organisation.yaml")
TRADE = Texts(own=OFFICE / "texts")
MESSAGES = load_messages(TRADE)


def whole(name: str, language: str = "de") -> str:
    kind = MESSAGES.by_name[name]
    found = render(kind, language, examples(kind, HERE)[""], HERE, way=Channel.LETTER)
    return f"{found.subject}\n{found.text}"


def test_a_message_of_their_own_stands_in_the_place_of_the_shipped_one() -> None:
    assert "Reisegewerbe" in whole("card_ready")
    assert "Aufenthaltstitel" not in "".join(map(whole, MESSAGES.by_name))
    shipped = load_messages(Texts())
    assert "Reisegewerbe" not in shipped.by_name["card_ready"].texts["de"].source
    assert MESSAGES.by_name.keys() == shipped.by_name.keys()


@pytest.mark.parametrize("language", ["de", "en", "fr", "tr", "uk", "ar"])
def test_every_document_of_the_organisation_has_a_name_in_every_language(language: str) -> None:
    named = MESSAGES.by_name["documents_requested"].texts[language].documents
    assert named.keys() == set(HERE.vocabulary.documents)


def test_the_trade_offices_texts_are_as_plain_and_short_as_those_that_ship() -> None:
    judged = list(judge_messages(MESSAGES, load_wording(), HERE))
    assert [one for one in judged if not one.verdict.passed] == []
    assert list(too_long(MESSAGES, HERE)) == []
    assert list(foreign_texts(TRADE)) == []


def test_what_left_can_be_written_again_though_the_texts_are_others_by_now() -> None:
    edition = Edition.current(HERE, Sender("Amt", "amt@example.org"), TRADE)
    assert edition != Edition.current(HERE, Sender("Amt", "amt@example.org"), Texts())
    assert opened(edition.document).materials.messages == MESSAGES


def test_they_are_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_messages() == load_messages(Texts())
    monkeypatch.setenv(TEXTS_VARIABLE, str(OFFICE / "texts"))
    assert load_messages() == MESSAGES


def test_of_a_message_that_is_brought_nothing_shipped_is_left(tmp_path: Path) -> None:
    (tmp_path / "card_ready").mkdir()
    for name in ("message.yaml", "de.md"):
        (tmp_path / "card_ready" / name).write_text(
            (OFFICE / "texts" / "card_ready" / name).read_text()
        )
    found = load_messages(Texts(own=tmp_path)).by_name["card_ready"]
    assert found.texts.keys() == {"de"}
    assert not found.texts["de"].brief
    kept = Edition.current(HERE, Sender("Amt", "amt@example.org"), Texts(own=tmp_path))
    assert opened(kept.document).materials.messages.by_name["card_ready"] == found


def faults(own: Path) -> list[str]:
    with pytest.raises(MessagesInvalid) as refusal:
        load_messages(Texts(own=own))
    return [line.strip() for line in str(refusal.value).splitlines()]


def test_what_has_a_dot_in_front_is_passed_over(tmp_path: Path) -> None:
    own = tmp_path / "texts"
    copytree(OFFICE / "texts", own)
    (own / ".gitkeep").touch()
    (own / ".git").mkdir()
    copytree(own / "card_ready", own / ".before")
    (own / "card_ready" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1\xff")
    (own / "card_ready" / "._de.md").write_bytes(b"\0\5\x16\7\xff")
    assert load_messages(Texts(own=own)) == MESSAGES


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    own = tmp_path / "texts"
    copytree(OFFICE / "texts", own)
    (own / "documents.fr.yaml").write_text('floor-plan: "Plan des locaux"\n')
    (own / "opening.md").write_text("Hallo")
    (own / "card_ready" / "notes.txt").write_text("to do")
    (own / "case_closed").mkdir()
    (own / "permit_expiring" / "en.md").write_text("no subject\n")
    told = "\n".join(faults(own))
    for named in (
        "documents.fr.yaml",
        "opening.md",
        "card_ready/notes.txt",
        "case_closed/message.yaml",
        "permit_expiring/en.md",
    ):
        assert named in told


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert TEXTS_VARIABLE in "".join(faults(tmp_path / "nowhere"))


def test_a_file_beside_the_messages_is_taken_alone(tmp_path: Path) -> None:
    shipped = (FOLDER / "opening.de.md").read_text()
    (tmp_path / "opening.de.md").write_text(shipped.replace("Guten Tag", "Grüß Gott"))
    greeted = load_messages(Texts(own=tmp_path)).by_name["card_ready"].texts
    assert greeted["de"].source.startswith("Grüß Gott")
    assert greeted["en"] == load_messages(Texts()).by_name["card_ready"].texts["en"]
