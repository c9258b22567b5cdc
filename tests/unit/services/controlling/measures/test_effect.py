"""Whether a measure has helped."""

from collections import Counter
from itertools import product

import pytest

from services.controlling.figures.rate import Judged
from services.controlling.figures.reviews import Answer
from services.controlling.measures.effect import TOO_FEW, Drawn, Effect, Outcome, Side, effect
from services.controlling.statistics.rounding import within


def reviewed(stratum: str, errors: int, of: int, *, not_applicable: int = 0) -> list[Judged]:
    return [
        *[Judged(stratum, Answer.SIGNIFICANT, error=True)] * errors,
        *[Judged(stratum, Answer.CORRECT, error=False)] * (of - errors),
        *[Judged(stratum, None, error=False)] * not_applicable,
    ]


def compared(before: list[Judged], after: list[Judged], sizes: dict[str, int]) -> Effect:
    """Of sides where everything that was drawn has an answer."""
    first, second = (
        Drawn(one, Counter(judged.stratum for judged in one)) for one in (before, after)
    )
    return effect(first, second, sizes)


def simple(before: tuple[int, int], after: tuple[int, int], **more: int) -> Effect:
    return compared(reviewed("a", *before), reviewed("a", *after, **more), {"a": 1_000})


@pytest.mark.parametrize(
    ("before", "after", "outcome", "lower", "upper"),
    [
        ((12, 40), (1, 40), Outcome.BETTER, -0.4421, -0.1035),
        ((1, 40), (12, 40), Outcome.WORSE, 0.1035, 0.4421),
        ((12, 40), (9, 40), Outcome.NO_DIFFERENCE, -0.2773, 0.1336),
        ((4, 40), (4, 40), Outcome.NO_DIFFERENCE, -0.1545, 0.1545),
        ((0, 40), (0, 40), Outcome.NO_DIFFERENCE, -0.0881, 0.0881),
        ((7, 7), (0, 7), Outcome.BETTER, -1.0, -0.4207),
        ((2, 7), (0, 7), Outcome.NO_DIFFERENCE, -0.7096, 0.1937),
    ],
)
def test_known_values(
    before: tuple[int, int],
    after: tuple[int, int],
    outcome: Outcome,
    lower: float,
    upper: float,
) -> None:
    """By hand: Clopper-Pearson's limits of both rates, put together as the source says.

    What is told reaches as far, and to the ends of the steps.
    """
    found = simple(before, after)
    assert found.outcome is outcome
    assert found.change is not None
    assert -0.004 < found.change.lower - lower < 0.0001
    assert -0.0001 < found.change.upper - upper < 0.004


@pytest.mark.parametrize(
    ("before", "after"),
    [((3, 6), (0, 40)), ((12, 40), (0, 6)), ((12, 40), (0, 0)), ((0, 0), (0, 0))],
)
def test_fewer_than_seven_on_one_side_show_nothing_of_either(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    assert simple(before, after) == TOO_FEW


def test_only_decisions_to_which_the_question_applies_count() -> None:
    assert simple((12, 40), (0, 6), not_applicable=30) == TOO_FEW
    found = simple((12, 40), (1, 40), not_applicable=30)
    assert found.after is not None
    assert (found.after.reviewed, found.after.rate) == (40, within(1 / 40, 1))


def test_another_mix_of_cases_is_no_effect() -> None:
    """Of what is hard to decide a third is wrong, before and after; there is less of it now."""
    sizes = {"hard": 500, "easy": 500}
    before = reviewed("hard", 20, 60) + reviewed("easy", 0, 20)
    after = reviewed("hard", 5, 15) + reviewed("easy", 0, 65)
    found = compared(before, after, sizes)
    assert found.outcome is Outcome.NO_DIFFERENCE
    assert found.before is not None
    assert found.after is not None
    assert found.before.rate == found.after.rate
    assert found.covered == 1


def test_what_was_reviewed_on_one_side_only_is_left_out_and_told() -> None:
    sizes = {"a": 900, "b": 100}
    before = reviewed("a", 4, 40) + reviewed("b", 30, 30)
    after = reviewed("a", 4, 40)
    found = compared(before, after, sizes)
    assert found.before is not None
    assert (found.before.reviewed, found.before.rate) == (40, within(0.1, 1))
    assert found.covered == pytest.approx(0.9)


def test_that_everything_was_reviewed_says_nothing_of_the_next_month() -> None:
    every = compared(reviewed("a", 3, 20), reviewed("a", 2, 20), {"a": 40})
    some = compared(reviewed("a", 3, 20), reviewed("a", 2, 20), {"a": 4_000})
    assert every == some
    before = reviewed("a", 3, 20) + reviewed("b", 3, 20)
    after = reviewed("a", 2, 20) + reviewed("b", 2, 20)
    found = [compared(before, after, {"a": size, "b": size}).change for size in (40, 4_000)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].lower == pytest.approx(found[1].lower, abs=2e-3)
    assert found[0].upper == pytest.approx(found[1].upper, abs=2e-3)


def ends(side: Side) -> tuple[float, float]:
    assert side.bounds is not None
    return side.bounds.lower, side.bounds.upper


@pytest.mark.parametrize(
    ("drawn_before", "drawn_after", "outcome", "overturned"),
    [
        (40, 40, Outcome.BETTER, False),
        (44, 44, Outcome.BETTER, False),
        (40, 56, Outcome.NO_DIFFERENCE, True),
        (80, 60, Outcome.NO_DIFFERENCE, True),
    ],
)
def test_better_is_said_only_if_what_has_no_answer_could_not_turn_it(
    drawn_before: int, drawn_after: int, outcome: Outcome, *, overturned: bool
) -> None:
    """12 of 40 before, 1 of 40 after: of 44 at least 27 % before, at most 11 % after."""
    before, after = reviewed("a", 12, 40), reviewed("a", 1, 40)
    found = effect(
        Drawn(before, {"a": drawn_before}), Drawn(after, {"a": drawn_after}), {"a": 1_000}
    )
    assert (found.outcome, found.overturned) == (outcome, overturned)
    assert found.before is not None
    assert found.after is not None
    assert (found.before.missing, found.after.missing) == (drawn_before - 40, drawn_after - 40)
    assert ends(found.before) == pytest.approx((12 / drawn_before, 1 - 28 / drawn_before), abs=2e-3)
    assert ends(found.after) == pytest.approx((1 / drawn_after, 1 - 39 / drawn_after), abs=2e-3)
    turned = effect(
        Drawn(after, {"a": drawn_after}), Drawn(before, {"a": drawn_before}), {"a": 1_000}
    )
    assert turned.overturned is overturned
    assert turned.outcome is (Outcome.NO_DIFFERENCE if overturned else Outcome.WORSE)


def test_what_was_drawn_of_strata_that_are_left_out_turns_nothing() -> None:
    before, after = reviewed("a", 12, 40), reviewed("a", 1, 40)
    drawn = Drawn(after, {"a": 40, "b": 500})
    found = effect(Drawn(before, {"a": 40}), drawn, {"a": 500, "b": 500})
    assert found.outcome is Outcome.BETTER


def test_a_few_decisions_make_rates_rough_and_leave_what_was_found_open() -> None:
    """Two of a stratum that weighs a fifth: one error more there is ten in a hundred."""
    sizes = {"many": 800, "few": 200}
    before = reviewed("many", 12, 40) + reviewed("few", 1, 2)
    after = reviewed("many", 1, 40) + reviewed("few", 0, 2)
    found = compared(before, after, sizes)
    assert found.before is not None
    assert found.after is not None
    assert min(found.before.step, found.after.step) > 0.1
    others = [
        compared(reviewed("many", many, 40) + reviewed("few", few, 2), after, sizes).before
        for many, few in product(range(41), range(3))
        if few != 1
    ]
    assert found.before in others
