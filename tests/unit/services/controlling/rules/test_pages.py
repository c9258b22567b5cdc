"""The page of the policy, in both languages, of every policy that is shipped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.controlling.accounts.account import Role
from services.controlling.forms.law import Law
from services.controlling.policy.explaining import tolerances
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy, PrioritySet, TriggerKind
from services.controlling.practice.naming import Naming
from services.controlling.reviews.form.words import Words
from services.controlling.rules.store import Recorded
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION, POLICY, ROOT
from shared.organisation.file import load_organisation
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Content
from shared.web.pages.words import Language

ORGANISED = load_organisation(ORGANISATION)
LAW = Law.of(ORGANISED)
PAGES = Pages(FOLDERS, ORGANISED, Content.FORMS, Assets(KERN, *FOLDERS))


@dataclass(frozen=True)
class Person:
    name: str = "Maria"
    role: Role = Role.STAFF_COUNCIL


def shown(
    policy: Policy,
    language: Language = Language.GERMAN,
    *,
    coming: Sequence[Policy] = (),
    otherwise: Sequence[Recorded] = (),
    hours: Decimal | None = ORGANISED.staff.review_hours,
) -> str:
    page = PAGES.show(
        "rules.html",
        language,
        account=Person(),
        csrf="token",
        here="/policy",
        navigation=(),
        switches=dict.fromkeys(Language, "/"),
        names=Naming(language, LAW, date(2026, 12, 1)),
        policy=policy,
        words=Words(language, LAW),
        groups={one.key: getattr(one.name, language) for one in LAW.types.groups},
        types={one.code: one.name for one in LAW.types.every()},
        kinds=list(TriggerKind),
        tolerances=tolerances,
        coming=coming,
        otherwise=otherwise,
        hours=hours,
    )
    main = bytes(page.body).decode().split("<main")[1]
    plain = re.sub(r"<[^>]+>", " ", main).replace("\xa0", " ").replace("&nbsp;", " ")
    return re.sub(r"\s+", " ", plain)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("file", sorted((ROOT / "deploy" / "policy").glob("*.yaml")), ids=str)
def test_every_shipped_policy_is_told_without_a_word_missing(
    file: Path, language: Language
) -> None:
    policy = load_policy(file)
    text = shown(policy, language, coming=[policy.model_copy(update={"valid_from": date.max})])
    assert "rules." not in text
    assert all(" ".join(one.why.split())[:20] in text for one in policy.rates if "'" not in one.why)


def test_shares_minima_and_reasons_stand_beside_the_names_of_what_they_are_for() -> None:
    text = shown(load_policy(POLICY))
    assert "Ausweisung" in text
    assert "Beendigung des Aufenthalts 5 % 2 These decisions interfere most deeply" in text
    assert "Jede Art, belastend 5 % 2 A wrong refusal" in text
    assert "Alle anderen 0,5 % 2" in text
    assert "prüfen 5 % zwei Personen" in text
    assert "Widerspruch hatte Erfolg: wird geprüft, Dringlichkeit 2" in text
    assert "Eine Pflichtangabe fehlt: kein Anlass" in text
    assert "Jahre im Land: höchstens 1,2 auseinander" in text
    assert "wie die Behörde angibt: 40" in text


def test_what_is_not_there_is_said_too() -> None:
    text = shown(Policy(version="bare", default_rate=Decimal("0.1")), hours=None)
    for said in (
        "Von Anfang an gilt Fassung bare. Eine andere ist nicht vorgesehen.",
        "Jede Art 10 %",
        "Keine Art von Entscheidung wird immer geprüft.",
        "zweite Prüfungen gibt es nicht",
        "Ähnliche Fälle werden nicht gesucht.",
        "hat die Behörde nicht angegeben",
    ):
        assert said in text


def test_the_time_after_a_change_of_law_is_named() -> None:
    window = PrioritySet(
        name="new", types=("AufenthG-53",), changed=date(2027, 1, 1), days=28, why="It is new."
    )
    text = shown(Policy(version="one", default_rate=Decimal(0), priority=(window,)))
    assert "28 Tage lang, vom 1. Januar 2027 an It is new." in text


@pytest.mark.parametrize("language", Language)
def test_no_policy_is_said_to_hold_where_another_version_is_recorded(language: Language) -> None:
    policy = load_policy(POLICY)
    text = shown(policy, language, otherwise=[Recorded("2026-02", date(2026, 2, 1), "other")])
    assert "rules." not in text
    assert "other" in text.split(policy.version)[0]
    assert ("gilt Fassung" if language is Language.GERMAN else "in force") not in text


def test_each_period_of_another_version_is_named() -> None:
    assert "Festgehalten ist eine andere Fassung" not in shown(load_policy(POLICY))
    recorded = [
        Recorded("2026-02", date(2026, 2, 1), "other"),
        Recorded("2027-01", date(2027, 1, 1), "third"),
    ]
    text = shown(load_policy(POLICY), otherwise=recorded)
    assert "Zeitraum 2026-02, vom 1. Februar 2026 an: Fassung other" in text
    assert "Zeitraum 2027-01, vom 1. Januar 2027 an: Fassung third" in text
