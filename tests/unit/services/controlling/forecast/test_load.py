"""All that asks for reviews is counted in a week, once each, beside what reviewers have."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.controlling.forecast.extra import Extra
from services.controlling.forecast.forecast import Counted, forecast
from services.controlling.forecast.load import Advice, Burden, Lever, Sampling, Twin, burden
from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.policy.strata import Kind
from shared.events.vocabulary import Direction

MONDAY = date(2026, 5, 4)
STRATUM = "work/adverse/unit-2"


def asked(*extras: Extra, capacity: str | None = "40", **sections: Any) -> Burden:
    """The burden of 200 decisions of two weeks."""
    policy = Policy.model_validate(
        {"version": "1", "default_rate": Decimal("0.1"), "review_hours": Decimal(2), **sections}
    )
    counted = [
        Counted(
            Kind("AufenthG-18b", Direction.ADVERSE, "unit-2", MONDAY + timedelta(days=day), ()),
            "work",
            20,
        )
        for day in range(10)
    ]
    hours = None if capacity is None else Decimal(capacity)
    return burden(forecast(policy, counted, 14), extras, 14, hours)


def by_cause(found: Burden) -> dict[str, tuple[float, float]]:
    return {one.asks.value: (round(one.reviews, 2), round(one.hours, 2)) for one in found.loads}


def test_each_that_asks_is_counted_in_reviews_and_hours_a_week() -> None:
    found = asked(
        Extra(STRATUM, TriggerKind.APPEAL_LOST, 0.0),
        Extra(STRATUM, None, 0.5),
        double_reviews=Decimal("0.2"),
    )
    assert by_cause(found) == {
        Sampling.CHANCE: (10, 20),
        Sampling.SECOND: (2, 4),
        TriggerKind.APPEAL_LOST: (0.45, 0.9),
        Twin.TWIN: (0.23, 0.45),
    }
    assert found.reviews == pytest.approx(12.675)
    assert (found.capacity, found.advice) == (40, ())


def test_what_chance_draws_anyway_is_not_counted_twice() -> None:
    extras = [Extra(STRATUM, TriggerKind.COURT_OVERTURNED, 1.0)] * 3
    assert by_cause(asked(*extras, default_rate=Decimal(1))) == {Sampling.CERTAINTY: (100, 200)}


def test_what_a_minimum_adds_stands_apart() -> None:
    found = by_cause(asked(default_rate=Decimal("0.01"), default_minimum=20))
    assert found[Sampling.CHANCE] == (1, 2)
    assert found[Sampling.MINIMUM] == (9, 18)


def test_where_it_does_not_fit_it_says_what_to_change_and_what_that_saves() -> None:
    extras = [Extra(STRATUM, TriggerKind.APPEAL_LODGED, 0.0)] * 10
    found = asked(*extras, capacity="14")
    assert found.hours == pytest.approx(29)
    assert [replace(one, saves=round(one.saves, 6)) for one in found.advice] == [
        Advice(Lever.RATE, "default_rate", 15, write="0.025", now="0.1"),
        Advice(Lever.TRIGGER, "appeal_lodged", 9),
    ]
    assert asked(*extras, capacity=None).advice == ()
