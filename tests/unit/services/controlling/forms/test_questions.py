"""Which questions are asked of which decision."""

from datetime import date
from itertools import pairwise

import pytest

from services.controlling.forms.questions import form_for
from shared.events.vocabulary import Direction
from tests.unit.services.controlling.forms.cases import CRITERIA, LAW

DAY = date(2026, 6, 17)


def codes(type_code: str, direction: Direction, on: date = DAY) -> set[str]:
    form = form_for(CRITERIA, LAW.types, type_code=type_code, direction=direction, on=on)
    return {one.code for one in form.questions}


@pytest.mark.parametrize(
    ("type_code", "direction", "asked", "spared"),
    [
        ("AufenthG-18g", Direction.FAVOURABLE, {"V3", "M3", "N1", "T1"}, {"V1", "F4", "M1", "N2"}),
        ("AufenthG-18g", Direction.ADVERSE, {"V1", "F1", "F2", "F4"}, {"M1", "N1", "N3"}),
        ("AufenthG-25(5)", Direction.ADVERSE, {"M1", "M2"}, {"N2"}),
        ("AufenthG-53", Direction.ADVERSE, {"V1", "M2", "N2", "N3"}, {"M1", "M3", "T1"}),
        ("AufenthG-60a", Direction.FAVOURABLE, {"F1"}, {"F2"}),  # form, but no reasons
        ("AufenthG-78", Direction.NEUTRAL, {"Z1", "F5", "B1"}, {"F1", "F2", "F4"}),
    ],
)
def test_a_form_asks_what_type_and_direction_call_for(
    type_code: str, direction: Direction, asked: set[str], spared: set[str]
) -> None:
    found = codes(type_code, direction)

    assert asked <= found
    assert not spared & found


@pytest.mark.parametrize("on", [DAY, date(2023, 11, 17)])
def test_law_that_is_not_known_or_not_in_force_spares_no_question(on: date) -> None:
    listed = codes("AufenthG-18g", Direction.ADVERSE)
    unlisted = codes("article-142" if on == DAY else "AufenthG-18g", Direction.ADVERSE, on)

    assert listed <= unlisted
    assert "M1" in unlisted
    assert "N2" not in unlisted


def test_questions_stand_in_the_order_of_the_file_and_name_their_catalogue() -> None:
    form = form_for(
        CRITERIA, LAW.types, type_code="AufenthG-53", direction=Direction.ADVERSE, on=DAY
    )
    places = [CRITERIA.criteria.index(one) for one in form.questions]

    assert all(first < second for first, second in pairwise(places))
    assert (form.version, form.digest) == (CRITERIA.version, CRITERIA.digest)
