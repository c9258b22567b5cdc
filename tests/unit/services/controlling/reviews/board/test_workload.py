"""The board sets hours to do against hours there are, by share and absence."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.controlling.policy.policy import Policy, StratumRate
from services.controlling.reviews.assignment import Reviewer
from services.controlling.reviews.board.workload import OpenWork, workload

TODAY = date(2026, 12, 1)
POLICY = Policy(
    version="1",
    default_rate=Decimal("0.1"),
    review_hours=Decimal("1.5"),
    reviewer_hours=Decimal(4),
    rates=(StratumRate(group="ending-stay", rate=Decimal(1), review_hours=Decimal(3), why="deep"),),
)
WORK = "work/favourable/unit-2"
ENDING = "ending-stay/adverse/unit-4"


def reviewer(number: int, share: str = "1", absent: date | None = None) -> Reviewer:
    return Reviewer(
        UUID(int=number),
        leads=True,
        locked=False,
        groups=(),
        share=Decimal(share),
        absent_from=absent,
        absent_until=None,
    )


def test_hours_are_those_that_the_policy_names_for_each_stratum() -> None:
    found = workload([OpenWork(POLICY, WORK, 4, 2), OpenWork(POLICY, ENDING, 1, 0)], [], TODAY)
    assert (found.waiting, found.held) == (Decimal("9.0"), Decimal("3.0"))


def test_the_time_there_is_goes_by_share_and_absence() -> None:
    people = [reviewer(1), reviewer(2, "0.5"), reviewer(3, absent=TODAY)]
    found = workload([OpenWork(POLICY, WORK, 8, 0)], people, TODAY)
    assert (found.a_week, found.weeks) == (Decimal(6), Decimal(2))


def test_the_newest_policy_says_how_much_time_a_share_has() -> None:
    newer = POLICY.model_copy(update={"reviewer_hours": Decimal(8)})
    work = [OpenWork(POLICY, WORK, 1, 0), OpenWork(newer, WORK, 1, 0)]
    assert workload(work, [reviewer(1)], TODAY).a_week == Decimal(8)


@pytest.mark.parametrize(("waiting", "too_much"), [(16, False), (17, True)])
def test_more_than_six_weeks_is_too_much(waiting: int, *, too_much: bool) -> None:
    """A review is due after 30 working days: 16 of 1.5 hours take six weeks at four hours."""
    found = workload([OpenWork(POLICY, WORK, waiting, 0)], [reviewer(1)], TODAY)
    assert found.too_much is too_much


def test_where_nobody_is_anything_is_too_much_and_nothing_isnt() -> None:
    assert workload([OpenWork(POLICY, WORK, 1, 0)], [], TODAY).too_much
    assert not workload([], [], TODAY).too_much
