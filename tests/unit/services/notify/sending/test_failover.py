from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.errors import WeightsInvalid
from services.notify.sending.failover import (
    CALM,
    Cause,
    Change,
    Pair,
    Provider,
    Speed,
    after_calm,
    after_errors,
    after_slowness,
    choose,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
MINUTE = timedelta(minutes=1)
SLOW, FAST = Speed(sent=100, late=15), Speed(sent=100, late=14)
weights = st.integers(0, 100)


def pair(
    one: int = 51,
    other: int = 49,
    *,
    changed: datetime = LONG_AGO,
    rest: tuple[int, int] = (51, 49),
) -> Pair:
    providers = Provider("north", one, rest[0]), Provider("south", other, rest[1])
    return Pair(providers, changed_at=changed, troubled_at=changed)


def happens(happening: str, to: Pair, now: datetime) -> Change | None:
    match happening.split():
        case ["calm"]:
            return after_calm(to, now)
        case [name, "fails"]:
            return after_errors(to, {name: 99}, now)
        case [name, *_]:
            return after_slowness(to, {name: SLOW}, now)
    raise AssertionError(happening)


def weights_of(change: Change | None) -> tuple[int, ...] | None:
    return None if change is None else tuple(one.weight for one in change.pair.providers)


@pytest.mark.parametrize(
    ("before", "after"),
    [((51, 49), (41, 59)), ((5, 60), (0, 70)), ((50, 95), (40, 100)), ((0, 20), (0, 30))],
)
def test_a_provider_that_fails_loses_ten_points_to_the_other(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    change = after_errors(pair(*before), {"north": 51}, NOW)

    assert weights_of(change) == after
    assert change is not None
    assert (change.cause, change.troubled) == (Cause.ERRORS, "north")
    assert change.pair.changed_at == change.pair.troubled_at == NOW


@pytest.mark.parametrize(
    "errors", [{}, {"north": 50}, {"north": 51, "south": 51}, {"elsewhere": 51}]
)
def test_fifty_errors_a_minute_or_trouble_of_both_change_nothing(
    errors: Mapping[str, int],
) -> None:
    assert after_errors(pair(), errors, NOW) is None


@pytest.mark.parametrize(
    ("speeds", "after"),
    [
        ({"north": SLOW, "south": FAST}, (41, 59)),
        ({"north": FAST, "south": SLOW}, (61, 39)),
        ({"north": SLOW}, (41, 59)),
        ({"north": SLOW, "south": SLOW}, None),
        ({"north": FAST, "south": FAST}, None),
        ({"north": Speed(sent=9, late=9), "south": FAST}, None),
        ({}, None),
    ],
)
def test_a_slow_provider_loses_points_unless_both_are_slow(
    speeds: Mapping[str, Speed], after: tuple[int, int] | None
) -> None:
    assert weights_of(after_slowness(pair(), speeds, NOW)) == after


@pytest.mark.parametrize(("minutes", "moves"), [(0, False), (1, True), (4, True), (5, True)])
def test_errors_are_counted_anew_for_a_minute_after_a_change(minutes: int, *, moves: bool) -> None:
    changed = pair(changed=NOW - minutes * MINUTE)

    assert (after_errors(changed, {"north": 51}, NOW) is not None) is moves


@pytest.mark.parametrize(("minutes", "moves"), [(0, False), (4, False), (5, True)])
def test_slowness_is_measured_anew_for_five_minutes_after_a_change(
    minutes: int, *, moves: bool
) -> None:
    changed = pair(changed=NOW - minutes * MINUTE)

    assert (after_slowness(changed, {"north": SLOW}, NOW) is not None) is moves


@pytest.mark.parametrize(
    ("before", "after"),
    [((65, 35), (60, 40)), ((0, 100), (10, 90)), ((60, 40), None), ((60, 55), (60, 45))],
)
def test_in_calm_times_weights_drift_to_where_they_rest(
    before: tuple[int, int], after: tuple[int, int] | None
) -> None:
    change = after_calm(pair(*before, rest=(60, 40)), NOW)

    assert weights_of(change) == after
    assert change is None or change.cause is Cause.CALM


def test_calm_begins_a_quarter_of_an_hour_after_the_trouble_and_drifts_every_five_minutes() -> None:
    troubled = after_errors(pair(), {"north": 51}, NOW)
    assert troubled is not None

    assert after_calm(troubled.pair, NOW + CALM - MINUTE) is None
    drifted = after_calm(replace(troubled.pair), NOW + CALM)
    assert weights_of(drifted) == (51, 49)

    far = Pair(pair(0, 100).providers, changed_at=NOW - 4 * MINUTE, troubled_at=LONG_AGO)
    assert after_calm(far, NOW) is None
    assert weights_of(after_calm(far, NOW + MINUTE)) == (10, 90)


@given(
    st.lists(st.sampled_from(["north fails", "south fails", "north is slow", "calm"]), max_size=60),
    weights,
    weights,
)
def test_whatever_happens_weights_stay_in_bounds_and_somebody_can_be_asked(
    happenings: list[str], one: int, other: int
) -> None:
    current, now = pair(one, max(other, 1 if not one else 0)), NOW
    for happening in happenings:
        now += timedelta(minutes=16)
        change = happens(happening, current, now)
        current = change.pair if change else current
        assert all(0 <= provider.weight <= 100 for provider in current.providers)
        assert sum(provider.weight for provider in current.providers) > 0


def test_after_the_trouble_both_are_back_where_they_rest() -> None:
    current, now = pair(0, 100), NOW
    for _ in range(6):
        now += timedelta(minutes=5)
        change = after_calm(current, now)
        current = change.pair if change else current

    assert [provider.weight for provider in current.providers] == [51, 49]


def test_messages_are_shared_by_weight() -> None:
    providers = pair(70, 30).providers
    chosen = [choose(providers, UUID(int=one), 1).name for one in range(10_000)]

    assert chosen.count("north") == pytest.approx(7_000, abs=200)


@given(weights, weights, st.uuids(), st.integers(1, 99))
def test_the_choice_can_be_replayed_and_never_falls_on_a_weight_of_nothing(
    one: int, other: int, message: UUID, attempt: int
) -> None:
    providers = pair(one, other).providers
    chosen = choose(providers, message, attempt)

    assert chosen == choose(providers, message, attempt)
    assert chosen.weight or not one + other


def test_the_next_attempt_may_take_the_other_provider() -> None:
    providers = pair(50, 50).providers

    assert {choose(providers, UUID(int=7), attempt).name for attempt in range(1, 20)} == {
        "north",
        "south",
    }


def test_where_only_one_is_left_it_is_asked_whatever_its_weight() -> None:
    alone = Provider("south", 0, 49)

    assert choose([alone], UUID(int=7), 1) is alone
    with pytest.raises(ValueError, match="no provider"):
        choose([], UUID(int=7), 1)


def test_weights_that_cannot_be_shared_by_are_refused() -> None:
    with pytest.raises(WeightsInvalid, match="north has 101"):
        pair(101, 0)
    with pytest.raises(WeightsInvalid, match="north has -1"):
        pair(rest=(-1, 0))
    with pytest.raises(WeightsInvalid, match="north and south both rest at 0"):
        pair(rest=(0, 0))
    with pytest.raises(WeightsInvalid, match="two are called north"):
        Pair((Provider("north", 1, 1), Provider("north", 1, 1)), NOW, NOW)
