"""A panel as a page shows it: what matters first, and nothing that tells of a single case."""

from datetime import UTC, datetime

import pytest

from deploy.dashboards.board import Panel, Right, Unit
from deploy.dashboards.shown import Count, Level, Until
from deploy.desk.views.told import Look
from deploy.desk.views.view import MOST, View, view
from deploy.standing.series import read

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def shown(panel: Panel, *values: float) -> View:
    """The panel, where loops `0`, `1` and so on tell these values."""
    lines = [f'things_total{{loop="{place}"}} {value}' for place, value in enumerate(values)]
    series = read("\n".join(["# TYPE things_total counter", *lines, ""]))
    assert series is not None
    return view(panel, Look(AT, {"notify": series}, []))


def panel(*, about_cases: bool = False, right: Right = Right.ZERO) -> Panel:
    return Panel("things", right, [Level("things_total", ("loop",))], about_cases=about_cases)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, 0), (1, None), (6, None), (7, 10), (44, 40), (46, 50)]
)
def test_what_is_about_cases_is_told_in_tens_and_a_few_not_at_all(
    number: float, expected: float | None
) -> None:
    [line] = shown(panel(about_cases=True), number).lines
    assert line.value == expected


def test_what_is_about_no_case_is_told_as_it_is() -> None:
    assert [line.value for line in shown(panel(), 1, 44).lines] == [1, 44]


def test_few_lines_stand_in_the_order_of_their_names() -> None:
    assert [line.labels for line in shown(panel(), 0, 5, 1).lines] == [("0",), ("1",), ("2",)]


def test_of_many_lines_the_greatest_come_first_and_those_at_zero_are_counted() -> None:
    found = shown(panel(), *range(MOST + 3))
    assert [line.value for line in found.lines] == [*range(MOST + 2, 2, -1)]
    assert [line.value for line in found.more] == [2, 1]
    assert found.zeros == 1


def test_of_many_moments_the_nearest_come_first() -> None:
    ends = Panel("ends", Right.UNKNOWN_IS_EMPTY, [Until("things_total", ("loop",))], Unit.SECONDS)
    found = shown(ends, *range(20, 0, -1))
    assert found.lines[0].labels == ("19",)


def test_of_what_nobody_says_anything_is_told_apart() -> None:
    found = shown(panel(), float("nan"), 2)
    assert [line.labels for line in found.lines] == [("1",)]
    assert [line.labels for line in found.untold] == [("0",)]


@pytest.mark.parametrize(("value", "expected"), [(0, False), (1, True), (float("nan"), False)])
def test_what_should_be_at_zero_and_isnt_stands_out(value: float, *, expected: bool) -> None:
    assert shown(panel(), value).stands_out is expected


def test_a_few_cases_stand_out_too() -> None:
    assert shown(panel(about_cases=True), 3).stands_out


def test_what_may_be_more_than_zero_never_stands_out() -> None:
    assert not shown(panel(right=Right.ZERO_AT_REST), 3).stands_out


def test_what_was_counted_since_the_start_says_nothing_of_now() -> None:
    counted = Panel("things", Right.ZERO, [Count("things_total", ("loop",))])
    assert not shown(counted, 3).stands_out
