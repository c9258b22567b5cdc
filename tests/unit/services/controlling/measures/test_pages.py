"""The pages of measures, in both languages, with everything that can stand there."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from uuid import UUID

import pytest

from services.controlling.accounts.account import Role
from services.controlling.guidance.store import Link
from services.controlling.measures.agreeing import Agreeing, Fault
from services.controlling.measures.effect import TOO_FEW, Effect, Outcome, Side
from services.controlling.measures.measure import OWNERS, Kind, Measure, State
from services.controlling.measures.pages import Asked, Shown, Told
from services.controlling.measures.picture import picture
from services.controlling.measures.store import Counts, On
from services.controlling.periods.deadlines import Promise
from services.controlling.practice.free_text import Sign, Suspicion
from services.controlling.practice.naming import Naming
from services.controlling.statistics.intervals import Interval
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Caching, Content
from shared.web.pages.selection import Wanted
from shared.web.pages.words import Language
from tests.unit.services.controlling.forms.cases import CRITERIA, LAW

NOW, TODAY = datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 1)
ACCOUNT = UUID(int=1)
ORGANISED = load_organisation(ORGANISATION)
PAGES = Pages(FOLDERS, ORGANISED, Content.FORMS, Assets(KERN, *FOLDERS))
BEFORE = Side(40, Interval(0.3, 0.301), Interval(0.1656, 0.4653), 0.001)
AFTER = Side(40, Interval(0.025, 0.026), Interval(0.0006, 0.1316), 0.001)
HELPED = Effect(Outcome.BETTER, BEFORE, AFTER, Interval(-0.4421, -0.1035), 0.9)
MEASURE = Measure(
    7, Kind.TEMPLATE, "<Muster> ändern", Role.UNIT_HEAD, "unit-2", "V1", TODAY, State.AGREED, NOW,
    None, None, None, "",
)  # fmt: skip
DONE = replace(MEASURE, state=State.DONE, done_at=NOW)
CHECKED = replace(DONE, state=State.CHECKED, checked_at=NOW, effect=HELPED)
EVERY = [
    MEASURE,
    DONE,
    replace(DONE, checked_at=NOW, effect=TOO_FEW),
    replace(MEASURE, state=State.DROPPED, reason="ersetzt"),
    *(replace(CHECKED, effect=replace(HELPED, outcome=one)) for one in list(Outcome)[:3]),
    replace(CHECKED, effect=Effect(Outcome.BETTER)),
]
FINDING = On(3, "V1", "unit-2", "AufenthG-18b", "upheld", NOW)
QUESTION = next(one for one in CRITERIA.criteria if one.code == "V1")


@dataclass(frozen=True)
class Person:
    name: str = "Maria <Berger>"
    role: Role = Role.CONTROLLING
    id: UUID = ACCOUNT


def shown(template: str, language: Language, **values: object) -> str:
    page = PAGES.show(
        template, language, HTTPStatus.OK, Caching.PRIVATE, account=Person(), csrf="token",
        here="/measures", navigation=(), switches=dict.fromkeys(Language, "/"),
        names=Naming(language, LAW, TODAY), **values,
    )  # fmt: skip
    text = bytes(page.body).decode()
    assert "<Muster>" not in text
    assert "%%" not in text
    for catalogue in ("measures.", "guidance.", "list.", "role.", "personal.", "sign."):
        assert f">{catalogue}" not in text, "a word is missing"
    return text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "counts", [Counts(0, 0, 0), Counts(1, 0, 1), Counts(1, 1, 0), Counts(9, 2, 3)]
)
def test_the_list(language: Language, counts: Counts) -> None:
    values = {
        "counts": counts, "asked": Asked(Wanted(), finding="3"), "kinds": list(Kind),
        "shown": list(Shown),
    }  # fmt: skip
    full = shown("measures.html", language, measures=EVERY, further='["2026-12-01", 1]', **values)
    assert full.index("/measures/7") < full.index('rel="next"')
    empty = shown("measures.html", language, measures=[], further=None, **values)
    assert 'class="empty"' in empty


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("measure", EVERY)
@pytest.mark.parametrize("told", [None, *Told])
def test_a_measure(language: Language, measure: Measure, told: Told | None) -> None:
    checked = measure.state is State.CHECKED
    text = shown(
        "measure.html",
        language,
        measure=measure,
        findings=[FINDING] if checked else [],
        question=QUESTION if checked else None,
        article=Link("anhoerung", "Anhören", "", 1, TODAY) if checked else None,
        picture=picture(BEFORE, AFTER) if checked else None,
        fault=Promise.SIMULATED if checked else None,
        agrees=True,
        carries_out=measure.state is State.AGREED,
        own=told is None,
        told=told,
    )
    told_of = measure.effect is not None and measure.effect.before is not None
    assert ('role="img"' in text) is told_of
    is_told = "kern-alert" in text[: text.index("<dl")]
    assert is_told is (told is not None), "whatever was done, it says what came of it"
    assert ("/check" in text) is (measure.state is State.DONE)
    assert ("/done" in text and "/drop" in text) is (measure.state is State.AGREED)


def test_the_picture_says_in_words_what_it_draws() -> None:
    values: dict[str, object] = {
        "findings": [], "question": None, "article": None, "told": None,
    }  # fmt: skip
    text = shown(
        "measure.html", Language.GERMAN, measure=CHECKED, picture=picture(BEFORE, AFTER),
        fault=None, agrees=False, carries_out=False, **values,
    )  # fmt: skip
    said = "Besser: Fehlerquote vorher 16,6–46,5 %, nachher 0,1–13,2 %."
    assert f'role="img" aria-label="{said}"' in text
    assert "Entscheidungen; für die übrigen" in text
    colours = re.findall(r'(?:fill|stroke)="([^"]*)"', text)
    assert set(colours) == {"currentColor"}
    assert "style=" not in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("wrong", "signs"),
    [([], []), (list(Fault), []), ([], [Suspicion(sign, "x") for sign in Sign])],
)
def test_the_form(language: Language, wrong: list[Fault], signs: list[Suspicion]) -> None:
    text = shown(
        "measure_form.html",
        language,
        given=Agreeing(on=3, finding=[3], title="<Muster>", due=TODAY),
        findings=[FINDING, replace(FINDING, number=4)],
        question=QUESTION,
        code="V1",
        kinds=list(Kind),
        owners=OWNERS,
        units=["unit-1", "unit-2"],
        wrong=wrong,
        signs=signs,
    )
    assert text.count('aria-invalid="true"') == (5 if wrong else 0)
    assert re.findall(r'id="finding-(\d)"[^>]* checked', text) == ["3"]
