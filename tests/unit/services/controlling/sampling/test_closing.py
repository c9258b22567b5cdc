"""When a period is due, and how its sample is filled up."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.policy.policy import Rule
from services.controlling.policy.strata import Stratum
from services.controlling.sampling.closing import due_at, end_of, shortfall
from services.controlling.sampling.draw import Sampler
from shared.events.vocabulary import Direction, DrawReason
from tests.unit.services.controlling.sampling.records import POLICY, sample

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)
STRATA = ("work/adverse/unit-a", "work/favourable/unit-a", "family/adverse/unit/b")
frames = st.dictionaries(
    st.integers(0, 10_000).map("decision-{}".format), st.sampled_from(STRATA), max_size=80
)
seeds = st.binary(min_size=32, max_size=32)


def test_a_period_ends_at_midnight_of_the_authority() -> None:
    assert end_of(date(2026, 5, 31), BERLIN) == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert end_of(date(2026, 12, 31), BERLIN) == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_the_grace_runs_from_the_end_of_the_period() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2026, 5, 31), opened, WEEK, BERLIN) == datetime(2026, 6, 8, tzinfo=BERLIN)


def test_a_month_of_an_imported_log_stays_open_while_the_log_is_read() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2010, 10, 31), opened, WEEK, BERLIN) == opened + WEEK


@pytest.mark.parametrize(
    ("minimum", "size", "drawn", "missing"),
    [(5, 100, 2, 3), (5, 3, 1, 2), (5, 100, 9, 0), (0, 100, 0, 0), (5, 3, 3, 0)],
)
def test_a_stratum_is_filled_up_to_its_minimum_or_its_size(
    minimum: int, size: int, drawn: int, missing: int
) -> None:
    assert shortfall(Rule(Decimal("0.1"), minimum), size, drawn) == missing


@given(seeds, frames)
def test_the_order_of_arrival_does_not_change_the_topped_up_sample(
    seed: bytes, frame: dict[str, str]
) -> None:
    other_order = dict(sorted(frame.items(), reverse=True))
    assert sample(seed, frame) == sample(seed, other_order)


@given(seeds, frames)
def test_topping_up_one_stratum_never_touches_another(seed: bytes, frame: dict[str, str]) -> None:
    whole = sample(seed, frame)
    for stratum in STRATA:
        alone = {name: one for name, one in frame.items() if one == stratum}
        assert sample(seed, alone) == {n: why for n, why in whole.items() if n in alone}


@given(seeds, frames)
def test_the_sample_of_a_stratum_is_its_smallest_tickets(
    seed: bytes, frame: dict[str, str]
) -> None:
    drawn = sample(seed, frame)
    amounts = Counter(frame[name] for name in drawn)
    for stratum in set(frame.values()):
        members = [name for name in frame if frame[name] == stratum]
        by_ticket = sorted(members, key=Sampler(seed).ticket)
        assert set(by_ticket[: amounts[stratum]]) == {n for n in members if n in drawn}
        rule = POLICY.rule_of(Stratum.parse(stratum))
        assert amounts[stratum] >= min(rule.minimum, len(members))
        topped_up = [n for n in members if drawn.get(n) is DrawReason.TOP_UP]
        assert not topped_up or amounts[stratum] <= rule.minimum


@pytest.mark.parametrize("unit", ["unit-1", "33/1"])
def test_a_stratum_is_read_back_from_its_key(unit: str) -> None:
    stratum = Stratum("work", Direction.ADVERSE, unit)
    assert Stratum.parse(stratum.key) == stratum
