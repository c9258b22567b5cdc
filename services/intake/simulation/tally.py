"""What was sent, and what intake said."""

from dataclasses import dataclass

from services.intake.outcome import BatchOutcome
from services.intake.simulation.batch import Batch


@dataclass(slots=True)
class Tally:
    """Counts of one run; `events` is always the sum of the three below it."""

    cases: int = 0
    decisions: int = 0
    events: int = 0
    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    first_refusal: str | None = None

    def add(self, batch: Batch, outcome: BatchOutcome) -> None:
        """Count a batch that was delivered; each decision has one truth, each case one contact.

        Who is told as well has another, and is named by the first.
        """
        self.cases += len(batch.contacts) - sum(len(one.parties) for one in batch.contacts)
        self.decisions += len(batch.truths)
        self.events += len(batch.events)
        self.accepted += outcome.accepted
        self.duplicate += outcome.duplicate
        self.refused += len(outcome.errors)
        if outcome.errors and self.first_refusal is None:
            first = outcome.errors[0]
            fields = "; ".join(f"{field.field}: {field.reason}" for field in first.fields)
            self.first_refusal = f"{first.defect} ({fields})"

    def counts(self) -> dict[str, int]:
        """Give the counts by name."""
        return {
            "cases": self.cases,
            "decisions": self.decisions,
            "events": self.events,
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "refused": self.refused,
        }
