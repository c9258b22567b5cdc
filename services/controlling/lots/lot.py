"""A lot: the decisions of a stratum and period, judged by those that its plan looks at."""

from collections.abc import Mapping, Sequence

from services.controlling.figures.reviews import ERRORS, ON_THE_FILE, SECOND, Answer, Review


def errors_in(samples: Mapping[str, Sequence[str]], reviews: Sequence[Review]) -> Mapping[str, int]:
    """Count the errors of each sample whose decisions are all reviewed.

    Where two have reviewed it, what they came to counts; while they differ, the sample waits.
    """
    verdicts = {one.decision: _verdict(one) for one in reviews}
    found = {
        stratum: [verdicts.get(decision) for decision in sample]
        for stratum, sample in samples.items()
    }
    return {
        stratum: sum(one in ERRORS for one in said)
        for stratum, said in found.items()
        if None not in said
    }


def _verdict(review: Review) -> Answer | None:
    return review.answer(ON_THE_FILE) if review.answer(SECOND) is None else review.settled
