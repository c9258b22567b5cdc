"""What an entry is about has a name, and a link for who may follow it."""

from pathlib import Path

import pytest

from deploy.secrets.files import create_missing
from services.controlling.accounts.access import Call, access_table
from services.controlling.audit_log.objects import KINDS, LISTS, sought, thing
from services.controlling.workbench.app import FOLDERS, create_app
from services.controlling.workbench.settings import Settings
from shared.web.pages.words import FOLDER, Language, load_words

WORDS = load_words([FOLDER, *FOLDERS])
GERMAN = WORDS[Language.GERMAN].gettext


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("finding-12", "Befund 12", "/findings/12"),
        ("measure-3", "Maßnahme 3", "/measures/3"),
        ("guidance:anhoerung", "Artikel anhoerung", "/guidance/anhoerung"),
        ("guidance:../x", "Artikel ../x", "/guidance/..%2Fx"),
        ("review:7f", "Prüfung 7f", "/reviews/7f"),
        ("results:2026-05", "Ergebnisse 2026-05", "/results?period=2026-05"),
        ("account:7f", "Konto 7f", None),
        ("decision-7f", "Entscheidung 7f", None),
        ("findings", "Liste: Befunde", "/findings"),
        ("messages:case-7f", "Nachrichten case-7f", None),
        ("message-statistics", "Liste: Zahlen zu Nachrichten", None),
        ("sign-in", "Anmeldung", None),
        ("GET /board", "GET /board", None),
        ("unheard:of", "unheard:of", None),
    ],
)
def test_what_it_is_about_is_named_and_leads_there(
    text: str, name: str, address: str | None
) -> None:
    found = thing(text, GERMAN, lambda _: True)
    assert (found.name, found.address) == (name, address)
    assert thing(text, GERMAN, lambda _: False).address is None, "nothing that they may not open"


def test_every_page_that_it_may_lead_to_is_one(tmp_path: Path) -> None:
    create_missing(tmp_path)
    nowhere = "postgresql://nobody@127.0.0.1:1/x"
    table = access_table(create_app(Settings(database_url=nowhere, secrets_directory=tmp_path)))
    pages = [kind.page for kind in KINDS if kind.page is not None]
    assert [one for one in (*pages, *LISTS.values()) if Call("GET", one) not in table] == []


@pytest.mark.parametrize("language", Language)
def test_every_name_is_a_word(language: Language) -> None:
    keys = [f"audit.object.{kind.key}" for kind in KINDS]
    keys += [f"audit.object.list.{one}" for one in LISTS]
    assert [key for key in keys if WORDS[language].gettext(key) == key] == []


def test_what_is_read_is_found() -> None:
    assert "finding-12" in sought("befund 12", GERMAN)
    assert "guidance:anhoerung" in sought("Artikel anhoerung", GERMAN)
    assert "decision-7f" in sought("Entscheidung 7f", GERMAN)
    assert sought("review:7f", GERMAN) == ["review:7f"]
    assert sought("Maria Berger", GERMAN) == ["Maria Berger"]
