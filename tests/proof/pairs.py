"""Somebody who works out of how often two reviewers agreed what one of them said of few decisions.

Which decisions two reviewed, everybody can replay. Several outputs tell of each set of them how
often the two said the same: that is an equation, and integer programming gives the fewest and the
most of a few decisions on which they differed. Beside rates of what the first one said, all that
the two can have said is tried, where decisions are few enough.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from services.controlling.figures.period import period_figures
from services.controlling.figures.reviews import ON_THE_FILE, SECOND, Answer
from services.controlling.figures.told import ToldAgreement, tell_agreement, tell_beyond_chance
from services.controlling.statistics.intervals import CONFIDENCE
from tests.proof.auditor import MINIMUM, WIDTH, Auditor, Case, Result, Row, extreme, few_of

Counts = NDArray[np.int64]
_CLOSE = 1e-9


class Pairs:
    """Attack what outputs tell together of the decisions that two reviewed."""

    def __init__(self, cases: Sequence[Case]) -> None:
        """Read how often the two said the same; another edition's pair is another one.

        What tells decisions apart is in which outputs they are that tell something.
        """
        told = [(case, one) for case in cases if (one := case.figures.agreement) is not None]
        places: dict[tuple[str, Answer, Answer], list[bool]] = {}
        for number, (case, _) in enumerate(told):
            for pair in _pairs(case):
                places.setdefault(pair, [False] * len(told))[number] = True
        parts = Counter(map(tuple, places.values()))
        self._sizes = np.array(list(parts.values()), dtype=np.int64)
        lines = [np.array(line) for line in zip(*parts, strict=True)]
        self._rows: list[Row] = [
            (line.astype(float), one.n - one.same, one.n - one.same)
            for line, (_, one) in zip(lines, told, strict=True)
        ]
        self._few = few_of(self._sizes, lines, lines)

    def results(self) -> Counter[Result]:
        """Attack all that is about fewer than seven decisions."""
        return Counter(self._attack(few) for few in self._few)

    def _attack(self, few: NDArray[np.bool_]) -> Result:
        alone = any(self._falls(few, [row]) for row in self._rows)
        return Result.FALLS if self._falls(few, self._rows) and not alone else Result.OPEN

    def _falls(self, few: NDArray[np.bool_], rows: Sequence[Row]) -> bool:
        least, most = (extreme(self._sizes, rows, [], few, sign) for sign in (1, -1))
        return most - least < min(WIDTH, int(self._sizes[few].sum()))


_CORRECT, _SECOND, _FIRST, _BOTH = range(4)
"""What was wrong, as two reviewers said; the attacker knows that they said nothing else."""
_SAID = [
    (Answer.CORRECT, Answer.CORRECT),
    (Answer.CORRECT, Answer.WRONG),
    (Answer.WRONG, Answer.CORRECT),
    (Answer.WRONG, Answer.WRONG),
]
_ASKED = {"first": [_FIRST, _BOTH], "second": [_SECOND, _BOTH], "apart": [_FIRST, _SECOND]}
"""What somebody wants to know of few: how many the first calls wrong, the second, one alone."""
Worked = tuple[str, str]
"""What was asked, and of the decisions of which stratum that two reviewed."""


class PairsBesideRates:
    """Attack a small period in which some decisions were reviewed twice."""

    def __init__(self, case: Case, *, of_file: bool = False) -> None:
        """Lay out all that can have been said, and leave out what would have been told otherwise.

        Args:
            case: Its rates are those that are told out of the register.
            of_file: Whether agreement is told as to who has each answer.
        """
        auditor = Auditor(case)
        parts: Counter[tuple[int, bool]] = Counter(
            (auditor.keys.index(key), SECOND in one.answers) for _, key, one in auditor.findings()
        )
        self._twice = {
            auditor.keys[number].drawn: place
            for place, (number, twice) in enumerate(parts)
            if twice
        }
        every = [_said(size, twice=twice) for (_, twice), size in parts.items()]
        chosen = np.indices([len(one) for one in every]).reshape(len(every), -1)
        said = np.stack([one[at] for one, at in zip(every, chosen, strict=True)], axis=1)
        errors = _count(said, "first").astype(float)
        for row, low, high in auditor.rows:
            sums = errors @ np.array([row[number] for number, _ in parts])
            fits = (low - _CLOSE <= sums) & (sums <= high + _CLOSE)
            said, errors = said[fits], errors[fits]
        self._by_rates = said
        together = said[:, list(self._twice.values())].sum(axis=1)
        told = period_figures(case.sample, case.reviews, case.asked, of_file=of_file).agreement
        same = _told_so(together, told, of_file=of_file)
        assert same.any(), "the true findings are none"
        self._by_both, self._together = said[same], together[same]

    def worked_out(self) -> set[Worked]:
        """Name what rates and agreement tell together of fewer than seven, and neither alone."""
        return {
            (asked, stratum)
            for stratum, place in self._twice.items()
            for asked in _ASKED
            if self._by_both[0, place].sum() < MINIMUM
            and _is_one(_count(self._by_both[:, place], asked))
            and not _is_one(_count(self._by_rates[:, place], asked))
            and not self._is_told_of_all(asked)
        }

    def _is_told_of_all(self, asked: str) -> bool:
        """Whether agreement says so of all of them, or of none: then it does of each few."""
        found = np.unique(_count(self._together, asked))
        return len(found) == 1 and found[0] in (0, self._together[0].sum())


def _said(size: int, *, twice: bool) -> Counts:
    """Give all that can have been said of so many decisions, by what was wrong."""
    can_be = range(4) if twice else (_CORRECT, _FIRST)
    every = combinations_with_replacement(can_be, size)
    return np.array([[one.count(what) for what in range(4)] for one in every], dtype=np.int64)


def _count(said: Counts, asked: str) -> Counts:
    return np.asarray(said[..., _ASKED[asked]].sum(axis=-1))


def _is_one(numbers: Counts) -> bool:
    return len(np.unique(numbers)) == 1


def _told_so(together: Counts, told: ToldAgreement | None, *, of_file: bool) -> NDArray[np.bool_]:
    """Tell what would have been told so."""
    if told is None:
        return np.ones(len(together), dtype=np.bool_)
    every, places = np.unique(together, axis=0, return_inverse=True)
    same = []
    for counts in every:
        pairs = [_SAID[what] for what in range(4) for _ in range(counts[what])]
        one = tell_beyond_chance(pairs, CONFIDENCE) if of_file else tell_agreement(pairs)
        same.append(one == told)
    return np.array(same)[places.reshape(-1)]


def _pairs(case: Case) -> Iterator[tuple[str, Answer, Answer]]:
    for one in case.reviews:
        first, second = one.answer(ON_THE_FILE), one.answer(SECOND)
        if one.decision in case.sample.drawn and first and second:
            yield one.decision, first, second
