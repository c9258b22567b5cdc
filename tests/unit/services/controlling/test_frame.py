"""A decision's place in the frame follows the day where the authority is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.controlling.frame import Frame
from services.controlling.sampling.periods import Period, period_of
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes

FRAME = Frame(
    DecisionTypes.load(),
    ZoneInfo("Europe/Berlin"),
)


def decision(type_code: str) -> DecisionMade:
    return DecisionMade(
        decision_id="decision-" + "a" * 26,
        type_code=type_code,
        direction=Direction.ADVERSE,
        unit="unit-3",
        decider="decider-" + "b" * 26,
    )


@pytest.mark.parametrize(
    ("at", "period"),
    [
        (datetime(2026, 5, 31, 21, 59, tzinfo=UTC), "2026-05"),
        (datetime(2026, 5, 31, 22, 0, tzinfo=UTC), "2026-06"),  # midnight in Karlsruhe, in summer
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027-01"),  # midnight in winter
    ],
)
def test_the_month_ends_at_midnight_of_the_authority(at: datetime, period: str) -> None:
    assert FRAME.place(decision("AufenthG-18b"), at).period_key == period


def test_a_stratum_is_group_direction_and_unit() -> None:
    place = FRAME.place(decision("AufenthG-18b"), datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert place.stratum == "work/adverse/unit-3"


def test_a_type_from_elsewhere_has_a_stratum_of_its_own() -> None:
    place = FRAME.place(decision("article-142"), datetime(2006, 5, 4, 12, tzinfo=UTC))
    assert place.stratum == "unlisted/adverse/unit-3"


def test_a_period_knows_its_last_day() -> None:
    assert period_of(date(2028, 2, 11)) == Period(date(2028, 2, 1))
    assert period_of(date(2028, 2, 11)).last_day == date(2028, 2, 29)
