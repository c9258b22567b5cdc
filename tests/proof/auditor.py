"""Somebody who works out of a period's figures what was found in a few decisions, by programmes.

The auditor reads what `gleichfall stats period --json` prints, and knows how many decisions of each
part there are, were drawn and reviewed. Each printed rate and bound is an inequality over the
errors of the parts; integer programming gives the fewest and the most errors that a few decisions
can have. What was found on the facts is attacked likewise, and so is how often two reviewers said
the same (`pairs.py`). Limits and the comparison of units are no straight lines: in small periods
all findings are tried (`worlds.py`). Of any size, findings that leave all the inequalities true can
be put into the reviews, and the whole figures made anew. Only when every character is the same are
they then counted as findings that could be: so the auditor also knows the method, and what follows
from how finely a figure is told.

Sources: P. B. Massell, "Cell suppression and audit programs used for economic magnitude data", US
Census Bureau RR2001/01; the feasibility interval of A. Hundepool et al., "Statistical Disclosure
Control" (2012), 4.3.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json
from scipy.optimize import Bounds, LinearConstraint, milp

from services.controlling.figures.cells import Cell, Kind, cells_of
from services.controlling.figures.period import Asked, PeriodFigures, Told, period_figures
from services.controlling.figures.report import as_object
from services.controlling.figures.reviews import SECOND, Answer, Review, value_of
from services.controlling.figures.sample import Sample

MINIMUM = 7
WIDTH = 1
_TRIES = 6
_OPEN_END = 1e-9


class Key(NamedTuple):
    """A part: the stratum that it was drawn in, and the lines that it belongs to."""

    drawn: str
    cells: tuple[Cell, ...]


Floats = NDArray[np.float64]
Row = tuple[Floats, float, float]
"""Between which numbers a weighed sum of errors lies."""


class Result(StrEnum):
    """What became of an attack."""

    OPEN = "open"
    """Other findings fit the inequalities; where the whole was made anew, they print the same."""
    NOT_SHOWN = "not shown to be open"
    """The inequalities leave it open, but no such findings were found."""
    FALLS = "worked out"
    """The inequalities alone tell it to within the width."""


class Attack(NamedTuple):
    """An attempt on a few decisions: their parts, and what became of it."""

    parts: frozenset[Key]
    size: int
    result: Result


AS_USUAL = Asked()


@dataclass(frozen=True)
class Case:
    """A period that is attacked."""

    sample: Sample
    reviews: Sequence[Review]
    asked: Asked = AS_USUAL
    told: PeriodFigures | None = None

    def printed(self) -> Any:
        """Give all that leaves."""
        return as_object(self.told or period_figures(self.sample, self.reviews, self.asked))

    def beside(self, before: Sequence["Case"]) -> "Case":
        """Let it be told beside what was told before."""
        known = [Told(one.sample, one.reviews, one.asked, one.figures) for one in before]
        figures = period_figures(self.sample, self.reviews, self.asked, known)
        return replace(self, told=figures)

    @property
    def figures(self) -> PeriodFigures:
        """What was told."""
        assert self.told is not None
        return self.told

    def key(self, review: Review) -> Key:
        """Name the part of a review."""
        by, drawn = self.asked.by, self.sample.drawn[review.decision]
        chosen = [] if by is None else [Cell(Kind.CHOSEN, value_of(review, by))]
        return Key(drawn, (*cells_of(drawn), *chosen))


def told_in_turn(cases: Sequence[Case]) -> list[Case]:
    """Let each be told beside those before it."""
    found: list[Case] = []
    for case in cases:
        found.append(case.beside(found))
    return found


class Auditor:
    """Attacks one period."""

    def __init__(self, case: Case, beside: str | None = None) -> None:
        """Read the figures; what was found is kept for altering the reviews only.

        Args:
            case: The period.
            beside: The question that is told beside what was asked, if that is attacked.
        """
        self._case, self._beside = case, beside
        self._question = beside or case.asked.question
        self._reviews: dict[Key, list[Review]] = {}
        for one in case.reviews:
            if one.decision in case.sample.drawn and self._question in one.answers:
                self._reviews.setdefault(case.key(one), []).append(one)
        self.keys = list(self._reviews)
        self._sizes = np.array([self._applicable(key) for key in self.keys])
        self._errors = np.array([self._wrong(key) for key in self.keys])
        self._stays = np.array([self._put_right(key) for key in self.keys])
        self.printed = case.printed()
        self._text = to_json(self.printed)
        self.rows = list(self._inequalities())
        self.left = list(self._without_what_was_put_right())

    def attacks(self, *, knowing_the_method: bool = False) -> Iterator[Attack]:
        """Attack all that is about fewer than seven decisions.

        Args:
            knowing_the_method: Whether what follows from how finely a figure is told counts, too.
        """
        for few in self._few():
            parts = frozenset(key for key, inside in zip(self.keys, few, strict=True) if inside)
            result = self._attack(few, replayed=knowing_the_method)
            yield Attack(parts, int(self._sizes[few].sum()), result)

    def shown(self) -> tuple[int, int]:
        """Count the lines that have a rate, and all lines that have reviews."""
        rows = list(self._lines())
        return sum(row is not None and row["rate"] is not None for _, row in rows), len(rows)

    def _attack(self, few: NDArray[np.bool_], *, replayed: bool) -> Result:
        wanted = min(WIDTH, int(self._sizes[few].sum()))
        least, most = (self._extreme(few, sign) for sign in (1, -1))
        if most - least < wanted:
            return Result.FALLS
        if not replayed:
            return Result.OPEN
        found = int(self._errors[few].sum())
        reached = {found}
        for change in (1, -1):
            if least <= found + change <= most and self._prints_the_same(few, found + change):
                reached.add(found + change)
            if max(reached) - min(reached) >= wanted:
                return Result.OPEN
        return Result.NOT_SHOWN

    def _extreme(self, few: NDArray[np.bool_], sign: int) -> int:
        return extreme(self._sizes, self.rows, self.left, few, sign)

    def _prints_the_same(self, few: NDArray[np.bool_], wanted: int) -> bool:
        """Look for findings with so many errors there, near the true ones, that print the same."""
        chance = np.random.default_rng(wanted)
        for number in range(_TRIES):
            costs = 1 + chance.random(len(self.keys)) * number
            other = self._nearest(few, wanted, costs)
            if other is not None and self._reprinted(other) == self._text:
                return True
        return False

    def _nearest(self, few: NDArray[np.bool_], wanted: int, costs: Floats) -> Floats | None:
        """Minimise the weighed changes; each is split into more and fewer."""
        count = len(self.keys)
        split = np.hstack([np.eye(count), -np.eye(count)])
        rows = [(row @ split, low - row @ self._errors, high - row @ self._errors)
                for row, low, high in self.rows]  # fmt: skip
        change = wanted - self._errors[few].sum()
        rows.append((few.astype(float) @ split, change, change))
        tops = np.concatenate([self._sizes - self._errors, self._errors - self._stays])
        answer = milp(
            np.concatenate([costs, costs]),
            constraints=_constraints(rows),
            bounds=Bounds(0, tops),
            integrality=np.ones(2 * count),
        )
        return None if answer.x is None else self._errors + np.round(split @ answer.x)

    def _reprinted(self, errors: Floats) -> bytes:
        reviews = [one for one in self._case.reviews if one.decision not in self._case.sample.drawn
                   or self._question not in one.answers]  # fmt: skip
        for key, wanted in zip(self.keys, errors.astype(int), strict=True):
            reviews += self._altered(self._reviews[key], wanted)
        return to_json(replace(self._case, reviews=reviews).printed())

    def _altered(self, reviews: Sequence[Review], wanted: int) -> Iterator[Review]:
        """Let so many of some reviews have found an error; what was put right, stays one."""
        question, wrong = self._question, min(self._case.asked.errors)
        still = wanted - sum(map(self._stays_wrong, reviews))
        usual = sorted(reviews, key=lambda one: (not self._errs(one), SECOND in one.answers))
        for one in usual:
            if self._stays_wrong(one) or one.answer(question) is None:
                yield one
            elif still > 0:
                still -= 1
                yield one if self._errs(one) else _answering(one, question, wrong)
            else:
                yield _answering(one, question, Answer.CORRECT) if self._errs(one) else one

    def _inequalities(self) -> Iterator[tuple[Floats, float, float]]:
        for cell, row in self._lines():
            if row is None:
                continue
            inside = np.array([cell in key.cells for key in self.keys])
            if row["rate"] is not None:
                weights = self._weights() * inside
                total = weights @ self._sizes
                yield _between(weights / total, row["rate"])
            if row["bounds"] is not None:
                yield from self._bounds(cell, inside, row)

    def _without_what_was_put_right(self) -> Iterator[tuple[Floats, float, float]]:
        for cell, row in self._lines():
            if row is not None and row.get("appeal_adjusted") is not None:
                weights = self._weights() * np.array([cell in key.cells for key in self.keys])
                yield _between(weights / (weights @ self._sizes), row["appeal_adjusted"]["rate"])

    def _bounds(
        self, cell: Cell, inside: NDArray[np.bool_], row: Mapping[str, Any]
    ) -> Iterator[tuple[Floats, float, float]]:
        """Give what both bounds say: at least the one, at most the other."""
        sample = self._case.sample
        drawn = Counter(sample.drawn.values())
        reviewed = self._reviewed()
        weights = np.zeros(len(self.keys))
        applicable = missing = 0.0
        for stratum, size in sample.sizes.items():
            if cell.kind is not Kind.CHOSEN and cell not in cells_of(stratum):
                continue
            if not drawn[stratum]:
                missing += size
                continue
            weight = size / drawn[stratum]
            missing += weight * (drawn[stratum] - reviewed[stratum])
            here = inside & np.array([key.drawn == stratum for key in self.keys])
            weights += weight * here
            applicable += weight * float(self._sizes[here].sum())
        if not (everything := applicable + missing):
            return
        bounds, step = row["bounds"], row["step"] or 1
        yield weights / everything, bounds["lower"] - _OPEN_END, bounds["lower"] + step
        worst = bounds["upper"] - missing / everything
        yield weights / everything, worst - step - _OPEN_END, worst + _OPEN_END

    def _weights(self) -> Floats:
        reviewed, sizes = self._reviewed(), self._case.sample.sizes
        return np.array([sizes[key.drawn] / reviewed[key.drawn] for key in self.keys])

    def _reviewed(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for key in self.keys:
            found[key.drawn] += len(self._reviews[key])
        return found

    def _lines(self) -> Iterator[tuple[Cell, Any]]:
        for cell in dict.fromkeys(cell for key in self.keys for cell in key.cells):
            rows = self.printed[cell.kind]
            row = rows if cell.kind is Kind.WHOLE else rows[cell.name]
            yield cell, row[self._beside] if row and self._beside else row

    def _few(self) -> list[NDArray[np.bool_]]:
        return few_of(self._sizes, *self.lines())

    def lines(self) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
        """Give of which parts each line is, and of those that are shown again."""
        about = {
            cell: np.array([cell in key.cells for key in self.keys]) for cell, _ in self._lines()
        }
        return [*about.values()], [about[cell] for cell, row in self._lines() if row is not None]

    def findings(self) -> Iterator[tuple[tuple[str, Answer | None], Key, Review]]:
        """Give each finding, its part and its review."""
        for key, reviews in self._reviews.items():
            for one in reviews:
                yield (one.decision, one.answer(self._question)), key, one

    def counts(self, review: Review) -> tuple[bool, bool]:
        """Tell whether the question applies to a decision, and whether it is in error."""
        return review.answer(self._question) is not None, self._errs(review)

    def _errs(self, review: Review) -> bool:
        return review.answer(self._question) in self._case.asked.errors

    def _stays_wrong(self, review: Review) -> bool:
        return not self._beside and self._errs(review) and review.put_right

    def _applicable(self, key: Key) -> int:
        return sum(one.answer(self._question) is not None for one in self._reviews[key])

    def _wrong(self, key: Key) -> int:
        return sum(map(self._errs, self._reviews[key]))

    def _put_right(self, key: Key) -> int:
        return sum(map(self._stays_wrong, self._reviews[key]))


class Auditors:
    """Attack all outputs about the same decisions together.

    What no output tells apart is one part. Another edition's answers are other findings.
    """

    def __init__(self, cases: Sequence[Case], beside: str | None = None) -> None:
        """Read what was told; `beside` as of one auditor."""
        each = [Auditor(case, beside) for case in cases]
        places: dict[Any, list[Key | None]] = {}
        counts: dict[Any, tuple[bool, bool]] = {}
        for number, one in enumerate(each):
            for finding, key, review in one.findings():
                places.setdefault(finding, [None] * len(each))[number] = key
                counts[finding] = one.counts(review)
        parts = list(dict.fromkeys(map(tuple, places.values())))
        of_part = Counter[tuple[Key | None, ...]]()
        wrong = Counter[tuple[Key | None, ...]]()
        for finding, place in places.items():
            applies, errs = counts[finding]
            of_part[tuple(place)] += applies
            wrong[tuple(place)] += errs
        self.sizes = np.array([of_part[part] for part in parts], dtype=np.int64)
        self.errors = np.array([wrong[part] for part in parts], dtype=np.int64)
        self.keys: list[list[Key | None]] = []
        """By output, the key of each part in it."""
        self.told: list[tuple[list[Row], list[Row]]] = []
        """By output, what it tells of errors, and of those that weren't put right."""
        lines: list[NDArray[np.bool_]] = []
        shown: list[NDArray[np.bool_]] = []
        for number, one in enumerate(each):
            self.keys.append([part[number] for part in parts])
            index = {key: at for at, key in enumerate(one.keys)}
            over = np.array([len(index) if key is None else index[key] for key in self.keys[-1]])
            rows, left = (
                [(np.append(row, 0.0)[over], low, high) for row, low, high in told]
                for told in (one.rows, one.left)
            )
            self.told.append((rows, left))
            of_all, of_shown = one.lines()
            lines += [np.append(line, False)[over] for line in of_all]
            shown += [np.append(line, False)[over] for line in of_shown]
        self._few = few_of(self.sizes, lines, shown)

    def results(self) -> Counter[Result]:
        """Attack all that is about fewer than seven decisions."""
        return Counter(self._attack(few) for few in self._few)

    def _attack(self, few: NDArray[np.bool_]) -> Result:
        """Ask what all tell together; what one tells of many, as that none is wrong, it may."""
        every = range(len(self.told))
        if not self.falls(few, every):
            return Result.OPEN
        alone = len(every) > 1 and any(self.falls(few, [one]) for one in every)
        return Result.OPEN if alone else Result.FALLS

    def falls(self, few: NDArray[np.bool_], outputs: Iterable[int]) -> bool:
        """Whether some outputs tell together how many errors there are in a few decisions."""
        rows = [row for one in outputs for row in self.told[one][0]]
        left = [row for one in outputs for row in self.told[one][1]]
        least, most = (extreme(self.sizes, rows, left, few, sign) for sign in (1, -1))
        return most - least < min(WIDTH, int(self.sizes[few].sum()))


def extreme(
    sizes: NDArray[np.int64],
    rows: Sequence[Row],
    left: Sequence[Row],
    few: NDArray[np.bool_],
    sign: int,
) -> int:
    """Give the fewest or the most errors of few parts; how many were put right is open, too.

    Args:
        sizes: Of all parts.
        rows: What is told of errors.
        left: What is told of those that weren't put right.
        few: The parts.
        sign: 1 for the fewest, -1 for the most.
    """
    count = len(sizes)
    none = np.zeros(count)
    every = [(np.concatenate([row, none]), low, high) for row, low, high in rows]
    every += [(np.concatenate([row, -row]), low, high) for row, low, high in left]
    every += [
        (np.concatenate([-one, one]), -np.inf, 0.0) for one in np.eye(count)
    ]  # no more were put right than were wrong
    answer = milp(
        np.concatenate([sign * few, none]),
        constraints=_constraints(every),
        bounds=Bounds(0, np.concatenate([sizes, sizes])),
        integrality=np.ones(2 * count),
    )
    assert answer.x is not None, "the true findings are none"
    return int(np.round(answer.x[:count])[few].sum())


def few_of(
    sizes: NDArray[np.int64],
    lines: Sequence[NDArray[np.bool_]],
    shown: Sequence[NDArray[np.bool_]],
) -> list[NDArray[np.bool_]]:
    """Give what is about fewer than seven: parts, lines, and what two shown lines differ in."""
    between = [one & ~two for one in shown for two in shown if not (two & ~one).any()]
    every = [*np.eye(len(sizes), dtype=bool), *lines, *between]
    found = {one.tobytes(): one for one in every if 0 < sizes[one].sum() < MINIMUM}
    return list(found.values())


def _between(weights: Floats, step: Mapping[str, float]) -> tuple[Floats, float, float]:
    top = step["upper"] if step["upper"] == 1 else step["upper"] - _OPEN_END
    return weights, step["lower"] - _OPEN_END, top


def _constraints(
    rows: Sequence[tuple[Floats, float, float]],
) -> list[LinearConstraint]:
    if not rows:
        return []
    matrix, low, high = zip(*rows, strict=True)
    return [LinearConstraint(np.array(matrix), np.array(low), np.array(high))]


def _answering(review: Review, question: str, answer: Answer) -> Review:
    cells = review.row.cells
    row = review.row.holding(question, answer.value) if question in cells else review.row
    return replace(review, answers={**review.answers, question: answer}, row=row)
