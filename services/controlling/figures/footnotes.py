"""What must be known to read a period's figures, written by the figures themselves.

After the self-disclosing reports of US Labor's Benefit Accuracy Measurement. No footnote tells how
many were reviewed in a part of the decisions: that is the table's to show or not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.controlling.figures.reviews import SECOND, Review
from services.controlling.figures.sample import Latecomers, Sample
from services.controlling.figures.unanswered import Completion
from services.controlling.periods.deadlines import Promise
from services.controlling.statistics.suppression import MINIMUM


class Note(StrEnum):
    """What there is to know."""

    POPULATION = "population"
    SEVERAL = "several"
    EMPTY = "empty"
    ONE = "one"
    MISSING = "missing"
    INCOMPLETE = "incomplete"
    OTHERS = "others"
    UNASKED = "unasked"
    APPLIES_TO_NONE = "applies_to_none"
    UNSETTLED = "unsettled"
    UNSEEN = "unseen"
    SHORT = "short"
    WHOLE = "whole"
    LATE = "late"
    EARLIER = "earlier"
    ELSEWHERE = "elsewhere"
    CLOSED_EARLY = "closed_early"
    FRAME = "frame"
    PROMISED_LATE = "promised_late"
    PROMISED_UNSTAMPED = "promised_unstamped"
    PROMISED_SIMULATED = "promised_simulated"
    NOT_WITNESSED = "not_witnessed"


OF_THE_FRAME = frozenset({Note.LATE, Note.EARLIER, Note.ELSEWHERE, Note.FRAME})
"""What a period may still get after its close, whatever is reviewed."""
_COUNTED = {
    Note.OTHERS: {"others"},
    Note.UNASKED: {"unasked"},
    Note.UNSETTLED: {"open"},
    Note.LATE: {"late"},
    Note.EARLIER: {"earlier", "drawn"},
    Note.ELSEWHERE: {"elsewhere"},
}
"""Numbers that aren't told below `MINIMUM`. How much is missing is: beside each rate stands what it
makes of it, and how many were drawn is public."""
OF_ITS_FAULTS = (Note.PROMISED_LATE, Note.PROMISED_SIMULATED, Note.CLOSED_EARLY)
"""What was done wrong with a draw; it is said wherever a figure of it stands."""
Say = Callable[..., str]
"""Gives what a catalogue says for a key, with values in it."""


@dataclass(frozen=True, slots=True)
class Footnote:
    """One of them.

    Attributes:
        values: What stands in its sentence; strata by their keys.
    """

    note: Note
    values: Mapping[str, int | str | Sequence[str]]

    def told(self, say: Say, named: Callable[[str], str] = str) -> str:
        """Write its sentence.

        Args:
            say: Says what a catalogue has.
            named: Names a stratum.
        """
        told = {name: self._value(name, say, named) for name in self.values}
        if isinstance(which := told.get("which"), str):
            told["which"] = say(f"which.{which}")
        sentence = say(f"note.{self.note}", **told)
        return sentence[:1].upper() + sentence[1:]

    def _value(self, name: str, say: Say, named: Callable[[str], str]) -> int | str:
        value = self.values[name]
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            few = value < MINIMUM and name in _COUNTED.get(self.note, ())
            return say("few") if few else value
        return "; ".join(map(named, value)) if name == "strata" else ", ".join(value)


def _footnote(note: Note, **values: int | str | Sequence[str]) -> Footnote:
    return Footnote(note, values)


def footnotes(sample: Sample, reviews: Sequence[Review], question: str) -> list[Footnote]:
    """Write them."""
    counted = [one for one in reviews if one.decision in sample.drawn]
    reviewed = Counter(sample.drawn[one.decision] for one in counted)
    return [
        *_of_the_reviews(sample, reviews, counted, question),
        *_of_the_frame(sample, reviewed),
        *([_footnote(Note.CLOSED_EARLY)] if sample.closed_early else []),
        *_of_the_promise(sample),
        *frame_footnotes(sample.late, sample.gaps),
    ]


def frame_footnotes(late: Latecomers, gaps: Sequence[str]) -> list[Footnote]:
    """Write those that a period may still get after its close, whatever is reviewed."""
    earlier = _footnote(Note.EARLIER, earlier=late.earlier, drawn=len(late.drawn))
    elsewhere = _footnote(Note.ELSEWHERE, elsewhere=len(late.elsewhere))
    return [
        *([_footnote(Note.LATE, late=late.undrawn)] if late.undrawn else []),
        *([earlier] if late.earlier else []),
        *([elsewhere] if late.elsewhere else []),
        *(_footnote(Note.FRAME, gap=gap) for gap in gaps),
    ]


def _of_the_promise(sample: Sample) -> Iterator[Footnote]:
    which = "several" if sample.periods else "one"
    if sample.promise is Promise.LATE:
        yield _footnote(Note.PROMISED_LATE, which=which)
    elif sample.promise is Promise.TOLD:
        yield _footnote(Note.PROMISED_UNSTAMPED, which=which)
    elif sample.promise is Promise.SIMULATED:
        yield _footnote(Note.PROMISED_SIMULATED, which=which)
    if not sample.witnessed:
        yield _footnote(Note.NOT_WITNESSED, which=which)


def _of_the_reviews(
    sample: Sample, reviews: Sequence[Review], counted: Sequence[Review], question: str
) -> Iterator[Footnote]:
    if len(counted) == 1:
        yield _footnote(Note.ONE)
    answered = sum(question in one.answers for one in counted)
    if missing := len(sample.drawn) - answered:
        yield _footnote(Note.MISSING, missing=missing, drawn=len(sample.drawn))
    completion = Completion(len(sample.drawn), answered)
    if not completion.suffices:
        yield _footnote(Note.INCOMPLETE, percent=f"{100 * completion.share:.1f}")
    others = sum(
        one.decision not in sample.drawn and one.decision not in sample.late.drawn
        for one in reviews
    )
    if others:
        yield _footnote(Note.OTHERS, others=others)
    if unasked := sum(question not in one.answers for one in counted):
        yield _footnote(Note.UNASKED, unasked=unasked)
    if not any(one.answer(question) for one in counted):
        yield _footnote(Note.APPLIES_TO_NONE)
    if open_ := sum(one.answer(SECOND) is not None and one.settled is None for one in counted):
        yield _footnote(Note.UNSETTLED, open=open_)


def _of_the_frame(sample: Sample, reviewed: Counter[str]) -> Iterator[Footnote]:
    sizes = sample.sizes
    total = sum(sizes.values())
    if sample.periods:
        yield _footnote(Note.SEVERAL, total=total, periods=sample.periods)
    else:
        yield _footnote(Note.POPULATION, total=total)
    if sample.empty:
        yield _footnote(Note.EMPTY, periods=sample.empty)
    left_out = [key for key, size in sizes.items() if size and not reviewed[key]]
    if left_out:
        spoken = total - sum(sizes[key] for key in left_out)
        yield _footnote(Note.UNSEEN, strata=left_out, spoken=spoken, total=total)
    short = [
        key for key, minimum in sample.minima.items() if reviewed[key] < min(minimum, sizes[key])
    ]
    if short:
        yield _footnote(Note.SHORT, strata=short)
    if all(reviewed[key] == size for key, size in sizes.items()):
        yield _footnote(Note.WHOLE)
