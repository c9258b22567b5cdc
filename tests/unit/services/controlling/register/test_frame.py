"""A decision's place in the frame follows its own day and facts, and the policy of the period."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.periods.draw import PeriodDraw
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.register.frame import Frame
from shared.configuration import places
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation

FRAME = Frame(DecisionTypes.load(), ZoneInfo("Europe/Berlin"))
MAY = date(2026, 5, 4)
NEW_LAW = {
    "name": "new-law",
    "types": ("AufenthG-18b",),
    "changed": date(2026, 5, 1),
    "days": 14,
    "why": "the law is new",
}


def stratum(made: DecisionMade, on: date = MAY, **sections: object) -> str:
    policy = Policy.model_validate({"version": "test", "default_rate": Decimal("0.1"), **sections})
    return FRAME.place(PeriodDraw("2026-05", bytes(32), policy, closed=False), made, on).stratum


def decision(type_code: str = "AufenthG-18b", **facts: Any) -> DecisionMade:
    return DecisionMade.model_validate({
        "decision_id": "decision-" + "a" * 26,
        "type_code": type_code,
        "direction": Direction.ADVERSE,
        "unit": "unit-3",
        "decider": "decider-" + "b" * 26,
        **facts,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 5, 31, 21, 59, tzinfo=UTC), date(2026, 5, 31)),
        (datetime(2026, 5, 31, 22, 0, tzinfo=UTC), date(2026, 6, 1)),  # midnight in Karlsruhe
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),  # midnight in winter
    ],
)
def test_a_day_ends_at_midnight_of_the_authority(at: datetime, day: date) -> None:
    assert FRAME.day(at) == day


def test_a_stratum_is_group_direction_and_unit() -> None:
    assert stratum(decision()) == "work/adverse/unit-3"


def test_a_type_from_elsewhere_has_a_stratum_of_its_own() -> None:
    assert stratum(decision("article-142")) == "unlisted/adverse/unit-3"


@pytest.mark.parametrize(
    ("field", "facts", "key"),
    [
        ("language", {"language": "uk"}, "work(language:uk)/adverse/unit-3"),
        ("type_code", {}, "work(type_code:AufenthG-18b)/adverse/unit-3"),
        (
            "discretion_exercised",
            {"discretion_exercised": False},
            "work(discretion_exercised:false)/adverse/unit-3",
        ),
        ("reasons_given", {}, "work(reasons_given:none)/adverse/unit-3"),
        (
            "features.years-of-stay",
            {"features": {"years-of-stay": 3}},
            "work(features.years-of-stay:3)/adverse/unit-3",
        ),
        ("features.renewal", {}, "work(features.renewal:none)/adverse/unit-3"),
        (
            "features.office",
            {"features": {"office": "north/(2)"}},
            "work(features.office:north__2_)/adverse/unit-3",
        ),
    ],
)
def test_a_policy_may_split_strata_by_what_the_event_says(
    field: str, facts: dict[str, Any], key: str
) -> None:
    found = stratum(decision(**facts), split_by=(field,))
    assert found == key
    assert Stratum.parse(found).unit == "unit-3"


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), True),
        (date(2026, 5, 14), True),
        (date(2026, 5, 15), False),
    ],
)
def test_the_first_time_after_a_change_of_law_is_a_window_of_days(on: date, held: bool) -> None:
    found = Stratum.parse(stratum(decision(), on, priority=(NEW_LAW,)))
    assert found.narrowed == ((("priority", "new-law"),) if held else ())


def test_a_priority_holds_its_types_only() -> None:
    assert stratum(decision("AufenthG-18a"), priority=(NEW_LAW,)) == "work/adverse/unit-3"


def test_the_first_priority_that_holds_a_decision_has_it() -> None:
    other = {"name": "other", "types": ("AufenthG-18a", "AufenthG-18b"), "why": "for a reason"}
    assert stratum(decision(), priority=(other, NEW_LAW)) == "work(priority:other)/adverse/unit-3"


_name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,20}", fullmatch=True)
_cell = st.tuples(
    st.from_regex(r"[a-z_]{1,10}(\.[A-Za-z0-9_.-]{1,10})?", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,20}", fullmatch=True),
)


@given(st.sampled_from(Direction), _name, st.lists(_cell, max_size=3).map(tuple))
def test_a_strata_key_is_undone_whatever_the_unit_is_called(
    direction: Direction, unit: str, cells: tuple[tuple[str, str], ...]
) -> None:
    one = Stratum("work", direction, unit, cells)
    assert Stratum.parse(one.key) == one


ORGANISATION = load_organisation(places.ORGANISATION)
CHANGED = ORGANISATION.model_copy(
    update={
        "valid_from": MAY,
        "units": tuple(
            unit.model_copy(
                update={"unit-2": {"formerly": ("sg-w",)}, "unit-3": {"split_from": ("sg-a",)}}.get(
                    unit.key, {}
                )
            )
            for unit in ORGANISATION.units
        ),
    }
)


@pytest.mark.parametrize(
    ("unit", "type_code", "day", "named", "expected"),
    [
        ("sg-w", "AufenthG-18b", MAY, None, "work/adverse/unit-2"),
        ("sg-w", "AufenthG-18b", date(2026, 5, 3), None, "work/adverse/sg-w"),
        ("unit-2", "AufenthG-18b", MAY, None, "work/adverse/unit-2"),
        ("sg-w", "AufenthG-18b", MAY, "sg-w", "work/adverse/sg-w"),
        ("unit-2", "AufenthG-18b", MAY, "sg-w", "work/adverse/sg-w"),
        ("unit-2", "AufenthG-18b", MAY, "unit-2", "work/adverse/unit-2"),
        ("sg-a", "AufenthG-30", MAY, None, "family/adverse/unit-3"),
        ("sg-a", "AufenthG-18b", MAY, None, "work/adverse/sg-a"),
        ("unit-3", "AufenthG-30", MAY, "sg-a", "family/adverse/sg-a"),
    ],
)
def test_a_decision_follows_its_unit_but_a_period_goes_on_as_its_policy_names_it(
    unit: str, type_code: str, day: date, named: str | None, expected: str
) -> None:
    rates = () if named is None else ({"unit": named, "rate": Decimal("0.5"), "why": "why"},)
    policy = Policy.model_validate(
        {"version": "test", "default_rate": Decimal("0.1"), "rates": rates}
    )
    frame = Frame(DecisionTypes.load(), ZoneInfo("Europe/Berlin"), CHANGED)
    period = PeriodDraw("2026-05", bytes(32), policy, closed=False)
    place = frame.place(period, decision(type_code, unit=unit), day)
    assert place.stratum == expected
    assert (place.unit or Stratum.parse(place.stratum).unit) == unit
