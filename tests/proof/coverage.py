"""How often the interval of a period holds the truth."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from services.controlling.figures.cells import Cell, Kind, cells_of
from services.controlling.figures.period import Asked, period_figures
from services.controlling.figures.reviews import Answer
from services.controlling.statistics.charts import Counts
from tests.proof.histories import ERRORS, QUESTIONS, VERDICT, Month, answers, stratum_of, wrong

_ROUNDING = 1e-9


class Key(NamedTuple):
    """What coverage is counted for; a stratum is counted for itself, when verdicts are asked."""

    question: str
    kind: str
    method: str
    name: str = ""


class Covered(NamedTuple):
    """How many intervals there were, and how many held the truth."""

    intervals: int
    covered: int

    @property
    def share(self) -> float:
        """Share that held it."""
        return self.covered / self.intervals


def coverage(months: Iterable[Month], draws: int) -> Counter[tuple[Key, bool]]:
    """Count, by question and breakdown, the shown intervals that hold the truth and don't."""
    found: Counter[tuple[Key, bool]] = Counter()
    for month in months:
        truths = {question: _truths(month, question) for question in QUESTIONS}
        for draw in range(draws):
            sample = month.sample(draw)
            reviews = month.reviews(sample)
            for question, truth in truths.items():
                figures = period_figures(sample, reviews, Asked(question, ERRORS))
                for cell, row in figures.rows.items():
                    if row.plain is None or row.plain.estimate is None:
                        continue
                    estimate = row.plain.estimate
                    errors, size = truth[cell]
                    lower, upper = estimate.limits.lower, estimate.limits.upper
                    holds = lower - _ROUNDING <= errors / size <= upper + _ROUNDING
                    found[Key(question, cell.kind, estimate.method), holds] += 1
                    if question == VERDICT and cell.kind is Kind.STRATUM:
                        found[Key(question, cell.kind, estimate.method, cell.name), holds] += 1
    return found


def shares(found: Counter[tuple[Key, bool]]) -> dict[Key, Covered]:
    """Give the share that covers, by what it is counted for."""
    keys = dict.fromkeys(key for key, _ in found)
    return {
        key: Covered(found[key, True] + found[key, False], found[key, True]) for key in sorted(keys)
    }


def _truths(month: Month, question: str) -> dict[Cell, Counts]:
    truths: dict[Cell, Counts] = defaultdict(lambda: Counts(0, 0))
    for one in month.decisions.values():
        answer = answers(one)[question]
        if answer is Answer.NOT_APPLICABLE:
            continue
        for cell in cells_of(stratum_of(one)):
            errors, size = truths[cell]
            truths[cell] = Counts(errors + wrong(answer), size + 1)
    return truths
