"""Leadership reads a preview in German: whole names, and what each figure means."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from services.controlling.forecast.extra import History
from services.controlling.forecast.load import Lever, Sampling, Twin
from services.controlling.forecast.preview import KindCount, Preview, Register, preview
from services.controlling.forecast.printing import FOLDER, Printer
from services.controlling.policy.inspection import Experience
from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.policy.strata import Kind
from services.controlling.policy.stratum_names import StratumNames
from services.controlling.triggers.causes import LawChange
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.web.pages.spoken import Spoken, spoken
from shared.web.pages.words import Language

AUTHORITY, TYPES = load_organisation(ORGANISATION), DecisionTypes.load()


def foreseen(per_day: int = 20, changes: Sequence[LawChange] = (), **sections: object) -> Preview:
    """Two months of refusals of work, and a handful of a unit that was merged."""
    policy = Policy.model_validate({"version": "1", "default_rate": Decimal("0.1"), **sections})
    merged = [
        unit.model_copy(update={"formerly": ("sg-w",)} if unit.key == "unit-2" else {})
        for unit in AUTHORITY.units
    ]
    counts = [
        KindCount(
            Kind("AufenthG-18b", Direction.ADVERSE, unit, date(2026, month, day), ()), count, True
        )
        for month in (3, 4)
        for day in range(2, 29)
        for unit, count in (("unit-2", per_day), ("sg-w", 1))
    ]
    register = Register(date(2026, 3, 1), date(2026, 4, 30), counts, Experience())
    history = History([], [], [], changes, {})
    authority = AUTHORITY.model_copy(update={"units": tuple(merged)})
    return preview(policy, register, history, TYPES, authority)


def printed(capsys: pytest.CaptureFixture[str], found: Preview, language: str) -> str:
    names = StratumNames.told(TYPES, AUTHORITY, language)
    Printer(spoken(language, FOLDER), names).print_tables(
        found, by_week=True, wanted=Fraction(5, 100)
    )
    return capsys.readouterr().out


def test_a_preview_speaks_german_with_whole_names_and_meanings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed(capsys, foreseen(), "de")
    assert "Erwerbstätigkeit, belastend, Sachgebiet 2 (Name nicht öffentlich)" in out
    assert "work/adverse" not in out
    assert "1.134" in out
    assert "10,0 %" in out
    assert "Das ist nicht zu schaffen" not in out
    assert "Bekannt auf ±: so weit reicht nach jeder Seite der Bereich" in out
    assert "über diese 2 Zeiträume" in out
    assert "Entscheidungen, die sg-w nennen, zählen" in out


def test_a_preview_speaks_english_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, foreseen(200, default_rate=Decimal("0.5")), "en")
    assert "Work, adverse, Unit 2 (name not public)" in out
    assert "It doesn't fit" in out
    assert "default_rate: " in out


def test_a_change_of_law_that_names_no_type_of_the_catalogue_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    day = date(2026, 3, 2)
    changes = [LawChange("AufenthG-18z", day), LawChange("AufenthG-18b", day)]
    found = foreseen(changes=changes)
    assert found.unlisted == ("AufenthG-18z",)
    names = StratumNames.told(TYPES, AUTHORITY, "en")
    Printer(spoken("en", FOLDER), names).print_load(found)
    out = capsys.readouterr().out
    assert "names the decision type AufenthG-18z, which the catalogue doesn't list" in out
    assert "AufenthG-18b, which" not in out
    assert "It fits: " in out
    assert "known to" not in out


@pytest.mark.parametrize("language", Language)
def test_all_that_asks_for_reviews_and_all_advice_has_words(language: Language) -> None:
    say = spoken(language.value, FOLDER)
    for one in (*Sampling, *TriggerKind, *Twin):
        assert say(f"asks.{one}") != f"asks.{one}"
    for lever in Lever:
        assert say(f"advice.{lever}", name="a", saves="1", write="2", now="3")


def test_numbers_are_written_as_the_language_has_them(tmp_path: Path) -> None:
    german, english = (spoken(one, FOLDER) for one in ("de", "en"))
    assert (german.number(1234.5, 1), english.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert (german.percent(0.125), english.percent(None)) == ("12,5 %", "–")
    assert isinstance(german, Spoken)
