"""What a ruling says of a verdict."""

import pytest

from services.controlling.appeals.hindsight import CONTRADICTIONS, Hindsight, hindsight
from shared.events.vocabulary import AppealOutcome, FileVerdict


@pytest.mark.parametrize(
    ("verdict", "outcome", "expected"),
    [
        (FileVerdict.CORRECT, AppealOutcome.REVERSED, Hindsight.CONTRADICTED),
        (FileVerdict.CORRECT, AppealOutcome.PARTLY_REVERSED, Hindsight.CONTRADICTED),
        (FileVerdict.CORRECT, AppealOutcome.UPHELD, Hindsight.CONFIRMED),
        (FileVerdict.WRONG, AppealOutcome.UPHELD, Hindsight.CONTRADICTED),
        (FileVerdict.WRONG, AppealOutcome.REVERSED, Hindsight.CONFIRMED),
        (FileVerdict.WRONG_LEGAL_GROUND, AppealOutcome.UPHELD, Hindsight.CONFIRMED),
        (FileVerdict.WRONG_LEGAL_GROUND, AppealOutcome.REVERSED, Hindsight.CONTRADICTED),
        (FileVerdict.DISPUTABLE, AppealOutcome.REVERSED, Hindsight.UNSAID),
        (FileVerdict.CORRECT, AppealOutcome.INADMISSIBLE, Hindsight.UNSAID),
        (FileVerdict.WRONG, AppealOutcome.WITHDRAWN, Hindsight.UNSAID),
        (None, AppealOutcome.REVERSED, Hindsight.UNREVIEWED),
    ],
)
def test_a_ruling_confirms_contradicts_or_says_nothing(
    verdict: FileVerdict | None, outcome: AppealOutcome, expected: Hindsight
) -> None:
    assert hindsight(verdict, outcome) is expected


def test_whoever_asks_for_contradictions_gets_these_pairs() -> None:
    assert sorted(CONTRADICTIONS) == [
        ("correct", "partly_reversed"),
        ("correct", "reversed"),
        ("wrong", "upheld"),
        ("wrong_legal_ground", "partly_reversed"),
        ("wrong_legal_ground", "reversed"),
    ]
