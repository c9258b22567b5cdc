import shutil
from pathlib import Path

import pytest

from services.notify.messages.file import FOLDER, Texts
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.operation import edition as editions
from services.notify.operation.edition import Edition, opened
from shared.configuration.places import ROOT
from shared.organisation.file import load_organisation

HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
SENDER = Sender("Amt", "amt@example.org")


def test_the_same_texts_and_settings_are_one_edition() -> None:
    assert Edition.current(HERE, SENDER) == Edition.current(HERE, SENDER)


def test_every_change_of_text_authority_or_sender_is_another_edition(tmp_path: Path) -> None:
    folder = tmp_path / "messages"
    shutil.copytree(FOLDER, folder)
    (folder / "closing.de.md").write_text("Neu.\n", encoding="utf-8")
    moved = HERE.model_copy(
        update={"authority": HERE.authority.model_copy(update={"place": "Durlach"})}
    )

    found = {
        Edition.current(HERE, SENDER).digest,
        Edition.current(HERE, SENDER, Texts(folder)).digest,
        Edition.current(moved, SENDER).digest,
        Edition.current(HERE, Sender("Amt", "neu@example.org")).digest,
    }

    assert len(found) == 4


def test_an_old_edition_writes_its_own_words_whatever_has_changed_since(tmp_path: Path) -> None:
    folder = tmp_path / "messages"
    shutil.copytree(FOLDER, folder)
    path = folder / "case_closed" / "de.md"
    path.write_text(f"{path.read_text()}\nBis bald.\n", encoding="utf-8")
    old = opened(Edition.current(HERE, SENDER, Texts(folder)).document)

    texts, authority = old.materials.messages, old.materials.organisation
    rendered = render(texts.by_name["case_closed"], "de", {}, authority)

    assert "Bis bald." in rendered.text
    assert (authority, old.materials.sender, old.renewed) == (HERE, SENDER, ())


def test_an_edition_tells_which_software_has_changed_since(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Edition.current(HERE, SENDER).document
    monkeypatch.setattr(editions, "version", lambda name: "99" if name == "babel" else "0")

    assert "babel" in opened(kept).renewed
