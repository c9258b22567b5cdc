"""What others are told of reviews.

Nothing that one reviewer found is told before the other one of the same decision has signed: what
is published once is seen by everybody.
"""

from datetime import date, datetime

from services.controlling.reviews.verdict import ON_THE_FACTS, ON_THE_FILE, Answers
from services.controlling.source import SOURCE
from shared.events.catalogue.review import (
    ReviewAssigned,
    ReviewCompleted,
    ReviewOverdue,
    ReviewReopened,
)
from shared.events.event import Event, new_event
from shared.events.vocabulary import FileVerdict


def assigned(decision_id: str, due: date, now: datetime) -> Event:
    """Somebody is to review a decision."""
    return new_event(
        SOURCE, decision_id, ReviewAssigned(decision_id=decision_id, due=due), time=now
    )


def overdue(decision_id: str, due: date, now: datetime) -> Event:
    """The last day of a review has passed."""
    return new_event(SOURCE, decision_id, ReviewOverdue(decision_id=decision_id, due=due), time=now)


def completed(decision_id: str, counts: Answers, now: datetime) -> Event:
    """Both verdicts on a decision are final, until `reopened` says otherwise."""
    facts = ReviewCompleted(
        decision_id=decision_id,
        on_the_file=FileVerdict(counts[ON_THE_FILE].grade),
        on_the_facts=FileVerdict(counts[ON_THE_FACTS].grade),
    )
    return new_event(SOURCE, decision_id, facts, time=now)


def reopened(decision_id: str, now: datetime) -> Event:
    """The verdicts that were published aren't final any more."""
    return new_event(SOURCE, decision_id, ReviewReopened(decision_id=decision_id), time=now)
