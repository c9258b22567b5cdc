"""Z1: the unit that the organisation gives the decision to."""

from dataclasses import replace
from datetime import date

import pytest

from services.controlling.forms.checks.competence import competent
from services.controlling.forms.wording import Sentence
from shared.events.vocabulary import Grade
from tests.unit.services.controlling.forms.cases import (
    DECIDED,
    LAW,
    case_of,
    criterion,
    decided,
    say,
)


@pytest.mark.parametrize(
    ("unit", "type_code", "on", "grade", "sentence"),
    [
        ("unit-2", "AufenthG-18g", DECIDED, Grade.CORRECT, Sentence.COMPETENT_UNIT),
        ("unit-1", "AufenthG-18g", DECIDED, Grade.MINOR, Sentence.OTHER_UNIT),
        ("unit-2", "article-142", DECIDED, None, Sentence.COMPETENCE_UNKNOWN),
        # The organisation file holds from 2026 on.
        ("unit-2", "AufenthG-18g", date(2026, 1, 1), Grade.CORRECT, Sentence.COMPETENT_UNIT),
        ("unit-2", "AufenthG-18g", date(2025, 12, 31), None, Sentence.COMPETENCE_UNKNOWN),
        # § 104c has left the catalogue with 2025.
        ("unit-4", "AufenthG-104c", DECIDED, None, Sentence.COMPETENCE_UNKNOWN),
    ],
)
def test_the_unit_of_the_group_is_competent(
    unit: str, type_code: str, on: date, grade: Grade | None, sentence: Sentence
) -> None:
    found = say("Z1", [], decided(unit=unit, type_code=type_code), on)

    assert (found.grade, found.sentence) == (grade, sentence)


def test_a_unit_that_was_merged_decided_for_the_one_it_is_in_now() -> None:
    units = tuple(
        unit.model_copy(update={"formerly": ("unit-9",)}) if unit.key == "unit-2" else unit
        for unit in LAW.organisation.units
    )
    law = replace(LAW, organisation=LAW.organisation.model_copy(update={"units": units}))
    case = case_of([], decided(unit="unit-9"))

    assert competent(case, law, criterion("Z1")).grade is Grade.CORRECT
    assert competent(case, LAW, criterion("Z1")).grade is Grade.MINOR
