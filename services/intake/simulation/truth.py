"""What is really wrong with a decision: never in an event, only in the file of truths."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic_core import from_json, to_json

from services.intake.simulation.assumptions import Errors, Gravity
from services.intake.simulation.chance import Chance
from shared.events.vocabulary import Direction, FileVerdict


class Grade(StrEnum):
    """How one criterion is met, where it applies."""

    CORRECT = "correct"
    MINOR = "minor_error"
    SIGNIFICANT = "significant_error"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides which criteria apply to a decision."""

    direction: Direction
    applied: bool
    discretion: bool
    interfering: bool
    documents_missing: bool
    participation: bool
    written_form: bool
    reasons: bool
    by_post: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """The truth about one criterion, and the known probability that it is not met."""

    grade: Grade
    severity: Gravity
    probability: float


# Criteria that aren't here apply to every decision.
_APPLIES: Mapping[str, Callable[[Circumstances], bool]] = {
    "V1": lambda case: case.interfering,
    "V2": lambda case: case.documents_missing,
    "V3": lambda case: case.applied,
    "V4": lambda case: case.participation,
    "F1": lambda case: case.written_form,
    "F2": lambda case: case.reasons,
    "F4": lambda case: case.direction is Direction.ADVERSE,
    "M1": lambda case: case.discretion,
    "M2": lambda case: case.discretion,
    "M3": lambda case: case.applied and case.direction is not Direction.NEUTRAL,
    "N1": lambda case: case.direction is Direction.FAVOURABLE,
    "N2": lambda case: case.interfering,
    "N3": lambda case: case.interfering,
    "B1": lambda case: case.by_post,
}


@dataclass(frozen=True, slots=True)
class Truth:
    """The findings of a perfect reviewer on one decision."""

    findings: Mapping[str, Finding]

    def grade(self, criterion: str) -> Grade:
        """Give the grade of a criterion; one that doesn't apply can't be missed."""
        found = self.findings.get(criterion)
        return Grade.CORRECT if found is None else found.grade

    def fails(self, criterion: str) -> bool:
        """Whether a criterion is not met, in either grade."""
        return self.grade(criterion) is not Grade.CORRECT

    @property
    def verdict(self) -> FileVerdict:
        """Wrong by a significant error that can't be healed, disputable by a lesser legal one."""
        significant = {
            found.severity for found in self.findings.values() if found.grade is Grade.SIGNIFICANT
        }
        if Gravity.NOT_HEALABLE in significant:
            return FileVerdict.WRONG
        if significant & {Gravity.HEALABLE, Gravity.DEADLINE_ONLY}:
            return FileVerdict.DISPUTABLE
        return FileVerdict.CORRECT


@dataclass(frozen=True, slots=True)
class TrueDecision:
    """One line of the file of truths: the decision's stratum and what is really wrong with it."""

    decision_id: str
    made_at: datetime
    type_code: str
    group: str
    direction: Direction
    unit: str
    truth: Truth

    def line(self) -> bytes:
        """Write the truth as one line of JSON."""
        criteria = {
            code: {
                "grade": found.grade.value,
                "severity": found.severity.value,
                "probability": round(found.probability, 6),
            }
            for code, found in self.truth.findings.items()
        }
        document = {
            "decision_id": self.decision_id,
            "made_at": self.made_at,
            "type_code": self.type_code,
            "group": self.group,
            "direction": self.direction.value,
            "unit": self.unit,
            "verdict": self.truth.verdict.value,
            "criteria": criteria,
        }
        return to_json(document) + b"\n"


def read_truths(file: Iterable[bytes]) -> dict[str, Truth]:
    """Read the file of truths, by decision; its lines are those of `TrueDecision.line`."""
    return {
        line["decision_id"]: Truth({
            code: Finding(Grade(one["grade"]), Gravity(one["severity"]), one["probability"])
            for code, one in line["criteria"].items()
        })
        for line in map(from_json, file)
    }  # fmt: skip


def draw_truth(
    circumstances: Circumstances, unit_factor: float, errors: Errors, chance: Chance
) -> Truth:
    """Draw what goes wrong, each criterion that applies by itself."""
    factor = unit_factor * errors.direction_factor[circumstances.direction]
    findings = {}
    for code, rate in errors.criteria.items():
        if code in _APPLIES and not _APPLIES[code](circumstances):
            continue
        minor, significant = rate.minor * factor, rate.significant * factor
        grade = _grade(chance.factor(0, 1), minor, significant)
        findings[code] = Finding(grade, rate.severity, minor + significant)
    return Truth(findings)


def _grade(roll: float, minor: float, significant: float) -> Grade:
    if roll < significant:
        return Grade.SIGNIFICANT
    return Grade.MINOR if roll < significant + minor else Grade.CORRECT
