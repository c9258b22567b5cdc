"""What must be known to read a period's figures, written by the figures themselves.

After the self-disclosing reports of US Labor's Benefit Accuracy Measurement. No footnote tells how
many were reviewed in a part of the decisions: that is the table's to show or not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from services.controlling.figures.rate import usable
from services.controlling.figures.reviews import SECOND, Review
from services.controlling.figures.sample import Sample


def footnotes(sample: Sample, reviews: Sequence[Review], question: str) -> list[str]:
    """Write them."""
    counted = [one for one in reviews if one.decision in sample.drawn]
    reviewed = Counter(sample.drawn[one.decision] for one in counted)
    return [
        *_of_the_reviews(sample, reviews, counted, question),
        *(_unknown() if sample.sizes is None else _of_the_frame(sample, sample.sizes, reviewed)),
        *(f"Frame: {gap}." for gap in sample.gaps),
    ]


def _of_the_reviews(
    sample: Sample, reviews: Sequence[Review], counted: Sequence[Review], question: str
) -> Iterator[str]:
    if len(counted) == 1:
        yield "One decision was reviewed: no figure about it may be shown."
    if missing := len(sample.drawn) - len(counted):
        yield f"{missing} of {len(sample.drawn)} drawn decisions are not reviewed (yet)."
    if others := len(reviews) - len(counted):
        yield f"{others} reviews had another cause than the random draw; they are left out."
    if unasked := sum(question not in one.answers for one in counted):
        yield f"{unasked} reviewed decisions were not asked this: another catalogue was in force."
    if not any(one.answer(question) for one in counted):
        yield "The question applies to none of the reviewed decisions: there is no rate."
    if open_ := sum(one.answer(SECOND) is not None and one.settled is None for one in counted):
        yield f"{open_} double reviews that disagree aren't settled; they correct nothing yet."


def _unknown() -> Iterator[str]:
    yield (
        "How many decisions there are is unknown: strata can't be weighed against each other, so "
        "there is no rate for more than one, and intervals assume a population without end."
    )


def _of_the_frame(
    sample: Sample, sizes: Mapping[str, int], reviewed: Counter[str]
) -> Iterator[str]:
    total = sum(sizes.values())
    left_out = [key for key, size in sizes.items() if not usable(reviewed[key], size)]
    if left_out:
        silent = sum(sizes[key] for key in left_out)
        yield (
            f"Too little was reviewed of {', '.join(left_out)}: the whole speaks for "
            f"{total - silent} of {total} decisions."
        )
    short = [
        key for key, minimum in sample.minima.items() if reviewed[key] < min(minimum, sizes[key])
    ]
    if short:
        yield f"Reviewed less than the policy's minimum: {', '.join(short)}."
    if all(reviewed[key] == size for key, size in sizes.items()):
        yield "Everything was reviewed: the rates are the truth, without uncertainty."
    if sample.late:
        yield f"{sample.late} decisions arrived after the close and could not be drawn."
