"""What controlling does: periods, draws, reviews, findings, measures."""

from datetime import date
from functools import partial

from pydantic import Field

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import (
    CaseRef,
    Code,
    DecisionId,
    Digest,
    DrawReason,
    FileVerdict,
    Probability,
    Severity,
    StratumKey,
    Ticket,
    WitnessRole,
    WitnessValue,
)

review_fact = partial(fact, topic=Topic.REVIEW_EVENTS, subject=SubjectKind.REVIEW)


@review_fact("review_period.opened")
class ReviewPeriodOpened(Facts):
    """A period began: the seed is fixed, but only its commitment is public."""

    period: Code
    first_day: date
    last_day: date
    commitment: Digest = Field(description="SHA-256 over seed, policy, catalogue and days.")
    policy_version: Code


@review_fact("review_period.witnessed")
class ReviewPeriodWitnessed(Facts):
    """Chance that nobody controls entered a period's draw, after its commitment."""

    period: Code
    value: WitnessValue
    roles: tuple[WitnessRole, ...] = Field(min_length=2, description="Who watched.")


@review_fact("policy.scheduled")
class PolicyScheduled(Facts):
    """Leadership changed the sampling policy: from a day to come, never what was drawn."""

    version: Code
    valid_from: date = Field(description="First day of the first period that opens with it.")
    digest: Digest = Field(
        description="SHA-256 of what the policy says, as JSON: keys sorted, without defaults."
    )


@review_fact("policy.withdrawn")
class PolicyWithdrawn(Facts):
    """Leadership took back a sampling policy before its day; the one before it goes on."""

    version: Code


class StratumCount(Facts):
    """How many decisions a stratum held and how many were drawn."""

    stratum: StratumKey
    size: int = Field(ge=0)
    drawn: int = Field(ge=0)


@review_fact("review_period.closed")
class ReviewPeriodClosed(Facts):
    """A period ended: the seed is revealed, so that anyone can replay the draw."""

    period: Code
    seed: Digest = Field(description="The 256-bit seed, hexadecimal.")
    strata: tuple[StratumCount, ...]


@review_fact("register.chained")
class RegisterChained(Facts):
    """A period's register had come so far; what stands before its head can't be changed unseen."""

    period: Code
    day: date
    entries: int = Field(ge=1, description="How many decisions the chain held.")
    head: Digest = Field(description="The hash after the last of them.")


@review_fact("decision.drawn")
class DecisionDrawn(Facts):
    """A decision was drawn for review."""

    decision_id: DecisionId
    case_ref: CaseRef
    period: Code
    stratum: StratumKey
    ticket: Ticket
    inclusion_probability: Probability
    reasons: tuple[DrawReason, ...] = Field(min_length=1)
    policy_version: Code
    double_review: bool = Field(default=False, description="Two review it, blindly.")
    twin: DecisionId | None = Field(
        default=None,
        description="The like case decided otherwise, with which it is one task; ticket and "
        "probability are then those of the pair.",
    )


@review_fact("review.assigned")
class ReviewAssigned(Facts):
    """A reviewer took a drawn decision."""

    decision_id: DecisionId
    due: date


@review_fact("review.completed")
class ReviewCompleted(Facts):
    """A reviewer gave both verdicts."""

    decision_id: DecisionId
    on_the_file: FileVerdict
    on_the_facts: FileVerdict


@review_fact("review.reopened")
class ReviewReopened(Facts):
    """Verdicts that were given aren't final any more; new ones will be."""

    decision_id: DecisionId


@review_fact("review.overdue")
class ReviewOverdue(Facts):
    """A review was not done in time."""

    decision_id: DecisionId
    due: date


@review_fact("finding.raised")
class FindingRaised(Facts):
    """A review found an error."""

    decision_id: DecisionId
    finding: Code
    criterion: Code
    severity: Severity


class FindingFact(Facts):
    """A later step of a finding."""

    finding: Code


@review_fact("finding.answered")
class FindingAnswered(FindingFact):
    """The unit replied (Gegenäußerung)."""


@review_fact("finding.confirmed")
class FindingConfirmed(FindingFact):
    """The finding stands."""


@review_fact("finding.withdrawn")
class FindingWithdrawn(FindingFact):
    """The finding does not stand."""


@review_fact("measure.agreed")
class MeasureAgreed(Facts):
    """A measure (Maßnahme) was agreed on findings."""

    measure: Code
    kind: Code
    due: date | None = None


@review_fact("measure.done")
class MeasureDone(Facts):
    """The measure was carried out."""

    measure: Code


@review_fact("measure.dropped")
class MeasureDropped(Facts):
    """The measure was given up."""

    measure: Code


@review_fact("measure.effect_checked")
class MeasureEffectChecked(Facts):
    """Whether the measure helped was looked at."""

    measure: Code
    effective: bool


@review_fact("report.published")
class ReportPublished(Facts):
    """A report for a period was published."""

    report: Code
    period: Code
    digest: Digest
