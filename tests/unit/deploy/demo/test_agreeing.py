"""Measures are agreed after their findings, carried out before today, and due when they say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deploy.demo.agreeing import Story, story
from deploy.demo.fate import Oracle
from deploy.demo.reviewers import Agreed, Course
from services.controlling.accounts.account import Role
from services.controlling.findings.store import Line
from services.controlling.measures.measure import Kind
from tests.unit.deploy.demo.test_replying import finding

FIRST = datetime(2026, 9, 7, 9, tzinfo=UTC)


def found(days: int = 1) -> list[Line]:
    return [finding(number, FIRST + number * timedelta(days=days)) for number in range(1, 9)]


def told(course: Course, oracle: Oracle, days: int = 1, owner: Role = Role.CONTROLLING) -> Story:
    agreed = Agreed(kind=Kind.TRAINING, title="Anhörung üben", owner=owner, course=course)
    one = story("V1", agreed, found(days), oracle)
    assert one is not None
    return one


@pytest.mark.parametrize("course", Course)
def test_it_is_agreed_on_what_was_found_before(course: Course, oracle: Oracle) -> None:
    one = told(course, oracle)
    assert one.plan.findings == (1, 2, 3, 4)
    assert FIRST + timedelta(days=4) < one.at < one.done_at
    overdue = one.plan.due < oracle.today
    assert overdue == (course is not Course.AGREED)


def test_a_head_of_unit_carries_out_what_is_the_units_own(oracle: Oracle) -> None:
    assert told(Course.OVERDUE, oracle, owner=Role.UNIT_HEAD).plan.unit == "unit-1"
    assert told(Course.OVERDUE, oracle).plan.unit is None


def test_what_would_have_been_carried_out_tomorrow_is_left_out(oracle: Oracle) -> None:
    late = [finding(1, datetime(2026, 11, 20, 9, tzinfo=UTC))]
    agreed = Agreed(
        kind=Kind.TRAINING, title="Anhörung üben", owner=Role.CONTROLLING, course=Course.DONE
    )
    assert story("V1", agreed, late, oracle) is None
    assert date(2026, 11, 20) < oracle.today


def test_every_course_is_told(oracle: Oracle) -> None:
    assert {one.course for one in oracle.assumed.measures.values()} == set(Course)
