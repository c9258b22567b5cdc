"""The books agree when nothing is wrong, and one wrong number is found where it is."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deploy.summary.agreement import ENDED, Comparison, compare
from deploy.summary.ledgers import FOLLOWING, LATER, Consumed, Ledgers, Reviews
from services.controlling.reviews.life import State
from services.notify.states import TERMINAL
from shared.events.catalogue.case import ApplicationReceived, DecisionMade, DocumentsRequested
from shared.events.catalogue.notification import NotificationAccepted, NotificationPlanned
from shared.events.catalogue.office import CallReceived
from shared.events.catalogue.review import (
    DecisionDrawn,
    ReviewAssigned,
    ReviewCompleted,
    ReviewPeriodOpened,
    ReviewReopened,
)
from shared.events.registry import Topic
from shared.events.vocabulary import Channel

RECEIVED, REQUESTED = ApplicationReceived.event_type, DocumentsRequested.event_type
MADE, CALLED = DecisionMade.event_type, CallReceived.event_type
PLANNED, DRAWN = NotificationPlanned.event_type, DecisionDrawn.event_type
OPENED, SENT = ReviewPeriodOpened.event_type, NotificationAccepted.event_type
ASSIGNED, COMPLETED = ReviewAssigned.event_type, ReviewCompleted.event_type
REOPENED = ReviewReopened.event_type
CAUSES = (RECEIVED, REQUESTED)

amounts = st.integers(0, 10_000)


@st.composite
def reviewed(draw: st.DrawFn) -> Reviews:
    """Books of reviews, some of which are under way."""
    waiting, others, twice, differing = (draw(amounts) for _ in range(4))
    state = draw(st.sampled_from(State)).value
    states = Counter({(1, "waiting"): waiting, (2, "signed"): twice, (3, "taken"): differing})
    states[1, state] += others
    drawn = waiting + others
    return Reviews(
        states, drawn, twice, differing, assigned=draw(amounts), final=draw(amounts), unvetted=0
    )


Messages = dict[tuple[str, Channel, str], int]


@st.composite
def ended(draw: st.DrawFn, asked_for: int) -> Messages:
    """How messages have ended: so many that events asked for, and those that came of them."""
    failed = draw(st.integers(0, asked_for))
    suppressed = draw(st.integers(0, asked_for - failed))
    accepted = asked_for - failed - suppressed
    texts = draw(st.integers(0, accepted))
    submissions = draw(st.integers(0, accepted - texts))
    letters = draw(st.integers(0, accepted - texts - submissions))
    return {
        (RECEIVED, Channel.EMAIL, "accepted"): accepted - texts - submissions - letters,
        (RECEIVED, Channel.SMS, "delivered"): texts,
        (RECEIVED, Channel.MAILBOX, "delivered"): submissions,
        (RECEIVED, Channel.LETTER, "accepted"): letters,
        (RECEIVED, Channel.EMAIL, "failed"): failed,
        (REQUESTED, Channel.SMS, "suppressed"): suppressed,
        (LATER, Channel.EMAIL, "held"): draw(amounts),
        (LATER, Channel.EMAIL, "superseded"): draw(amounts),
        (FOLLOWING, Channel.EMAIL, "accepted"): draw(amounts),
    }


@st.composite
def settled(draw: st.DrawFn, *, ours: bool = False) -> Ledgers:
    """Books of a system that has done all its work, with providers of messages that are ours."""
    cases = {name: draw(amounts) for name in (RECEIVED, REQUESTED, MADE)}
    office = {CALLED: draw(amounts)}
    reasons, periods = draw(st.integers(0, cases[MADE])), draw(st.integers(0, 4))
    reviews, taken_back = draw(reviewed()), draw(amounts)
    asked_for = cases[RECEIVED] + cases[REQUESTED]
    messages = draw(ended(asked_for))

    def theirs(channel: Channel, state: str) -> int | None:
        count = sum(messages.get((cause, channel, state), 0) for cause in (*CAUSES, FOLLOWING))
        return count if ours or draw(st.booleans()) else None

    done = Consumed(sum(cases.values()), parked=0, dead_letters=0, unpublished=0)
    return Ledgers(
        accepted=cases | office,
        unpublished=0,
        foreign={},
        published={
            Topic.CASE_EVENTS: cases,
            Topic.OFFICE_EVENTS: office,
            Topic.REVIEW_EVENTS: {
                DRAWN: reasons,
                OPENED: periods,
                ASSIGNED: reviews.assigned,
                COMPLETED: reviews.final + taken_back,
                REOPENED: taken_back,
            },
            Topic.NOTIFICATION_EVENTS: {PLANNED: sum(messages.values()), SENT: asked_for},
        },
        controlling=done,
        notify=done,
        decisions=cases[MADE],
        reasons=reasons,
        periods=periods,
        reviews=reviews,
        service_days=28,
        uncounted=0,
        messages=messages,
        resting=0,
        rest_until=None,
        mails=theirs(Channel.EMAIL, "accepted"),
        texts=theirs(Channel.SMS, "delivered"),
        submissions=theirs(Channel.MAILBOX, "delivered"),
        letters=theirs(Channel.LETTER, "accepted"),
    )


def differing(ledgers: Ledgers) -> set[str]:
    return {
        f"{row.what}: {row.upstream}, {row.downstream}"
        for row in compare(ledgers, CAUSES)
        if not row.agrees
    }


@given(settled())
def test_books_of_a_system_that_has_done_its_work_agree(ledgers: Ledgers) -> None:
    assert differing(ledgers) == set()


@given(settled())
def test_what_an_operator_discarded_is_missing_nowhere(ledgers: Ledgers) -> None:
    """One decision and one application were accepted, published, and given up for ever."""
    accepted = {**ledgers.accepted, MADE: ledgers.accepted[MADE] + 1}
    accepted[RECEIVED] += 1
    cases = {name: accepted[name] for name in (RECEIVED, REQUESTED, MADE)}
    read = replace(ledgers.controlling, applied=sum(cases.values()))
    gone = {MADE: 1, RECEIVED: 1}
    books = replace(
        ledgers,
        accepted=accepted,
        published={**ledgers.published, Topic.CASE_EVENTS: cases},
        controlling=replace(read, discarded=gone),
        notify=replace(read, discarded=gone),
    )

    assert differing(books) == set()
    assert differing(replace(books, notify=read)) == {
        "messages: intake's causes, notify planned at once"
    }
    assert differing(replace(books, controlling=read)) == {
        "decisions: intake accepted, controlling has"
    }


@given(settled())
def test_what_others_wrote_on_a_topic_is_left_out_once_it_is_acknowledged(
    ledgers: Ledgers,
) -> None:
    cases = {**ledgers.published[Topic.CASE_EVENTS], "unknown": 1}
    books = replace(ledgers, published={**ledgers.published, Topic.CASE_EVENTS: cases})
    assert differing(books)

    assert differing(replace(books, foreign={Topic.CASE_EVENTS: 1})) == set()


def on_topic(topic: Topic, name: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        counts = ledgers.published[topic]
        changed = {**counts, name: counts.get(name, 0) + by}
        return replace(ledgers, published={**ledgers.published, topic: changed})

    return change


def accepted(name: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        return replace(ledgers, accepted={**ledgers.accepted, name: ledgers.accepted[name] + by})

    return change


def in_state(state: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        key = (RECEIVED, Channel.EMAIL, state)
        changed = {**ledgers.messages, key: ledgers.messages.get(key, 0) + by}
        return replace(ledgers, messages=changed)

    return change


def of(consumer: str, field: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        books: Consumed = getattr(ledgers, consumer)
        changed: Any = replace(books, **{field: getattr(books, field) + by})
        return replace(ledgers, **{consumer: changed})

    return change


def review_book(field: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        changed: Any = {field: getattr(ledgers.reviews, field) + by}
        return replace(ledgers, reviews=replace(ledgers.reviews, **changed))

    return change


def reviews_in(number: int, state: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        states = ledgers.reviews.states
        changed = {**states, (number, state): states.get((number, state), 0) + by}
        return replace(ledgers, reviews=replace(ledgers.reviews, states=changed))

    return change


def own(field: str) -> Callable[[Ledgers, int], Ledgers]:
    def change(ledgers: Ledgers, by: int) -> Ledgers:
        return replace(ledgers, **{field: getattr(ledgers, field) + by})

    return change


FROM_INTAKE = "case events: intake accepted, Kafka holds"
TO_CONTROLLING = "case events: Kafka holds, controlling read"
TO_NOTIFY = "case events: Kafka holds, notify read"
OFFICE = "office events: intake accepted, Kafka holds"
REGISTERED = "decisions: intake accepted, controlling has"
REASONS = "draw reasons: controlling has, Kafka holds"
PERIODS = "periods: controlling has, Kafka holds"
FIRST = "reviews: decisions drawn, waiting, held or signed"
SECOND = "second reviews: drawn for two, waiting, held or signed"
SETTLED = "settlements: an answer differs, waiting, held or signed"
GIVEN = "assignments: audit log has, Kafka holds"
FINAL = "verdicts: controlling has, Kafka holds"
ASKED_FOR = "messages: intake's causes, notify planned at once"
ANNOUNCED = "messages: notify planned, Kafka holds"
ENDINGS = "messages: notify planned, notify ended or holds"
MAILS = "mails: notify sent, mail server has"
TEXTS = "SMS: notify sent, gateways have"
MAILBOXES = "mailboxes: notify sent, the fake has"
LETTERS = "letters: notify sent, printer has"
WAITING = "not yet done: expected, waiting anywhere"

CASE_TOPIC = on_topic(Topic.CASE_EVENTS, MADE)
OFFICE_TOPIC = on_topic(Topic.OFFICE_EVENTS, CALLED)
REVIEW_TOPIC, NOTIFICATION_TOPIC = Topic.REVIEW_EVENTS, Topic.NOTIFICATION_EVENTS

DEVIATIONS: Mapping[str, tuple[Callable[[Ledgers, int], Ledgers], set[str]]] = {
    "a case event more on the topic": (CASE_TOPIC, {FROM_INTAKE, TO_CONTROLLING, TO_NOTIFY}),
    "an office event more on the topic": (OFFICE_TOPIC, {OFFICE}),
    "a decision that only intake has": (accepted(MADE), {FROM_INTAKE, REGISTERED}),
    "a cause that only intake has": (accepted(REQUESTED), {FROM_INTAKE, ASKED_FOR}),
    "a call that only intake has": (accepted(CALLED), {OFFICE}),
    "controlling applied another number": (of("controlling", "applied"), {TO_CONTROLLING}),
    "notify applied another number": (of("notify", "applied"), {TO_NOTIFY}),
    "a decision registered twice": (own("decisions"), {REGISTERED}),
    "a draw that nobody published": (own("reasons"), {REASONS}),
    "a draw that nobody recorded": (on_topic(REVIEW_TOPIC, DRAWN), {REASONS}),
    "a period that nobody published": (own("periods"), {PERIODS}),
    "a period that nobody opened": (on_topic(REVIEW_TOPIC, OPENED), {PERIODS}),
    "a drawn decision that nobody is to review": (review_book("drawn"), {FIRST}),
    "a review of what wasn't drawn": (reviews_in(1, "waiting"), {FIRST}),
    "a second review that nobody is to do": (review_book("twice"), {SECOND}),
    "a second review that nobody asked for": (reviews_in(2, "signed"), {SECOND}),
    "a difference that nobody settles": (review_book("differing"), {SETTLED}),
    "a difference settled where there was none": (reviews_in(3, "assigned"), {SETTLED}),
    "an assignment that nobody published": (review_book("assigned"), {GIVEN}),
    "an assignment that nobody wrote down": (on_topic(REVIEW_TOPIC, ASSIGNED), {GIVEN}),
    "verdicts that nobody published": (review_book("final"), {FINAL}),
    "verdicts that nobody gave": (on_topic(REVIEW_TOPIC, COMPLETED), {FINAL}),
    "verdicts taken back that still hold": (on_topic(REVIEW_TOPIC, REOPENED), {FINAL}),
    "a review of which nobody knows who may do it": (review_book("unvetted"), {WAITING}),
    "a message that nobody planned": (on_topic(NOTIFICATION_TOPIC, PLANNED), {ANNOUNCED}),
    "a message that never ends": (in_state("sending"), {ASKED_FOR, ANNOUNCED, ENDINGS}),
    "a message suppressed for no cause": (in_state("suppressed"), {ASKED_FOR, ANNOUNCED}),
    "a mail that was sent twice": (own("mails"), {MAILS}),
    "an SMS that was sent twice": (own("texts"), {TEXTS}),
    "a message to a mailbox that was sent twice": (own("submissions"), {MAILBOXES}),
    "a letter that was printed twice": (own("letters"), {LETTERS}),
    "an event that intake has not published": (own("unpublished"), {WAITING}),
    "an event that controlling has parked": (of("controlling", "parked"), {WAITING}),
    "an event that notify has not published": (of("notify", "unpublished"), {WAITING}),
    "a dead letter": (of("notify", "dead_letters"), {WAITING}),
    "a call that no figure has counted": (own("uncounted"), {WAITING}),
}


@given(settled(ours=True), st.integers(1, 100))
def test_one_wrong_number_is_found_where_it_is(ledgers: Ledgers, by: int) -> None:
    """Books are dear to invent: all deviations are tried on the same ones."""
    found = {name: differing(change(ledgers, by)) for name, (change, _) in DEVIATIONS.items()}

    assert found == {name: expected for name, (_, expected) in DEVIATIONS.items()}


@given(settled(), st.integers(1, 100))
def test_too_few_are_found_like_too_many(ledgers: Ledgers, by: int) -> None:
    assert differing(of("controlling", "applied")(ledgers, -by)) == {TO_CONTROLLING}
    assert differing(own("decisions")(ledgers, -by)) == {REGISTERED}


@given(settled(), st.integers(1, 100))
def test_a_review_in_a_state_that_no_review_has_is_missing(ledgers: Ledgers, by: int) -> None:
    waiting, lost = reviews_in(1, "waiting"), reviews_in(1, "lost")
    assert differing(lost(waiting(review_book("drawn")(ledgers, by), 0), by)) == {FIRST}


@given(settled())
def test_foreign_providers_are_not_compared(ledgers: Ledgers) -> None:
    foreign = replace(ledgers, mails=None, texts=None, submissions=None, letters=None)
    names = {row.what for row in compare(foreign, CAUSES)}

    assert names.isdisjoint({"mails", "SMS", "mailboxes", "letters"})


@given(settled())
def test_each_thing_is_compared_once_and_things_stay_together(ledgers: Ledgers) -> None:
    rows = compare(ledgers, CAUSES)
    named = [row.what for row in rows]

    assert len({(row.what, row.upstream, row.downstream) for row in rows}) == len(rows)
    assert named == sorted(named, key=named.index)


def test_a_message_ends_where_notify_says_that_it_ends() -> None:
    assert set(ENDED) == TERMINAL


def test_a_comparison_agrees_when_both_say_the_same() -> None:
    assert Comparison("mails", "notify sent", 3, "mail server has", 3).agrees
    assert not Comparison("mails", "notify sent", 3, "mail server has", 4).agrees
