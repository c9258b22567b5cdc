"""Who can be given reviews, and how they are spread."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.reviews.assignment import Obstacle, Reviewer, Waiting, spread

TODAY = date(2026, 12, 1)


def reviewer(
    number: int = 1,
    *,
    leads: bool = True,
    locked: bool = False,
    share: str = "1",
    absent: tuple[date | None, date | None] = (None, None),
    has: int = 0,
) -> Reviewer:
    return Reviewer(UUID(int=number), leads, locked, (), Decimal(share), *absent, has)


def waiting(number: int, *allowed: int, decision: str = "", task: str | None = None) -> Waiting:
    return Waiting(
        UUID(int=100 + number),
        decision or f"d{number}",
        1,
        frozenset(UUID(int=one) for one in allowed),
        task,
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (reviewer(), None),
        (reviewer(leads=False), Obstacle.OTHER_ROLE),
        (reviewer(locked=True), Obstacle.LOCKED),
        (reviewer(absent=(TODAY, None)), Obstacle.ABSENT),
        (reviewer(absent=(date(2026, 11, 1), TODAY)), Obstacle.ABSENT),
        (reviewer(absent=(date(2026, 11, 1), date(2026, 11, 30))), None),
        (reviewer(absent=(date(2026, 12, 2), None)), None),
    ],
)
def test_obstacles(one: Reviewer, expected: Obstacle | None) -> None:
    assert one.obstacle(TODAY) is expected


def test_half_a_share_gets_half_as_much() -> None:
    given_out = spread(
        [waiting(number, 1, 2) for number in range(9)],
        [reviewer(1), reviewer(2, share="0.5")],
        TODAY,
    )
    assert {account.int: len(reviews) for account, reviews in given_out.items()} == {1: 6, 2: 3}


def test_who_has_much_already_gets_less() -> None:
    given_out = spread(
        [waiting(number, 1, 2) for number in range(3)], [reviewer(1, has=3), reviewer(2)], TODAY
    )
    assert {account.int: len(reviews) for account, reviews in given_out.items()} == {2: 3}


PEOPLE = st.lists(
    st.builds(
        reviewer,
        st.integers(1, 6),
        share=st.sampled_from(["0", "0.5", "1"]),
        has=st.integers(0, 5),
        locked=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.account,
)
REVIEWS = st.lists(
    st.builds(
        lambda number, allowed, decision, task: waiting(
            number, *allowed, decision=decision, task=task
        ),
        st.integers(0, 20),
        st.sets(st.integers(1, 6)),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=12,
    unique_by=lambda one: one.review,
)


@given(REVIEWS, PEOPLE)
def test_nobody_gets_what_they_may_not_do_nor_a_decision_twice(
    reviews: list[Waiting], people: list[Reviewer]
) -> None:
    given_out = spread(reviews, people, TODAY)
    by_review = {one.review: one for one in reviews}
    able = {one.account for one in people if one.share and not one.locked}
    assert given_out.keys() <= able
    for account, theirs in given_out.items():
        assert all(account in by_review[one].allowed for one in theirs)
        decisions = [by_review[one].decision for one in theirs]
        assert len(decisions) == len(set(decisions))


def test_like_cases_go_to_one_person_who_may_do_all_of_them() -> None:
    task = [
        waiting(1, 1, 2, task="t"),
        waiting(2, 1, 2),
        waiting(3, 2, 3, task="t"),
    ]
    given_out = spread(task, [reviewer(1), reviewer(2, has=9), reviewer(3)], TODAY)
    assert {account.int: len(reviews) for account, reviews in given_out.items()} == {2: 2, 1: 1}


def test_like_cases_that_nobody_may_do_all_of_are_given_in_parts() -> None:
    given_out = spread(
        [waiting(1, 1, task="t"), waiting(2, 2, task="t"), waiting(3, task="t")],
        [reviewer(1), reviewer(2)],
        TODAY,
    )
    assert {account.int: len(reviews) for account, reviews in given_out.items()} == {1: 1, 2: 1}
