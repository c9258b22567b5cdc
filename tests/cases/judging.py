"""Holds our own behaviour against files of cases, whoever wrote them.

A file has one JSON object per line: `id`, `area`, `subject` or `name` (what the peer calls, or what
the case is about), `input`, and `expected` or `expect`.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.cases import notify, strangers
from tests.cases.case import Case, DecidedAgainst
from tests.knowledge import KNOWLEDGE

VARIABLE = "GLEICHFALL_CASES"
CHECKS: dict[str, Callable[[Case], bool]] = {**notify.CHECKS, **strangers.CHECKS}
FIGURES = "tests/unit/services/controlling"
ELSEWHERE: Mapping[str, str] = {
    "draw.coverage": f"{FIGURES}/statistics/test_stratified_limits.py",
    "draw.identity": f"{FIGURES}/proof/test_tampering.py",
    "draw.nonresponse": f"{FIGURES}/figures/test_period.py",
    "draw.policy": "tests/integration/test_bound_policies.py",
    "draw.suppression": f"{FIGURES}/statistics/test_suppression.py",
    "draw.time": "tests/integration/test_promising.py",
    "draw.units": f"{FIGURES}/statistics/test_between_units.py",
}
"""Areas whose cases are words for people, and what holds the product against what they say."""
OTHER_NAMES = [("subject", "name"), ("expected", "expect")]


class Outcome(Enum):
    """How a case ended."""

    PASSED = "passed"
    AGAINST = "decided against"
    FAILED = "failed"
    NOT_COVERED = "not covered"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and how it ended; `reason` says why we decide against it, or what covers it."""

    case: Case
    outcome: Outcome
    reason: str = ""


def files() -> list[Path]:
    """Give the files that GLEICHFALL_CASES names, else those beside the checkout, if any."""
    named = os.environ.get(VARIABLE)
    if named:
        return [Path(name) for name in named.split(os.pathsep)]
    return sorted((KNOWLEDGE / "cases").glob("*.jsonl")) if KNOWLEDGE else []


def read(file: Path) -> Iterator[Case]:
    """Read the cases of a file; strings in it hold other separators of lines."""
    for line in file.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            fields = json.loads(line)
            subject, expected = (fields.get(a, fields.get(b)) for a, b in OTHER_NAMES)
            yield Case(fields["id"], fields["area"], subject, fields["input"], expected)


def judge(case: Case) -> Judged:
    """Hold our own behaviour against a case."""
    check = CHECKS.get(case.area)
    if check is None:
        return Judged(case, Outcome.NOT_COVERED, ELSEWHERE.get(case.area, ""))
    try:
        passed = check(case)
    except DecidedAgainst as decision:
        return Judged(case, Outcome.AGAINST, str(decision))
    except Exception as error:  # noqa: BLE001 - the other cases are still to be judged
        return Judged(case, Outcome.FAILED, repr(error))
    return Judged(case, Outcome.PASSED if passed else Outcome.FAILED)
