"""What a case can ask of its applicant, or hold open for them; `messages/duties.yaml` says when."""

from enum import StrEnum


class Duty(StrEnum):
    """One thing, for the texts that must not say that there is nothing to do."""

    DOCUMENTS = "documents"
    HEARING = "hearing"
    REMEDY = "remedy"
    """The time to appeal or to go to court."""
    APPEAL = "appeal"
    COURT = "court"
    DEPARTURE = "departure"
    """The time to leave."""
    COLLECTION = "collection"
    """A card lies ready."""
