"""Small periods of which everything is invented: what was drawn, reviewed and found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from hypothesis import strategies as some

from services.controlling.figures.period import Asked
from services.controlling.figures.reviews import (
    ON_THE_FACTS,
    ON_THE_FILE,
    PUT_RIGHT,
    SECOND,
    Answer,
    Review,
)
from services.controlling.figures.sample import Sample
from services.controlling.periods.deadlines import Promise
from services.controlling.statistics.tables import Row
from tests.proof.auditor import Case

NAMES = [
    f"{group}/{direction}/{unit}"
    for group, direction, unit in product(
        ("work", "family", "eu"), ("adverse", "favourable"), ("unit-1", "unit-2", "unit-3")
    )
]
COUNTS = some.tuples(
    some.sampled_from([1, 2, 3, 5, 7, 8, 12, 20]),  # reviewed
    some.sampled_from([0, 0, 0, 0.1, 0.3, 1]),  # share of errors
    some.sampled_from([1, 1, 2, 5, 40]),  # decisions that each review stands for
    some.sampled_from([0, 0, 0, 2]),  # drawn and not reviewed
)
Found = tuple[int, float, int, int]


def case(found: Mapping[str, Found], by: str | None = None, *, appeals: bool = True) -> Case:
    """Make the reviews of a period.

    Every third has another legal basis; on the facts the last are wrong, half as many as on the
    file.

    Args:
        found: By stratum.
        by: What figures are broken down by, beside the usual lines.
        appeals: Whether every other error was put right before it was reviewed; else it isn't told
            whether any was.
    """
    drawn: dict[str, str] = {}
    reviews = []
    for key, (count, share, _, missing) in found.items():
        wrong, on_the_facts = round(count * share), round(count * share / 2)
        for number in range(count + missing):
            name = f"{key}/{number}"
            drawn[name] = key
            if number < count:
                answers = {
                    ON_THE_FILE: _verdict(wrong=number < wrong),
                    ON_THE_FACTS: _verdict(wrong=number >= count - on_the_facts),
                }
                cells = {"legal_basis": f"§ {25 + number % 3 // 2}"}
                if appeals:
                    cells[PUT_RIGHT] = ""
                put_right = appeals and number < wrong and number % 2 == 0
                row = Row(Path("made"), number, cells)
                reviews.append(Review(name, answers, put_right=put_right, row=row))
    sizes = {key: (count + missing) * weight for key, (count, _, weight, missing) in found.items()}
    return Case(Sample(drawn, sizes, {}, Promise.PROVED, witnessed=True), reviews, Asked(by=by))


def _verdict(*, wrong: bool) -> Answer:
    return Answer.WRONG if wrong else Answer.CORRECT


def otherwise(of: Case, numbers: Iterable[int]) -> Case:
    """Let some reviews, by their number, have found the contrary on the file."""
    other = frozenset(numbers)
    return replace(
        of,
        reviews=[
            _contrary(one) if number in other else one for number, one in enumerate(of.reviews)
        ],
    )


def _contrary(one: Review) -> Review:
    was_wrong = one.answers[ON_THE_FILE] is Answer.WRONG
    answers = {**one.answers, ON_THE_FILE: _verdict(wrong=not was_wrong)}
    return replace(one, answers=answers, put_right=False)


def reviewed_twice(of: Case, seconds: Mapping[str, Sequence[bool]]) -> Case:
    """Let a second reviewer have seen the first decisions of some strata.

    Args:
        of: The period.
        seconds: By stratum, of each whether that one called it wrong.
    """
    said = {
        f"{key}/{number}": _verdict(wrong=wrong)
        for key, some_of_it in seconds.items()
        for number, wrong in enumerate(some_of_it)
    }
    return replace(
        of,
        reviews=[
            replace(one, answers={**one.answers, SECOND: said[one.decision]})
            if one.decision in said
            else one
            for one in of.reviews
        ],
    )


SMALL_AND_LARGE = {
    "work/adverse/unit-1": (3, 0.3, 1, 0),
    "work/favourable/unit-1": (20, 0.1, 5, 0),
    "family/adverse/unit-2": (4, 0.0, 2, 0),
    "family/favourable/unit-2": (12, 0.3, 2, 0),
    "eu/favourable/unit-3": (20, 0.1, 1, 0),
}
