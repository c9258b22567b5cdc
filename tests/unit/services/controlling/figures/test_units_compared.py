"""Leadership reads whether units err alike, by how much they differ, and which does."""

import pytest

from services.controlling.figures.report import FOLDER
from services.controlling.figures.told import ToldConsistency
from services.controlling.figures.units_compared import units_compared
from services.controlling.statistics.intervals import Interval
from shared.web.pages.spoken import spoken

NAMES = {"unit-2": "Sachgebiet 2", "unit-3": "Sachgebiet 3", "unit-4": "Sachgebiet 4"}


def said(found: ToldConsistency | None, language: str = "de") -> str:
    return units_compared(found, spoken(language, FOLDER), NAMES.__getitem__)


DIFFERENT = ToldConsistency(
    Interval(0.001, 0.01),
    Interval(0.1, 0.15),
    {"unit-3": True, "unit-2": False, "unit-4": None},
    Interval(0.05, 0.4),
)


def test_units_that_differ_are_named_with_how_far_and_how_sure() -> None:
    assert said(DIFFERENT) == (
        "Bei gleichen Fällen irren die Sachgebiete verschieden oft, mehr, als der Zufall es macht"
        " (p unter 0,01). Um wie viel sie darüber hinaus auseinanderliegen: 10 bis 15 von 100"
        " (Standardabweichung). Mit 95 % Sicherheit sind es 5 bis 40. Anders als die übrigen:"
        " Sachgebiet 3."
    )


def test_chance_alone_is_called_chance() -> None:
    alike = ToldConsistency(Interval(0.05, 1.0), Interval(0.0, 0.05), {"unit-2": False})
    words = said(alike, "en")
    assert "as chance alone makes (p above 0.05)" in words
    assert "confidence" not in words, "kept before its limits were told"
    assert "None whose line is shown stands out" in words


@pytest.mark.parametrize(("upper", "told"), [(0.001, "0,001"), (0.01, "0,01"), (0.05, "0,05")])
def test_p_is_told_by_the_mark_below_which_it_is(upper: float, told: str) -> None:
    found = ToldConsistency(Interval(upper / 10, upper), None, {"unit-2": None})
    assert f"(p unter {told})" in said(found)


def test_what_cant_be_told_says_why() -> None:
    assert "Keine zwei entscheiden über gleiche Fälle" in said(None)
