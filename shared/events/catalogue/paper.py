"""The papers that show what somebody may: permits, provisional papers, cards to collect."""

from datetime import date
from functools import partial

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import Code

case_fact = partial(fact, topic=Topic.CASE_EVENTS, subject=SubjectKind.CASE)


@case_fact("permit.issued")
class PermitIssued(Facts):
    """A residence title with an end, no Schengen visa, was granted or extended (§ 4 AufenthG)."""

    valid_until: date


@case_fact("provisional_paper.issued")
class ProvisionalPaperIssued(Facts):
    """A certificate that the application is pending was issued or extended (§ 81(5) AufenthG)."""

    valid_until: date


@case_fact("card.ready")
class CardReady(Facts):
    """The card (eAT, § 78 AufenthG) can be collected."""

    office: Code | None = None


@case_fact("card.collected")
class CardCollected(Facts):
    """The card is in its owner's hands: collected, or sent."""
