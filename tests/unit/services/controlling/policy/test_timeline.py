"""A policy holds from its day on, and never changes what has begun."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.controlling.policy.calendar import Period, PeriodLength, period_of
from services.controlling.policy.errors import PolicyUnknown, VersionTaken
from services.controlling.policy.policy import Policy
from services.controlling.policy.timeline import (
    PolicyBegun,
    PolicyInMidPeriod,
    PolicyState,
    PolicyTooLate,
    PolicyUndated,
    Timeline,
)
from shared.errors import PermanentError

TODAY = date(2026, 5, 12)


def policy(
    version: str, valid_from: date | None = None, period: PeriodLength = PeriodLength.MONTH
) -> Policy:
    return Policy(
        version=version, valid_from=valid_from, period=period, default_rate=Decimal("0.1")
    )


FIRST = Timeline(policy("first"))
QUARTERS = policy("quarters", date(2026, 7, 1), PeriodLength.QUARTER)


@pytest.mark.parametrize(
    ("day", "length", "key", "last_day"),
    [
        (date(2028, 2, 11), PeriodLength.MONTH, "2028-02", date(2028, 2, 29)),
        (date(2026, 12, 31), PeriodLength.MONTH, "2026-12", date(2026, 12, 31)),
        (date(2026, 5, 4), PeriodLength.QUARTER, "2026-Q2", date(2026, 6, 30)),
        (date(2026, 1, 1), PeriodLength.QUARTER, "2026-Q1", date(2026, 3, 31)),
        (date(2026, 5, 4), PeriodLength.YEAR, "2026", date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_key_and_a_last_day(
    day: date, length: PeriodLength, key: str, last_day: date
) -> None:
    found = period_of(day, length)
    assert (found.key, found.last_day) == (key, last_day)
    assert found.first_day <= day <= found.last_day
    assert period_of(found.last_day + timedelta(days=1), length) == found.next


def test_the_first_policy_holds_from_the_beginning() -> None:
    assert FIRST.policy_on(date(2006, 1, 1)).version == "first"


def test_a_scheduled_policy_holds_from_its_day() -> None:
    found = FIRST.with_scheduled(QUARTERS, today=TODAY)
    assert found.period_of(date(2026, 6, 30)) == Period(date(2026, 6, 1))
    assert found.period_of(date(2026, 8, 5)).key == "2026-Q3"
    assert found.policy_of(found.period_of(date(2026, 9, 30))) is QUARTERS
    assert found.policy_of(found.period_of(date(2026, 6, 30))).version == "first"


def test_what_does_not_hold_yet_is_withdrawn_and_the_one_before_goes_on() -> None:
    known = FIRST.with_scheduled(QUARTERS, today=TODAY)
    found = known.with_withdrawn("quarters", today=TODAY)
    assert found.policy_on(date(2026, 8, 1)).version == "first"
    assert found.state_of(QUARTERS, TODAY) is PolicyState.WITHDRAWN
    august = policy("august", date(2026, 8, 1))
    assert found.with_scheduled(august, today=TODAY).policy_on(date(2026, 8, 1)) is august
    with pytest.raises(VersionTaken, match="already, withdrawn"):
        found.with_scheduled(QUARTERS, today=TODAY)
    with pytest.raises(PolicyBegun, match="holds since 2026-07-01"):
        known.with_withdrawn("quarters", today=date(2026, 7, 1))
    with pytest.raises(PolicyBegun, match="holds since 2026-07-01"):
        known.with_withdrawn("quarters", today=TODAY, begun_until=date(2026, 9, 30))
    with pytest.raises(PolicyBegun, match="holds since the beginning"):
        known.with_withdrawn("first", today=TODAY)
    with pytest.raises(PolicyUnknown, match="did you mean quarters"):
        known.with_withdrawn("quaters", today=TODAY)


def test_a_version_is_compared_by_what_it_means() -> None:
    known = FIRST.with_scheduled(QUARTERS, today=TODAY)
    same = QUARTERS.model_copy(update={"default_rate": Decimal("0.10")})
    assert known.holds(same)
    other = QUARTERS.model_copy(update={"default_rate": Decimal("0.2"), "default_minimum": 3})
    assert not known.holds(other)
    said = r"default_rate: 0\.2 instead of 0\.1; default_minimum: 3 instead of 0"
    with pytest.raises(VersionTaken, match=said):
        known.with_scheduled(other, today=TODAY)


def test_of_two_policies_for_a_day_the_later_one_holds() -> None:
    wrong, right = (policy(version, date(2026, 7, 1)) for version in ("wrong", "right"))
    found = FIRST.with_scheduled(wrong, today=TODAY).with_scheduled(right, today=TODAY)
    assert found.policy_on(date(2026, 7, 1)) is right
    assert [found.state_of(one, TODAY) for one in found.policies] == [
        PolicyState.IN_FORCE,
        PolicyState.REPLACED,
        PolicyState.TO_COME,
    ]
    assert found.state_of(found.first, date(2026, 7, 1)) is PolicyState.PAST


@pytest.mark.parametrize(
    ("new", "error", "said"),
    [
        (policy("new"), PolicyUndated, "add valid_from"),
        (policy("first", date(2026, 7, 1)), VersionTaken, "policy first means one content"),
        (
            policy("new", date(2026, 5, 1)),
            PolicyTooLate,
            (
                "can't take effect on 2026-05-01: what was drawn is never changed; "
                "the earliest day is 2026-07-01"
            ),
        ),
        (
            policy("new", date(2026, 6, 1)),
            PolicyTooLate,
            "the period 2026-06 is opened, its policy promised; the earliest day is 2026-07-01",
        ),
        (
            policy("new", date(2026, 8, 1)),
            PolicyInMidPeriod,
            (
                "policy new takes effect on 2026-08-01, in the middle of the period 2026-Q3 of "
                "policy quarters; write 2026-07-01 or 2026-10-01"
            ),
        ),
    ],
)
def test_what_a_new_policy_may_not_do(new: Policy, error: type[PermanentError], said: str) -> None:
    """A decision dated to June has come already, so June has begun."""
    known = FIRST.with_scheduled(QUARTERS, today=TODAY)
    with pytest.raises(error, match=said):
        known.with_scheduled(new, today=TODAY, begun_until=date(2026, 6, 30))


def test_a_longer_period_may_not_cut_off_a_policy_that_was_scheduled_before() -> None:
    known = FIRST.with_scheduled(policy("august", date(2026, 8, 1)), today=TODAY)
    with pytest.raises(PolicyInMidPeriod, match=r"august takes effect .* 2026-Q3 of policy quart"):
        known.with_scheduled(QUARTERS, today=TODAY)


first_days = st.builds(date, st.integers(2026, 2028), st.integers(1, 12), st.just(1))
news = st.lists(st.tuples(first_days, st.sampled_from(PeriodLength)), max_size=6)


@given(news)
@settings(deadline=None, max_examples=60)
def test_whatever_is_accepted_every_day_has_one_period_of_one_policy(
    wanted: list[tuple[date, PeriodLength]],
) -> None:
    found = FIRST
    for number, (day, length) in enumerate(wanted):
        if period_of(day, length).first_day == day:
            try:
                found = found.with_scheduled(policy(str(number), day, length), today=TODAY)
            except PermanentError:
                continue
    day = date(2026, 4, 1)
    while day < date(2029, 6, 1):
        period = found.period_of(day)
        assert period.first_day == day  # periods follow each other without gap or overlap
        assert found.policy_on(period.last_day) is found.policy_of(period)
        day = period.next.first_day
