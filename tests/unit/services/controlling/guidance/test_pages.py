"""The pages of guidance, in both languages, with everything that can stand there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from uuid import UUID

import pytest

from services.controlling.accounts.account import Role
from services.controlling.guidance.article import Article, Fault, Said, Text
from services.controlling.guidance.markdown import as_html
from services.controlling.guidance.pages import Asked, Written
from services.controlling.guidance.store import Version
from services.controlling.practice.free_text import Sign, Suspicion
from services.controlling.practice.naming import Naming
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Caching, Content
from shared.web.pages.selection import Wanted
from shared.web.pages.words import Language
from tests.unit.services.controlling.forms.cases import LAW

ACCOUNT = UUID(int=1)
NOW, CHANGED = datetime(2026, 12, 1, 9, tzinfo=UTC), date(2027, 3, 1)
ORGANISED = load_organisation(ORGANISATION)
PAGES = Pages(FOLDERS, ORGANISED, Content.FORMS, Assets(KERN, *FOLDERS))
GERMAN = Text(title="<Anhören>", body="Erst **hören**.", example="Am 3. März.")
ENGLISH = Text(title="<Hear>", body="Hear first.")


@dataclass(frozen=True)
class Person:
    name: str = "Maria <Berger>"
    role: Role = Role.CONTROLLING
    id: UUID = ACCOUNT


def shown(template: str, language: Language, **values: object) -> str:
    page = PAGES.show(
        template, language, HTTPStatus.OK, Caching.PRIVATE, account=Person(), csrf="token",
        here="/guidance", navigation=(), switches=dict.fromkeys(Language, "/"), **values,
    )  # fmt: skip
    text = bytes(page.body).decode()
    assert "<Anhören>" not in text
    for catalogue in ("guidance.", "personal.", "sign."):
        assert f">{catalogue}" not in text, "a word is missing"
    return text


def article(*, english: bool = True, stale: bool = False, version: int = 2) -> Article:
    said = Said(norm="§ 28 VwVfG", de=GERMAN, en=ENGLISH if english else Text())
    return Article("anhoeren", version, said, NOW, CHANGED if stale else None)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stale", [0, 1, 2])
def test_the_list(language: Language, stale: int) -> None:
    articles = [article(), article(english=False, stale=True)]
    values = {"asked": Asked(Wanted()), "stale": stale, "writes": True}
    values["names"] = Naming(language, LAW, date(2027, 1, 1))
    full = shown("articles.html", language, articles=articles, further='["a", "b"]', **values)
    assert full.index("/guidance/anhoeren") < full.index('rel="next"')
    assert 'class="empty"' in shown("articles.html", language, articles=[], further=None, **values)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("english", [True, False])
@pytest.mark.parametrize("version", [1, 2])
def test_an_article(language: Language, version: int, *, english: bool) -> None:
    found = article(english=english, stale=version == 1, version=version)
    text = shown(
        "article.html",
        language,
        names=Naming(language, LAW, date(2027, 1, version)),
        article=found,
        text=found.text(language),
        translated=found.has(language),
        history=[Version(2, NOW, None), Version(1, NOW, CHANGED)],
        questions=["Wurde angehört?"],
        html=as_html,
        writes=True,
        done="written",
    )
    assert ("<strong>hören</strong>" in text) is (language is Language.GERMAN or not english)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "wrong",
    [
        {"lacks": list(Fault)},
        {"signs": [Suspicion(sign, "x") for sign in Sign]},
        {"newer": 3},
        {"taken": "anhoeren"},
    ],
)
def test_the_form_says_what_is_wrong(language: Language, wrong: dict[str, object]) -> None:
    values = {"lacks": [], "signs": [], "newer": None, "taken": None} | wrong
    key = "anhoeren" if "newer" in wrong else None
    text = shown("article_form.html", language, key=key, written=Written.of(article()), **values)
    assert ("Fehler" if language is Language.GERMAN else "Error") in text
    assert "&lt;Anhören&gt;" in text
