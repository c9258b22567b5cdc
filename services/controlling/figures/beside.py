"""What one output tells of the answers to a question, held against what others told of them before.

Outputs differ in by what they break figures down, over which periods, by which units, and of which
edition of the reviews they are. What no output tells apart is one part; each figure of any output
is a function of what was found in the parts. So what was told before stands, and what is told now
is told so roughly, or left out, that all of it together leaves open what was found in few.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from services.controlling.statistics.suppression import Part, Standing, Telling, release_told

Told = TypeVar("Told")


class Finding(NamedTuple):
    """What a review found of one decision; another edition may have another one of it.

    Attributes:
        answer: None where the question doesn't apply.
        error: Whether that is an error.
    """

    decision: str
    answer: str | None
    error: bool


class AsTold(NamedTuple):
    """How a figure was told.

    Attributes:
        step: In thousandths; None: not at all.
        value: What was told.
    """

    step: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Output(Generic[Told]):
    """All that one output tells of the answers to a question.

    Attributes:
        findings: Each with the part of the output's table that it is in.
        figures: By cell; their parts are those of the table.
        told: How they were told, where they were.
    """

    findings: Mapping[Finding, Hashable]
    figures: Mapping[Any, Telling[Told]]
    told: Mapping[Any, AsTold]


def release_beside(
    output: Output[Told], before: Sequence[Output[Any]] = ()
) -> dict[Any, Told | None]:
    """Give what may be told of an output beside what was told before.

    A figure that was told before of the very same findings, and would say the same, is told as it
    was.
    """
    every = [output, *before]
    places = _places(every)
    parts = [Part(0, 0)] * len(places)
    for finding in _findings(every):
        at = places[_membership(finding, every)]
        one = parts[at]
        applies = finding.answer is not None
        parts[at] = Part(one.errors + finding.error, one.size + applies)
    ours, *theirs = (_over(one, number, places) for number, one in enumerate(every))
    errors = {place: one.errors for place, one in enumerate(parts)}
    same: dict[Any, Told | None] = {}
    standing = []
    for other, figures in zip(before, theirs, strict=True):
        for cell, figure in figures.items():
            how = other.told[cell]
            standing.append(Standing(figure, how.step))
            if cell in ours and _is_same(ours[cell], figure, how.step, errors):
                same[cell] = how.value
    new = {cell: figure for cell, figure in ours.items() if cell not in same}
    told = release_told(dict(enumerate(parts)), new, standing) if new else {}
    return {cell: same[cell] if cell in same else told[cell] for cell in ours}


def _is_same(
    one: Telling[Any], other: Telling[Any], step: int | None, errors: Mapping[Any, int]
) -> bool:
    """Whether two figures are of the very same findings, and say the same.

    They don't where one counts decisions in of which none was reviewed, or compares other units.
    """
    if one.parts != other.parts:
        return False
    return step is None or one.told(errors, step) == other.told(errors, step)


_Membership = tuple[Hashable, ...]


def _findings(outputs: Sequence[Output[Any]]) -> list[Finding]:
    return list(dict.fromkeys(finding for one in outputs for finding in one.findings))


def _membership(finding: Finding, outputs: Sequence[Output[Any]]) -> _Membership:
    return tuple(one.findings.get(finding) for one in outputs)


def _places(outputs: Sequence[Output[Any]]) -> dict[_Membership, int]:
    """Number what no output tells apart."""
    seen = dict.fromkeys(_membership(finding, outputs) for finding in _findings(outputs))
    return {membership: number for number, membership in enumerate(seen)}


def _over(
    output: Output[Told], number: int, places: Mapping[_Membership, int]
) -> dict[Any, Telling[Told]]:
    """Give the figures of an output as they follow from the errors of all parts."""
    inside: dict[Hashable, list[int]] = {}
    for membership, place in places.items():
        if membership[number] is not None:
            inside.setdefault(membership[number], []).append(place)

    def of_parts(
        told: Callable[[Mapping[Any, int], int], Told],
    ) -> Callable[[Mapping[Any, int], int], Told]:
        def tell(errors: Mapping[Any, int], step: int) -> Told:
            counts = Counter(
                {part: sum(errors[place] for place in inner) for part, inner in inside.items()}
            )
            return told(counts, step)

        return tell

    return {
        cell: Telling(
            {place: weight for part, weight in one.parts.items() for place in inside.get(part, ())},
            of_parts(one.told),
        )
        for cell, one in output.figures.items()
    }
