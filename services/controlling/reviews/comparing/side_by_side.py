"""Two reviews of one decision question by question, and what holds in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.controlling.reviews.verdict import Answer, differences, final

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """One question, answered twice, and perhaps settled by a third.

    Attributes:
        code: The question.
        own: What whoever looks answered; None when it is missing, or they are the third.
        other: What somebody else answered.
        final: What holds; None as long as nobody has settled a difference.
        differs: Whether a third had to settle it.
    """

    code: str
    own: Answer | None
    other: Answer | None
    final: Answer | None
    differs: bool


def rows(
    codes: Sequence[str], own: Answers, other: Answers, third: Answers | None
) -> tuple[Row, ...]:
    """Put two signed reviews side by side in the order of the form, differences first."""
    open_codes = set(differences(own, other))
    settled = final(own, other, third) or {}
    every = (
        Row(
            code,
            own.get(code),
            other.get(code),
            settled.get(code) if code in open_codes else own.get(code),
            code in open_codes,
        )
        for code in codes
    )
    return tuple(sorted(every, key=lambda row: not row.differs))
