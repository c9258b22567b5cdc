"""The cases that stand side by side on one page: one, or two like ones with their questions.

Pure. What two cases have in common is quiet; what differs is marked, by a word as well.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.law import Law
from services.controlling.reviews.asked import Asked, Sheet
from services.controlling.reviews.form.opened import Opened, Reviewed
from services.controlling.reviews.form.progress import Progress, progress
from services.controlling.reviews.form.time_line import Moment, Step, time_line
from services.controlling.reviews.verdict import VERDICTS
from shared.events.vocabulary import FeatureValue

LETTERS = "AB"


@dataclass(frozen=True, slots=True)
class Side:
    """One case and its review.

    Attributes:
        letter: How it is called beside the other one; nothing when it is alone.
        opened: The review with its case.
        line: What happened in it, as a line of time.
    """

    letter: str
    opened: Opened
    line: Sequence[Moment]

    @property
    def review(self) -> Reviewed:
        """Whose questions these are."""
        return self.opened.review

    @property
    def sheet(self) -> Sheet:
        """What is asked, told and answered."""
        return self.opened.sheet

    @property
    def progress(self) -> Progress:
        """How far the review is."""
        return progress(self.sheet)

    @property
    def suffix(self) -> str:
        """What makes its ids on the page differ from the other one's."""
        return f"-{self.letter.lower()}" if self.letter else ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One question with what each side says of it; None where a side isn't asked."""

    code: str
    cells: tuple[Asked | None, ...]

    @property
    def one(self) -> Asked:
        """What is asked, of whichever side."""
        return next(one for one in self.cells if one is not None)

    @property
    def differs(self) -> bool:
        """Whether both sides are answered, and otherwise."""
        grades = [one.grade for one in self.cells if one is not None]
        return len(set(grades) - {None}) > 1

    def open_on(self, sides: Sequence[Side]) -> bool:
        """Whether something is missing on a side that can be answered."""
        return any(
            side.review.works and one is not None and not one.answered
            for side, one in zip(sides, self.cells, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of each case in one respect; None where it isn't known."""

    name: str
    values: tuple[FeatureValue | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the cases aren't the same in it."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Beside:
    """One step, and when it happened in each case; None where it didn't."""

    step: Step
    moments: tuple[Moment | None, ...]

    @property
    def differs(self) -> bool:
        """Whether it happened in one of them only, or otherwise; days always differ."""
        return len({_essence(one) for one in self.moments}) > 1


def side_by_side(opened: Sequence[Opened], law: Law) -> tuple[Side, ...]:
    """Give the cases of one page; of two the earlier decision stands first, whoever asked."""
    ordered = sorted(opened, key=lambda one: (one.case.decided.event.time, one.review.id))
    letters = LETTERS if len(ordered) > 1 else [""]
    return tuple(
        Side(letter, one, time_line(one.case, law))
        for letter, one in zip(letters, ordered, strict=True)
    )


def questions(sides: Sequence[Side]) -> tuple[Compared, ...]:
    """Give every question that any side asks, in the order of the form; both verdicts last."""
    order = dict.fromkeys(chain.from_iterable(side.opened.order for side in sides))
    every = (
        Compared(code, tuple(side.sheet.find(code) for side in sides))
        for code in (*order, *VERDICTS)
    )
    return tuple(row for row in every if any(row.cells))


def next_open(rows: Sequence[Compared], sides: Sequence[Side], code: str | None) -> Compared | None:
    """Give the next question that needs something: behind one, else from the beginning."""
    codes = [one.code for one in rows]
    start = codes.index(code) + 1 if code in codes else 0
    return next((one for one in (*rows[start:], *rows[:start]) if one.open_on(sides)), None)


def facts(cases: Sequence[CaseFile]) -> tuple[Fact, ...]:
    """Give what cases are compared in: where they were decided, and what makes cases alike."""
    made = [one.decision for one in cases]
    names = dict.fromkeys(chain.from_iterable(one.features for one in made))
    return (
        Fact("unit", tuple(one.unit for one in made)),
        *(Fact(name, tuple(one.features.get(name) for one in made)) for name in names),
    )


def steps(lines: Sequence[Sequence[Moment]]) -> tuple[Beside, ...]:
    """Put lines of time side by side, each step beside the same one of the other case."""
    placed = [dict(_numbered(line)) for line in lines]
    order = sorted(
        set(chain.from_iterable(placed)), key=lambda key: (list(Step).index(key[0]), key[1])
    )
    return tuple(Beside(key[0], tuple(line.get(key) for line in placed)) for key in order)


def _numbered(line: Iterable[Moment]) -> Iterable[tuple[tuple[Step, int], Moment]]:
    times: Counter[Step] = Counter()
    for moment in line:
        times[moment.step] += 1
        yield (moment.step, times[moment.step]), moment


def _essence(moment: Moment | None) -> object:
    """Give what is to be the same in both; a gap is as good as nothing."""
    if moment is None or moment.day is None:
        return None
    return frozenset(moment.values.items())
