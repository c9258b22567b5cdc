"""Who must not review a decision."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.controlling.recusal.exclusion import Decision, Reviewer, is_excluded
from shared.security.pseudonyms import Pseudonymiser

NAMES = Pseudonymiser(bytes(32))
ZONE = ZoneInfo("Europe/Berlin")
MAY = datetime(2026, 5, 4, tzinfo=UTC)


def pseudonym(number: str, at: datetime) -> str:
    return NAMES.decider(number, at, ZONE)


DECIDED = Decision("decision-1", "unit-1", MAY, pseudonym("4711", MAY), None, other_unit=False)
UNKNOWN = replace(DECIDED, decider=None)
SIGNED = replace(DECIDED, decider=pseudonym("1", MAY), co_signer=pseudonym("4711", MAY))


def person(number: str | None = "4711", unit: str | None = "unit-2") -> Reviewer:
    return Reviewer(UUID(int=1), number, unit)


@pytest.mark.parametrize(
    ("reviewer", "decision", "expected"),
    [
        (person(), DECIDED, True),
        (person(), SIGNED, True),
        (person("4712"), DECIDED, False),
        (person("4712", "unit-1"), DECIDED, False),
        (person("4712", "unit-1"), replace(DECIDED, other_unit=True), True),
        (person(None, "unit-1"), DECIDED, False),
        (person(None, None), DECIDED, False),
        (person("4712", "unit-1"), UNKNOWN, True),
        (person(None, "unit-1"), UNKNOWN, True),
        (person("4712"), UNKNOWN, False),
        (person("4712", None), UNKNOWN, True),
        (person(None, None), UNKNOWN, False),
    ],
)
def test_exclusion(reviewer: Reviewer, decision: Decision, expected: bool) -> None:
    assert is_excluded(reviewer, decision, pseudonym) is expected


def test_the_pseudonym_is_that_of_the_decisions_quarter() -> None:
    later = replace(DECIDED, decided_at=datetime(2026, 8, 1, tzinfo=UTC))
    assert not is_excluded(person(), later, pseudonym)
