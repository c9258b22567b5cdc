"""The words on controlling's pages: all there, and plain."""

from itertools import chain
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from services.controlling.accounts.account import Role
from services.controlling.entrance import pages as entrance
from services.controlling.periods.deadlines import Promise, Stage
from services.controlling.proof import pages
from services.notify.plain_language.verdict import judge
from services.notify.plain_language.wording import load_wording
from shared.events.vocabulary import Direction, WitnessRole
from shared.web.pages.words import FOLDER, Language, load_words

FOLDERS = [FOLDER, Path(pages.__file__).parent]
WORDS = load_words(FOLDERS)
REFUSALS = (
    "missing", "unreadable", "unreadable_form", "unavailable", "forbidden", "outdated", "too_large",
)  # fmt: skip
BUILT = [
    "kern.error",
    *(f"draw.promise.{one}" for one in Promise),
    *(f"draws.lacks.{one}" for one in Promise if one is not Promise.PROVED),
    *(f"draw.{said}.{one}" for said in ("stage", "lead") for one in Stage),
    "draws.lacks.unwitnessed",
    "draws.lacks.incomplete",
    *(f"draw.witness.{one}" for one in WitnessRole),
    *(f"direction.{one}" for one in Direction),
    *(f"verify.{one}" for one in pages.WORDS),
    *(f"layout.in_{one}" for one in Language),
    *(f"refusal.{one}{part}" for one in REFUSALS for part in ("", ".advice")),
]
"""Keys that templates put together."""


def written() -> list[str]:
    """Give the keys that stand in templates."""
    methods = [("**.html", "jinja2.ext:babel_extract")]
    found = chain.from_iterable(extract_from_dir(folder, methods) for folder in FOLDERS)
    return [str(key) for _, _, key, _, _ in found]


@pytest.mark.parametrize("language", list(Language))
def test_every_key_of_every_template_has_words(language: Language) -> None:
    keys = [key for key in written() if not key.endswith(".")] + BUILT
    assert "draw.commitment" in keys
    assert [key for key in keys if WORDS[language].gettext(key) == key] == []


def test_no_words_are_kept_that_nothing_says() -> None:
    used = {*written(), *BUILT}
    catalogue = WORDS[Language.GERMAN]._catalog
    assert [key for key in catalogue if key and key not in used] == []


@pytest.mark.parametrize("language", list(Language))
def test_who_watched_is_called_as_at_the_workbench(language: Language) -> None:
    called = load_words([Path(entrance.__file__).parent])[language]
    both = set(WitnessRole) & set(Role)
    assert {"auditor", "staff_council"} <= both
    for role in both:
        name = called.gettext(f"role.{role}")
        assert WORDS[language].gettext(f"draw.witness.{role}") == name
        told = role if language is Language.ENGLISH else name  # as the programs tell it
        assert WORDS[language].gettext(f"verify.is_{role}").casefold() == told.casefold()


def test_what_people_read_is_plain_german() -> None:
    sentences = [
        text for text in WORDS[Language.GERMAN]._catalog.values() if text.endswith((".", "?"))
    ]
    assert len(sentences) > 10
    assert judge("\n".join(sentences), load_wording()).findings == ()
