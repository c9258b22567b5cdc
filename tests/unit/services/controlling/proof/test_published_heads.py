"""Heads of a register on the public page: hashes always, numbers where they tell nobody's case."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.chain.head import DailyHead
from services.controlling.proof.publication import PublicRecord, publication_of
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from tests.unit.services.controlling.proof.records import POLICY

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 5, 1)
FIRST_MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


def heads(*entries: int) -> list[DailyHead]:
    return [
        DailyHead(FIRST + timedelta(days=day), number, day.to_bytes(32, "big"))
        for day, number in enumerate(entries)
    ]


def shown(published: list[DailyHead], sizes: dict[str, int] | None = None) -> list[DailyHead]:
    """What stands on the page, the oldest first; with sizes of strata the period is closed."""
    closing = ReviewPeriodClosed(
        period="2026-05",
        seed="0" * 64,
        strata=tuple(
            StratumCount(stratum=f"work/adverse/{unit}", size=size, drawn=0)
            for unit, size in (sizes or {}).items()
        ),
    )
    record = PublicRecord(
        key="2026-05",
        first_day=FIRST,
        last_day=date(2026, 5, 31),
        opened_at=datetime(2026, 4, 1, tzinfo=UTC),
        commitment="0" * 64,
        commitment_form=2,
        time_stamp=None,
        policy_version="1",
        policy=POLICY.model_dump_json(),
        catalogue="{}",
        witness=None,
        witness_roles=None,
        witnessed_at=None,
        simulated=False,
        closing=None if sizes is None else closing.model_dump_json(),
        closed_at=None if sizes is None else datetime(2026, 6, 8, tzinfo=UTC),
        incomplete=False,
    )
    found = publication_of(record, BERLIN, FIRST_MOMENT, published).heads
    return [one.head for one in found][::-1]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([6], [None]),
        ([7], [7]),
        ([7, 13, 14], [7, None, 14]),
        ([3, 9, 15, 16], [None, 9, None, 16]),
        ([100, 106, 112], [100, None, 112]),
    ],
)
def test_a_number_is_shown_when_it_is_seven_more_than_the_last_one_shown(
    entries: list[int], told: list[int | None]
) -> None:
    assert [one.entries for one in shown(heads(*entries))] == told


@given(st.lists(st.integers(1, 40), max_size=40))
def test_no_two_numbers_tell_of_fewer_than_seven_and_no_hash_is_left_out(steps: list[int]) -> None:
    published = heads(*(sum(steps[: day + 1]) for day in range(len(steps))))
    found = shown(published)
    told = [0, *(one.entries for one in found if one.entries is not None)]
    assert all(after - before >= 7 for before, after in itertools.pairwise(told))
    assert [one.hash for one in found] == [one.hash for one in published][-31:]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([50, 97, 100], [50, None, 100]),
        ([50, 93, 97], [50, 93, None]),
        ([94], [None]),
        ([93], [93]),
        ([90, 103], [90, None]),
        ([94, 107], [None, 107]),
    ],
)
def test_beside_the_total_of_a_closed_period_no_number_tells_how_few_came_before_or_after(
    entries: list[int], told: list[int | None]
) -> None:
    assert [one.entries for one in shown(heads(*entries), {"unit-1": 100})] == told


@given(st.lists(st.integers(1, 40), max_size=31), st.integers(0, 40))
def test_no_number_and_the_total_tell_of_fewer_than_seven(steps: list[int], more: int) -> None:
    published = heads(*(sum(steps[: day + 1]) for day in range(len(steps))))
    total = sum(steps) + more
    found = shown(published, {"unit-1": total})
    told = {one.entries for one in found if one.entries is not None}
    near = itertools.pairwise(sorted({0, total, *told}))
    assert not told or all(after - before >= 7 for before, after in near)


def test_where_the_whole_of_a_closed_period_is_not_told_no_number_is() -> None:
    assert [one.entries for one in shown(heads(7), {"unit-1": 6})] == [None]
    assert [one.entries for one in shown(heads(20), {"unit-1": 20})] == [20]
