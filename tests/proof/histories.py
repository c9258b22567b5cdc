"""Months of an invented authority with the truth about every decision, drawn and reviewed."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from services.controlling.figures.reviews import Answer, Review
from services.controlling.figures.sample import Sample
from services.controlling.periods.deadlines import Promise
from services.controlling.periods.draw import Sampler, shortfall
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.statistics.tables import Row
from services.intake.simulation.assumptions import Assumptions, load_assumptions
from services.intake.simulation.generator import generate
from services.intake.simulation.truth import TrueDecision
from shared.configuration.places import ORGANISATION
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation

VERDICT = "on_the_file"
QUESTIONS = (VERDICT, "S1", "V2")
"""The verdict; a criterion that applies to all decisions; one that applies to few."""
ERRORS = frozenset({Answer.WRONG, Answer.SIGNIFICANT, Answer.MINOR})
POLICY = Policy.model_validate(
    {
        "version": "proof",
        "default_rate": "0.1",
        "default_minimum": 10,
        "rates": (
            {"group": "ending-stay", "rate": "1", "why": "every one of them"},
            {"direction": "adverse", "rate": "0.2", "minimum": 10, "why": "the hit don't ask"},
        ),
    },
    strict=False,
)
FIRST = date(2026, 1, 5)
_WEEKS_OF_A_MONTH = 52 / 12
_BEFORE_IT_IS_USUAL = 2


@dataclass(frozen=True, slots=True)
class Month:
    """One review period: its name in all histories, and every decision with what is wrong."""

    key: str
    decisions: Mapping[str, TrueDecision]

    def sample(self, draw: int) -> Sample:
        """Draw as the service does: below the rate in the stream, topped up at the close."""
        sampler = Sampler(hashlib.sha256(f"{self.key}/{draw}".encode()).digest())
        strata: dict[str, list[str]] = {}
        for name, one in self.decisions.items():
            strata.setdefault(stratum_of(one), []).append(name)
        drawn: dict[str, str] = {}
        for key, members in strata.items():
            rule = POLICY.rule_of(Stratum.parse(key))
            tickets = sorted((sampler.ticket(name), name) for name in members)
            below = sum(Decimal(ticket) < rule.rate for ticket, _ in tickets)
            size = below + shortfall(rule, len(members), below)
            drawn |= {name: key for _, name in tickets[:size]}
        return Sample(
            drawn,
            {key: len(members) for key, members in strata.items()},
            {},
            Promise.PROVED,
            witnessed=True,
        )

    def reviews(self, sample: Sample) -> list[Review]:
        """Review what was drawn, without a mistake of one's own."""
        return [
            Review(name, answers(self.decisions[name]), put_right=False, row=_NO_ROW)
            for name in sample.drawn
        ]


_NO_ROW = Row(Path("generated"), 0, {})


def answers(one: TrueDecision) -> dict[str, Answer]:
    """Give what a perfect reviewer answers to each question."""
    found = {VERDICT: Answer(one.truth.verdict.value)}
    for code in QUESTIONS[1:]:
        finding = one.truth.findings.get(code)
        found[code] = Answer.NOT_APPLICABLE if finding is None else Answer(finding.grade.value)
    return found


def wrong(answer: Answer) -> bool:
    """Whether an answer is an error."""
    return answer in ERRORS


def stratum_of(one: TrueDecision) -> str:
    """Give a decision's place."""
    return Stratum(one.group, one.direction, one.unit).key


def authority(factors: Mapping[str, float] | None = None) -> tuple[Organisation, Assumptions]:
    """Make an authority with a unit for each group of decisions, so that there are ten.

    Args:
        factors: By how much units err more or less; those left out err alike. Without any, units
            differ as the simulator's assumptions say.
    """
    organisation = load_organisation(ORGANISATION)
    first = organisation.units[0]
    groups = [group for unit in organisation.units for group in unit.decision_groups]
    units = tuple(
        first.model_copy(update={"key": f"unit-{group}", "decision_groups": (group,)})
        for group in groups
    )
    assumed = load_assumptions()
    quiet = assumed.telephone.model_copy(update={"calls_per_filled_post_and_day": 0.0})
    errors = assumed.errors
    if factors is not None:
        alike = errors.unit_factor.model_copy(update={"lowest": 1.0, "highest": 1.0})
        errors = errors.model_copy(update={"unit_factor": alike, "unit_factors": dict(factors)})
    return (
        organisation.model_copy(update={"units": units}),
        assumed.model_copy(update={"telephone": quiet, "errors": errors}),
    )


def months(
    seed: int,
    count: int,
    *,
    rate: float = 0.15,
    factors: Mapping[str, float] | None = None,
) -> Iterator[Month]:
    """Give months of one history, beginning when cases have had time to be decided."""
    organisation, assumptions = authority(factors)
    weeks = int((count + _BEFORE_IT_IS_USUAL + 1) * _WEEKS_OF_A_MONTH) + 1
    found: dict[str, dict[str, TrueDecision]] = {}
    types = DecisionTypes.load()
    for item in generate(
        organisation,
        types,
        weeks=weeks,
        rate=rate,
        seed=seed,
        start=FIRST,
        assumptions=assumptions,
    ):
        if isinstance(item, TrueDecision):
            found.setdefault(f"{item.made_at:%Y-%m}", {})[item.decision_id] = item
    usual = sorted(found)[_BEFORE_IT_IS_USUAL:][:count]
    for key in usual:
        yield Month(f"{seed}/{key}", found[key])
