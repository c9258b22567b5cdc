"""The list and a finding, in both languages, with everything that can stand there."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.controlling.accounts.access import own_unit
from services.controlling.accounts.account import Role
from services.controlling.appeals.hindsight import Instance
from services.controlling.appeals.pages import Asked as AskedRulings
from services.controlling.appeals.store import Ruling
from services.controlling.findings.life import ENDINGS, REPLIES, State, Step
from services.controlling.findings.pages import Asked, Fault, Given, Shown, Told
from services.controlling.findings.store import Counts, Line, Stepped, Whole
from services.controlling.forms.criterion import Consequence, Texts
from services.controlling.forms.law import Law
from services.controlling.practice.naming import Naming
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import AppealOutcome, FileVerdict, Severity
from shared.organisation.file import load_organisation
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Caching, Content
from shared.web.pages.selection import Wanted
from shared.web.pages.words import Language
from shared.web.sign_in.session import Session, Signed

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
TODAY = date(2026, 12, 1)
SOMEBODY = UUID(int=2)
ORGANISED = load_organisation(ORGANISATION)
LAW = Law.of(ORGANISED)
PAGES = Pages(FOLDERS, ORGANISED, Content.FORMS, Assets(KERN, *FOLDERS))
TEXTS = Texts(de="Wurde <angehört>?", en="Was <heard>?")


@dataclass(frozen=True)
class Person:
    role: Role
    unit: str | None = "unit-1"
    name: str = "Maria <Berger>"
    id: UUID = SOMEBODY


def signed(role: Role, unit: str | None = "unit-1", language: Language = Language.GERMAN) -> Signed:
    return Signed(Session(b"", "token", language), Person(role, unit))


def shown(template: str, who: Signed, **values: object) -> str:
    language = who.session.language
    page = PAGES.show(
        template,
        language,
        HTTPStatus.OK,
        Caching.PRIVATE,
        account=who.account,
        csrf="token",
        here="/findings/17",
        navigation=(),
        switches=dict.fromkeys(Language, "/"),
        names=Naming(language, LAW, TODAY),
        **values,
    )
    text = bytes(page.body).decode()
    for raw in ("<Berger>", "<angehört>", "<heard>", "<b>"):
        assert raw not in text
    for key in ("finding", "findings", "appeals", "list", "role", "sign"):
        assert f">{key}." not in text, "a word is missing"
        assert f" {key}.s" not in text, "a word is missing"
    return text


WHOLE = Whole(
    17, "V1", "§ 28 VwVfG", TEXTS, Severity.SIGNIFICANT, Consequence.HEALABLE, TODAY, "unit-1",
    "AufenthG-18b", MAY, MAY, TODAY, State.RAISED, "decision-x", 1, "<b>nicht angehört</b>",
)  # fmt: skip


def line(state: State, due: date) -> Line:
    return Line(
        17, "V1", "§ 28 VwVfG", TEXTS, Severity.MINOR, None, None, "unit-1", "gone", MAY, MAY, due,
        state,
    )  # fmt: skip


def a_page(who: Signed, finding: Whole, **values: object) -> str:
    every: dict[str, Any] = {
        "finding": finding,
        "state": finding.state(TODAY),
        "steps": [Stepped(Step.RAISE, None, "<b>nicht</b>", None, MAY)],
        "alike": None,
        "minimum": 7,
        "alike_address": "/findings?question=V1",
        "rulings": [],
        "article": None,
        "fit": True,
        "following": 18,
        "replies": REPLIES,
        "endings": ENDINGS,
        "longest": 4000,
        "told": None,
        "given": None,
        "fault": None,
    }
    return shown("finding.html", who, **(every | values))


KEPT = [one for one in State if one is not State.SILENT]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.LEADERSHIP, Role.AUDITOR])
def test_the_list(language: Language, role: Role) -> None:
    who = signed(role, language=language)
    days = (date(2026, 11, 2), TODAY, date(2026, 12, 2), date(2027, 2, 1))
    for counts in (Counts(1, 0, 0), Counts(3, 1, 2), Counts(5, 2, 0)):
        text = shown(
            "findings.html",
            who,
            findings=[line(state, day) for state, day in product(KEPT, days)],
            counts=counts,
            asked=Asked(who, Wanted(), question="V1"),
            norms=["§ 28 VwVfG"],
            choices=list(Shown),
            units=[("unit-1", "Eins")],
            further='["2026-12-02", 17]',
        )
        assert text.count('href="/findings/17"') == len(KEPT) * len(days)
        assert 'rel="next"' in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", [Shown.OPEN, Shown.UPHELD])
def test_an_empty_list_says_what_would_stand_there(language: Language, state: Shown) -> None:
    who = signed(Role.LEADERSHIP, language=language)
    text = shown(
        "findings.html",
        who,
        findings=[],
        counts=Counts(0, 0, 0),
        asked=Asked(who, Wanted(), state=state),
        norms=[],
        choices=list(Shown),
        units=[],
        further=None,
    )
    assert 'class="empty"' in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.LEADERSHIP, Role.CONTROLLING])
def test_only_who_may_is_asked(language: Language, role: Role) -> None:
    who = signed(role, language=language)
    for kept in KEPT:
        for due in (TODAY, date(2026, 11, 2)):
            finding = replace(WHOLE, kept=kept, due=due)
            state = finding.state(TODAY)
            text = a_page(who, finding)
            final = state in (State.UPHELD, State.WITHDRAWN)
            early = {Language.GERMAN: "Auch bevor ein Befund bestätigt ist"}.get(
                language, "upheld, too"
            )
            assert (early in text) is (role is not Role.UNIT_HEAD and not final)
            assert ("/findings/17/reply" in text) is (role is Role.UNIT_HEAD and not final)
            settles = role is Role.LEADERSHIP and not final and state is not State.RAISED
            assert ("/findings/17/settle" in text) is settles
            if settles:
                assert "/findings/17/settle" not in a_page(who, finding, fit=False)


@pytest.mark.parametrize("language", Language)
def test_everything_that_can_happen_has_a_word(language: Language) -> None:
    who = signed(Role.UNIT_HEAD, language=language)
    steps = [
        Stepped(step, role, "<b>weil</b>", TODAY if step is Step.PUT_RIGHT else None, MAY)
        for step, role in product(Step, [None, *Role])
    ]
    rulings = [
        Ruling(MAY, instance, outcome, verdict, "gone", MAY, "unit-1")
        for instance, outcome, verdict in product(Instance, AppealOutcome, [None, *FileVerdict])
        if instance is not Instance.OFFICE or outcome is AppealOutcome.REVERSED
    ]
    for effect, severity in product([None, *Consequence], Severity):
        finding = replace(WHOLE, effect=effect, severity=severity)
        a_page(who, finding, steps=steps, rulings=rulings, alike=7)
    for told in Told:
        a_page(who, WHOLE, told=told)
    given = Given(step=Step.DISAGREE, text="<b>nein</b>", day=None, based_on=1)
    for fault in Fault:
        assert "&lt;b&gt;nein" in a_page(who, WHOLE, given=given, fault=fault)


@pytest.mark.parametrize("language", Language)
def test_appeals(language: Language) -> None:
    one = Ruling(
        MAY, Instance.COURT, AppealOutcome.REVERSED, FileVerdict.CORRECT,
        "gone", MAY, "unit-1",
    )  # fmt: skip
    who = signed(Role.LEADERSHIP, language=language)
    values: dict[str, Any] = {"asked": AskedRulings(Wanted()), "further": None}
    text = " ".join(shown("appeals.html", who, rulings=[one], **values).split())
    said = {
        Language.GERMAN: "Wir hielten sie für richtig, das Gericht hob sie auf.",
        Language.ENGLISH: "We held it correct; the court reversed it.",
    }
    assert said[language] in text
    assert 'class="empty"' in shown("appeals.html", who, rulings=[], **values)


def test_a_units_head_asks_for_the_own_unit_whatever_the_address_says() -> None:
    assert Asked(signed(Role.UNIT_HEAD), Wanted(), unit="unit-2").filter.unit == "unit-1"
    assert own_unit(signed(Role.UNIT_HEAD, unit=None)) not in (None, "")
    assert Asked(signed(Role.LEADERSHIP), Wanted(), unit="unit-2").filter.unit == "unit-2"
    assert Asked(signed(Role.LEADERSHIP), Wanted()).filter.unit is None
