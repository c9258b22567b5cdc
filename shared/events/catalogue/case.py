"""What happens to one case, from the application to its close."""

from datetime import date
from functools import partial

from pydantic import Field

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import (
    AppealOutcome,
    Code,
    ContactRef,
    DeadLetterId,
    DeciderRef,
    DecisionId,
    Direction,
    FeatureValue,
    IntakeChannel,
    Language,
    LateReason,
    LegalBasis,
    Timestamp,
)

case_fact = partial(fact, topic=Topic.CASE_EVENTS, subject=SubjectKind.CASE)


@case_fact("application.received")
class ApplicationReceived(Facts):
    """An application arrived."""

    channel: IntakeChannel
    service_key: Code = Field(description="Key of the service applied for, e.g. its LeiKa key.")
    unit: Code
    language: Language = "de"
    contact_ref: ContactRef | None = None
    due: Timestamp | None = Field(default=None, description="When a decision is due.")


@case_fact("application.acknowledged")
class ApplicationAcknowledged(Facts):
    """The applicant was told that the application arrived (§ 25(2) VwVfG)."""

    complete: bool | None = None


@case_fact("application.withdrawn")
class ApplicationWithdrawn(Facts):
    """The applicant took the application back."""


@case_fact("documents.requested")
class DocumentsRequested(Facts):
    """Missing documents were named and a deadline set (§ 82(1) sentence 3 AufenthG)."""

    items: tuple[Code, ...] = Field(min_length=1, max_length=50)
    due: date | None = None


@case_fact("documents.received")
class DocumentsReceived(Facts):
    """Documents arrived."""

    items: tuple[Code, ...] = Field(default=(), max_length=50)
    complete: bool | None = None


@case_fact("documents.deadline_extended")
class DocumentsDeadlineExtended(Facts):
    """The applicant got more time for the documents (§ 31(7) VwVfG)."""

    due: date


@case_fact("documents.overdue")
class DocumentsOverdue(Facts):
    """The deadline for documents passed."""

    items: tuple[Code, ...] = Field(default=(), max_length=50)


@case_fact("hearing.sent")
class HearingSent(Facts):
    """The applicant was asked to comment before an interfering act (§ 28 VwVfG)."""

    due: date | None = None


@case_fact("hearing.deadline_extended")
class HearingDeadlineExtended(Facts):
    """The applicant got more time to comment (§ 31(7) VwVfG)."""

    due: date


@case_fact("hearing.answered")
class HearingAnswered(Facts):
    """The applicant commented."""


@case_fact("participation.requested")
class ParticipationRequested(Facts):
    """Another authority was asked to take part (§§ 39, 72, 73 AufenthG)."""

    body: Code


@case_fact("participation.delayed")
class ParticipationDelayed(Facts):
    """The other authority needs longer than usual to answer."""

    body: Code


@case_fact("participation.answered")
class ParticipationAnswered(Facts):
    """The other authority answered."""

    body: Code
    agreed: bool | None = None


@case_fact("decision.made")
class DecisionMade(Facts):
    """The authority decided: the unit that is sampled, reviewed and estimated."""

    decision_id: DecisionId
    type_code: Code = Field(description="Key in the catalogue of decision types.")
    legal_basis: LegalBasis | None = None
    direction: Direction
    unit: Code
    decider: DeciderRef
    co_signer: DeciderRef | None = None
    discretion_exercised: bool | None = None
    reasons_given: bool | None = None
    remedy_instruction: Code | None = Field(
        default=None, description="Template of the instruction on remedies (§ 58 VwGO)."
    )
    features: dict[Code, FeatureValue] = Field(
        default_factory=dict, max_length=32, description="What makes cases alike, for comparison."
    )
    language: Language = "de"
    dataref: Code | None = Field(default=None, description="Where the file is kept upstream.")
    late_reason: LateReason | None = Field(
        default=None, description="Why it is told long after its day; intake asks for it."
    )


@case_fact("decision.dispatched")
class DecisionDispatched(Facts):
    """The notice left the authority."""

    decision_id: DecisionId
    channel: Code | None = None


@case_fact("decision.notified")
class DecisionNotified(Facts):
    """The notice counts as notified (Bekanntgabe, § 41 VwVfG)."""

    decision_id: DecisionId
    notified_on: date
    contact_ref: ContactRef | None = None


@case_fact("decision.corrected")
class DecisionCorrected(Facts):
    """The decision was corrected; it stays in the sampling frame, marked."""

    decision_id: DecisionId


@case_fact("decision.withdrawn")
class DecisionWithdrawn(Facts):
    """The decision was taken back (§§ 48, 49 VwVfG); it stays in the frame, marked."""

    decision_id: DecisionId


@case_fact("appeal.lodged")
class AppealLodged(Facts):
    """An appeal (Widerspruch) was lodged."""

    decision_id: DecisionId


@case_fact("appeal.remedied")
class AppealRemedied(Facts):
    """The authority remedied the appeal itself (Abhilfe)."""

    decision_id: DecisionId


@case_fact("appeal.forwarded")
class AppealForwarded(Facts):
    """The appeal went to the supervisory authority."""

    decision_id: DecisionId


@case_fact("appeal.decided")
class AppealDecided(Facts):
    """The appeal was decided."""

    decision_id: DecisionId
    outcome: AppealOutcome
    healed: bool | None = Field(default=None, description="A defect was healed (§ 45 VwVfG).")


@case_fact("court.action_filed")
class CourtActionFiled(Facts):
    """An action against a decision was filed (§ 74 VwGO)."""

    decision_id: DecisionId


@case_fact("court.inaction_filed")
class CourtInactionFiled(Facts):
    """An action for inaction was filed (§ 75 VwGO)."""


@case_fact("court.decided")
class CourtDecided(Facts):
    """The court decided."""

    decision_id: DecisionId | None = None
    outcome: AppealOutcome


@case_fact("case.transferred")
class CaseTransferred(Facts):
    """Another authority has become responsible for the case (§ 3(3) VwVfG)."""

    body: Code | None = Field(default=None, description="The authority that decides from now on.")


@case_fact("case.closed")
class CaseClosed(Facts):
    """Nothing more is expected in this case."""

    reason: Code | None = None


@case_fact("case.event_discarded")
class EventDiscarded(Facts):
    """The event with this sequence can't be applied, and an operator gave it up for ever."""

    dead_letter: DeadLetterId
