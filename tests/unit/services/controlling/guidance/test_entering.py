"""A file of articles."""

from pathlib import Path

import pytest

from deploy.demo.articles import PACKAGED
from services.controlling.guidance.entering import read_articles
from services.controlling.guidance.errors import ArticlesInvalid
from services.controlling.guidance.norm import fit
from shared.web.pages.words import Language
from tests.unit.services.controlling.forms.cases import CRITERIA


def test_what_comes_with_the_demo_is_whole_in_both_languages_and_on_what_is_asked() -> None:
    asked = [one.citation for one in CRITERIA.criteria]
    articles = read_articles(PACKAGED)
    assert len(articles) >= 6
    for said in articles.values():
        assert all(getattr(said, language.value) for language in Language)
        assert any(fit(said.norm, one) for one in asked)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("articles: {}", "articles"),
        ("articles: {Ä: {norm: § 1 X, de: {title: a, body: b}}}", "articles"),
        ("articles: {a: {norm: § 1 X, de: {title: a}}}", "lacks body"),
        ("articles: {a: {norm: § 1 X, de: {title: a, body: b}, en: {body: c}}}", "lacks title_en"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "articles.yaml"
    file.write_text(text)
    with pytest.raises(ArticlesInvalid, match=told):
        read_articles(file)
