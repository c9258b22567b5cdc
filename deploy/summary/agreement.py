"""Which numbers of two parts must be equal when nothing is under way. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.summary.ledgers import Ledgers
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.notification import NotificationPlanned
from shared.events.catalogue.review import DecisionDrawn, ReviewPeriodOpened
from shared.events.registry import CATALOGUE, Topic

ENDED = ("accepted", "failed", "suppressed")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number as two parts see it."""

    what: str
    left: str
    left_count: int
    right: str
    right_count: int

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.left_count == self.right_count


def compare(ledgers: Ledgers, causes: Sequence[str]) -> list[Comparison]:
    """Set the books side by side.

    Args:
        ledgers: What each part says.
        causes: The event types for which notify writes to applicants.
    """
    case_events = _of_topic(ledgers.accepted, Topic.CASE_EVENTS)
    office_events = _of_topic(ledgers.accepted, Topic.OFFICE_EVENTS)
    published = {topic: sum(ledgers.published[topic].values()) for topic in Topic}
    asked_for = sum(ledgers.accepted.get(cause, 0) for cause in causes)
    messages = sum(ledgers.messages.values())
    mailed = _in_state(ledgers, "accepted")
    review, notification = (
        ledgers.published[Topic.REVIEW_EVENTS],
        ledgers.published[Topic.NOTIFICATION_EVENTS],
    )
    made = ledgers.accepted.get(DecisionMade.event_type, 0)
    drawn = review.get(DecisionDrawn.event_type, 0)
    opened = review.get(ReviewPeriodOpened.event_type, 0)
    planned = notification.get(NotificationPlanned.event_type, 0)
    ended = sum(_in_state(ledgers, state) for state in ENDED)
    rows = [
        Comparison(
            "case events", "intake accepted", case_events, "Kafka holds",
            published[Topic.CASE_EVENTS],
        ),
        Comparison(
            "office events", "intake accepted", office_events, "Kafka holds",
            published[Topic.OFFICE_EVENTS],
        ),
        Comparison(
            "case events", "Kafka holds", published[Topic.CASE_EVENTS], "controlling applied",
            ledgers.controlling.applied,
        ),
        Comparison(
            "case events", "Kafka holds", published[Topic.CASE_EVENTS], "notify applied",
            ledgers.notify.applied,
        ),
        Comparison(
            "decisions", "intake accepted", made, "controlling registered", ledgers.decisions
        ),
        Comparison("draws", "controlling recorded", ledgers.draws, "Kafka holds", drawn),
        Comparison("periods", "controlling opened", ledgers.periods, "Kafka holds", opened),
        Comparison("messages", "causes accepted", asked_for, "notify planned", messages),
        Comparison("messages", "notify planned", messages, "Kafka holds", planned),
        Comparison("messages", "notify planned", messages, "notify ended", ended),
        Comparison("not yet done", "expected", 0, "waiting anywhere", _waiting(ledgers)),
    ]  # fmt: skip
    if ledgers.mails is not None:
        rows.append(Comparison("mails", "notify sent", mailed, "mail server has", ledgers.mails))
    return rows


def _of_topic(counts: Mapping[str, int], topic: Topic) -> int:
    return sum(amount for name, amount in counts.items() if CATALOGUE[name].topic is topic)


def _in_state(ledgers: Ledgers, state: str) -> int:
    return sum(amount for (_, found), amount in ledgers.messages.items() if found == state)


def _waiting(ledgers: Ledgers) -> int:
    """Count what still waits: outboxes, parked events, dead letters."""
    consumers = (ledgers.controlling, ledgers.notify)
    return ledgers.unpublished + sum(
        one.unpublished + one.parked + one.dead_letters for one in consumers
    )
