"""Which numbers of two parts must be equal when nothing is under way. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.summary.ledgers import FOLLOWING, LATER, Ledgers
from services.controlling.reviews.life import State
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.notification import NotificationPlanned
from shared.events.catalogue.review import (
    DecisionDrawn,
    ReviewAssigned,
    ReviewCompleted,
    ReviewPeriodOpened,
    ReviewReopened,
)
from shared.events.registry import CATALOGUE, Topic
from shared.events.vocabulary import Channel

LEFT = ("accepted", "bounced", "delivered")
"""Where a message was handed over, whatever was reported of it later."""

ENDED = ("accepted", "bounced", "delivered", "expired", "failed", "superseded", "suppressed")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number as two parts see it.

    Attributes:
        what: What is counted.
        upstream: Who has it first.
        upstream_count: How many that one says.
        downstream: Who has it from there.
        downstream_count: How many that one says.
    """

    what: str
    upstream: str
    upstream_count: int
    downstream: str
    downstream_count: int

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.upstream_count == self.downstream_count


def compare(ledgers: Ledgers, causes: Sequence[str]) -> list[Comparison]:
    """Set the books side by side, in the order in which things happen.

    Args:
        ledgers: What each part says.
        causes: The event types for which notify writes to applicants at once, one message each.
    """
    return [
        *_events(ledgers),
        *_draws(ledgers),
        *_reviews(ledgers),
        *_messages(ledgers, causes),
        _waiting(ledgers),
    ]


def _events(ledgers: Ledgers) -> list[Comparison]:
    case_events = _published(ledgers, Topic.CASE_EVENTS)
    office_events = _published(ledgers, Topic.OFFICE_EVENTS)
    controlling, notify = ledgers.controlling.applied, ledgers.notify.applied
    return [
        Comparison(
            "case events", "intake accepted", _accepted(ledgers, Topic.CASE_EVENTS),
            _holds(ledgers, Topic.CASE_EVENTS), case_events,
        ),
        Comparison("case events", "Kafka holds", case_events, "controlling read", controlling),
        Comparison("case events", "Kafka holds", case_events, "notify read", notify),
        Comparison(
            "office events", "intake accepted", _accepted(ledgers, Topic.OFFICE_EVENTS),
            _holds(ledgers, Topic.OFFICE_EVENTS), office_events,
        ),
    ]  # fmt: skip


def _draws(ledgers: Ledgers) -> list[Comparison]:
    discarded = ledgers.controlling.discarded.get(DecisionMade.event_type, 0)
    made = ledgers.accepted.get(DecisionMade.event_type, 0) - discarded
    review = ledgers.published[Topic.REVIEW_EVENTS]
    drawn = review.get(DecisionDrawn.event_type, 0)
    opened = review.get(ReviewPeriodOpened.event_type, 0)
    return [
        Comparison(
            "decisions", _less("intake accepted", discarded), made,
            "controlling has", ledgers.decisions,
        ),
        Comparison("draw reasons", "controlling has", ledgers.reasons, "Kafka holds", drawn),
        Comparison("periods", "controlling has", ledgers.periods, "Kafka holds", opened),
    ]  # fmt: skip


def _reviews(ledgers: Ledgers) -> list[Comparison]:
    """Compare what asks for reviews with what waits, is somebody's or is done, round by round."""
    reviews, published = ledgers.reviews, ledgers.published[Topic.REVIEW_EVENTS]
    told = published.get(ReviewAssigned.event_type, 0)
    taken_back = published.get(ReviewReopened.event_type, 0)
    final = published.get(ReviewCompleted.event_type, 0) - taken_back
    return [
        Comparison(
            "reviews", "decisions drawn", reviews.drawn,
            "waiting, held or signed", _in_round(ledgers, 1),
        ),
        Comparison(
            "second reviews", "drawn for two", reviews.twice,
            "waiting, held or signed", _in_round(ledgers, 2),
        ),
        Comparison(
            "settlements", "an answer differs", reviews.differing,
            "waiting, held or signed", _in_round(ledgers, 3),
        ),
        Comparison("assignments", "audit log has", reviews.assigned, "Kafka holds", told),
        Comparison("verdicts", "controlling has", reviews.final, "Kafka holds", final),
    ]  # fmt: skip


def _in_round(ledgers: Ledgers, number: int) -> int:
    return sum(ledgers.reviews.states.get((number, state.value), 0) for state in State)


def _messages(ledgers: Ledgers, causes: Sequence[str]) -> list[Comparison]:
    discarded = sum(ledgers.notify.discarded.get(cause, 0) for cause in causes)
    asked_for = sum(ledgers.accepted.get(cause, 0) for cause in causes) - discarded
    planned = sum(ledgers.messages.values())
    others = sum(
        amount for (cause, *_), amount in ledgers.messages.items() if cause in {LATER, FOLLOWING}
    )
    announced = ledgers.published[Topic.NOTIFICATION_EVENTS].get(NotificationPlanned.event_type, 0)
    ended = sum(_in_state(ledgers, state) for state in ENDED)
    rows = [
        Comparison(
            "messages", _less("intake's causes", discarded), asked_for,
            "notify planned at once", planned - others,
        ),
        Comparison("messages", "notify planned", planned, "Kafka holds", announced),
        Comparison(
            "messages", "notify planned", planned,
            "notify ended or holds", ended + _in_state(ledgers, "held"),
        ),
    ]  # fmt: skip
    carried = (
        ("mails", Channel.EMAIL, "mail server has", ledgers.mails),
        ("SMS", Channel.SMS, "gateways have", ledgers.texts),
        ("mailboxes", Channel.MAILBOX, "the fake has", ledgers.submissions),
        ("letters", Channel.LETTER, "printer has", ledgers.letters),
    )
    rows += [
        Comparison(what, "notify sent", _left(ledgers, channel), who, has)
        for what, channel, who, has in carried
        if has is not None
    ]
    return rows


def _left(ledgers: Ledgers, channel: Channel) -> int:
    return sum(
        amount
        for (_, way, state), amount in ledgers.messages.items()
        if way is channel and state in LEFT
    )


def _waiting(ledgers: Ledgers) -> Comparison:
    """Count what the system has still to do by itself, and what it couldn't do."""
    consumers = (ledgers.controlling, ledgers.notify)
    waiting = (
        ledgers.unpublished
        + ledgers.reviews.unvetted
        + ledgers.uncounted
        + sum(one.unpublished + one.parked + one.dead_letters for one in consumers)
    )
    return Comparison("not yet done", "expected", 0, "waiting anywhere", waiting)


def _less(who: str, discarded: int) -> str:
    """Say that what an operator gave up for ever is left out."""
    return f"{who} less {discarded:,} discarded" if discarded else who


def _accepted(ledgers: Ledgers, topic: Topic) -> int:
    return sum(n for name, n in ledgers.accepted.items() if CATALOGUE[name].topic is topic)


def _published(ledgers: Ledgers, topic: Topic) -> int:
    return sum(ledgers.published[topic].values()) - ledgers.foreign.get(topic, 0)


def _holds(ledgers: Ledgers, topic: Topic) -> str:
    foreign = ledgers.foreign.get(topic, 0)
    return f"Kafka holds less {foreign:,} of others" if foreign else "Kafka holds"


def _in_state(ledgers: Ledgers, state: str) -> int:
    return sum(amount for (*_, found), amount in ledgers.messages.items() if found == state)
