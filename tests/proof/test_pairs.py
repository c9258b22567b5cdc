"""Nobody works out of how often two agreed what was said of fewer than seven decisions."""

from collections.abc import Collection, Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as some

from tests.proof.auditor import Case, Result, told_in_turn
from tests.proof.invented import Found, case, reviewed_twice
from tests.proof.pairs import Pairs, PairsBesideRates

ADVERSE, FAVOURABLE = "work/adverse/unit-1", "eu/favourable/unit-2"
WRONG = some.lists(some.booleans(), min_size=4, max_size=4)
MANY = 20
"""Double reviews, so many that there could be other ones than the reader knows of."""


def period(first: int, second: int) -> Case:
    """Nine decisions of two strata, of which so many are wrong; all of it may be told exactly."""
    found: dict[str, Found] = {
        ADVERSE: (9, first / 9, 1, 0),
        FAVOURABLE: (9, second / 9, 3, 0),
    }
    return case(found, appeals=False)


@settings(max_examples=25)
@given(some.integers(0, 4), some.integers(0, 4), WRONG, WRONG)
def test_nobody_works_out_what_either_said_of_a_few(
    first: int, second: int, adverse: list[bool], favourable: list[bool]
) -> None:
    """Not even who knows all rates as exactly as these are told."""
    of = reviewed_twice(period(first, second), {ADVERSE: adverse, FAVOURABLE: favourable})
    assert not PairsBesideRates(of).worked_out()


@settings(max_examples=25)
@example([True] * 6 + [False] * 14, [{0, 1, 6, 7, 8, 9, 10}, {2}, {3, 11}])
@given(
    some.lists(some.booleans(), min_size=MANY, max_size=MANY),
    some.lists(some.sets(some.integers(0, MANY - 1), min_size=1, max_size=9), max_size=3),
)
def test_nor_by_later_editions_in_which_somebody_said_otherwise(
    wrong: list[bool], changes: list[set[int]]
) -> None:
    outputs = told_in_turn(editions(wrong, changes))
    assert not Pairs(outputs).results()[Result.FALLS]


def editions(wrong: Sequence[bool], changes: Sequence[Collection[int]]) -> list[Case]:
    """A period, and later editions in which some second reviewers say the contrary of before."""
    of = case({ADVERSE: (MANY, 0.1, 1, 0)}, appeals=False)
    said, found = list(wrong), [reviewed_twice(of, {ADVERSE: wrong})]
    for changed in changes:
        said = [one ^ (at in changed) for at, one in enumerate(said)]
        found.append(reviewed_twice(of, {ADVERSE: said}))
    return found


def test_told_without_a_look_at_each_other_two_editions_give_a_decision_away() -> None:
    """So the attacker finds what there is to find."""
    alone = [one.beside([]) for one in editions([False] * MANY, [{2}])]
    assert Pairs(alone).results()[Result.FALLS]


def test_told_beyond_chance_agreement_gives_away_what_was_said_of_four() -> None:
    of = reviewed_twice(
        period(2, 0), {ADVERSE: [True, False, True, False], FAVOURABLE: [False] * 4}
    )
    assert PairsBesideRates(of, of_file=True).worked_out()
