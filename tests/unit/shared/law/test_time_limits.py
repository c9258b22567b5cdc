"""Time limits as data."""

from datetime import date
from pathlib import Path

import pytest

from shared.law.decision_types import DecisionTypes
from shared.law.errors import TimeLimitsInvalid
from shared.law.time_limits import (
    DEPARTURE_LONGEST,
    DEPARTURE_SHORTEST,
    ENTRY_BAN_LONGEST,
    INACTION,
    TimeLimits,
)

LIMITS = TimeLimits.load()
DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("name", "type_code", "last"),
    [
        (INACTION, None, date(2026, 4, 30)),
        (DEPARTURE_SHORTEST, "AufenthG-59", date(2026, 2, 7)),
        (DEPARTURE_LONGEST, "AufenthG-59", date(2026, 3, 2)),
        (DEPARTURE_SHORTEST, "FreizuegG/EU-7", date(2026, 2, 28)),
        (ENTRY_BAN_LONGEST, "AufenthG-53", date(2031, 1, 31)),
    ],
)
def test_a_limit_ends_after_its_months_or_days(
    name: str, type_code: str | None, last: date
) -> None:
    limit = LIMITS.find(name, DAY, type_code)

    assert limit is not None
    assert limit.last_day(DAY) == last


def test_a_limit_of_other_types_is_none() -> None:
    assert LIMITS.find(DEPARTURE_LONGEST, DAY, "FreizuegG/EU-7") is None
    assert LIMITS.find(DEPARTURE_SHORTEST, DAY) is None


def test_a_limit_holds_on_its_days_only() -> None:
    assert LIMITS.find(DEPARTURE_SHORTEST, date(2011, 11, 25), "AufenthG-59") is None
    assert LIMITS.last_day(INACTION, date(1960, 3, 31)) is None


def test_a_limit_is_over_after_its_last_day_and_never_without_a_rule() -> None:
    assert not LIMITS.is_over(INACTION, DAY, date(2026, 4, 30))
    assert LIMITS.is_over(INACTION, DAY, date(2026, 5, 1))
    assert not LIMITS.is_over(INACTION, date(1960, 3, 31), DAY)


def test_every_limit_names_types_of_the_catalogue() -> None:
    codes = DecisionTypes.load().codes

    assert all(set(limit.types) <= codes for limit in LIMITS.limits)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("months: 3", "days: 3, months: 1", "needs months or days"),
        ("months: 3", "months: 2", "overlaps an earlier limit"),
        ("months: 3", "days: 7, types: [a]", "overlaps an earlier limit"),
        ("days: 3, types: [a, b]", "days: 7, types: [b]", "overlaps an earlier limit"),
    ],
)
def test_limits_that_contradict_are_refused(
    tmp_path: Path, first: str, second: str, reason: str
) -> None:
    path = tmp_path / "limits.yaml"
    entry = "  - {{name: x, {}, valid_from: 2020-01-01, citation: § 1 X}}\n"
    path.write_text(f"limits:\n{entry.format(first)}{entry.format(second)}", encoding="utf-8")
    with pytest.raises(TimeLimitsInvalid, match=reason):
        TimeLimits.load(path)


def test_two_limits_for_different_types_stand_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "limits.yaml"
    entry = "  - {{name: x, days: {}, types: [{}], valid_from: 2020-01-01, citation: § 1 X}}\n"
    path.write_text(f"limits:\n{entry.format(3, 'a')}{entry.format(7, 'b')}", encoding="utf-8")

    found = TimeLimits.load(path).find("x", DAY, "b")

    assert found is not None
    assert found.days == 7
