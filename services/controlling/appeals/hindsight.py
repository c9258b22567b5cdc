"""What a ruling says of a verdict: whether we were right, seen from afterwards."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.events.vocabulary import AppealOutcome, FileVerdict


class Instance(StrEnum):
    """Who looked at a decision again."""

    OFFICE = "office"
    """The authority itself, which remedied an appeal (Abhilfe)."""
    SUPERVISORY = "supervisory"
    """Whoever decides appeals that aren't remedied."""
    COURT = "court"


class Hindsight(StrEnum):
    """How a ruling and a verdict go together."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNSAID = "unsaid"
    """The ruling isn't about whether the decision was right, or the verdict left that open."""
    UNREVIEWED = "unreviewed"
    """There is no verdict that holds, yet."""


_STOOD: Mapping[AppealOutcome, bool] = MappingProxyType({
    AppealOutcome.UPHELD: True,
    AppealOutcome.PARTLY_REVERSED: False,
    AppealOutcome.REVERSED: False,
})  # fmt: skip
_RIGHT: Mapping[FileVerdict, bool] = MappingProxyType({
    FileVerdict.CORRECT: True,
    FileVerdict.WRONG_LEGAL_GROUND: True,
    FileVerdict.WRONG: False,
})  # fmt: skip


def hindsight(verdict: FileVerdict | None, outcome: AppealOutcome) -> Hindsight:
    """Compare what we thought of a decision with what became of it.

    A right result on a wrong ground may stand; a disputable decision may, or may not.
    """
    if verdict is None:
        return Hindsight.UNREVIEWED
    right, stood = _RIGHT.get(verdict), _STOOD.get(outcome)
    if right is None or stood is None:
        return Hindsight.UNSAID
    return Hindsight.CONFIRMED if right is stood else Hindsight.CONTRADICTED


CONTRADICTIONS = frozenset(
    (verdict, outcome)
    for verdict in FileVerdict
    for outcome in AppealOutcome
    if hindsight(verdict, outcome) is Hindsight.CONTRADICTED
)
"""Every verdict with every outcome that contradicts it."""
