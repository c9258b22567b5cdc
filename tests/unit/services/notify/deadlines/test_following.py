from datetime import UTC, date, datetime, timedelta

from services.notify.deadlines.following import Deadlines, deadlines, hashed
from shared.events.catalogue.review import (
    FindingRaised,
    MeasureAgreed,
    MeasureDone,
    MeasureDropped,
    MeasureEffectChecked,
    ReviewAssigned,
    ReviewCompleted,
    ReviewOverdue,
    ReviewReopened,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import FileVerdict, Severity

DECISION = "decision-" + "a" * 26
OTHER = "decision-" + "b" * 26
KEY, OTHER_KEY = hashed(DECISION), hashed(OTHER)
FRIDAY = date(2026, 3, 6)
LATER = FRIDAY + timedelta(days=30)


def event(facts: Facts, decision: str = DECISION) -> Event:
    return new_event("urn:test", decision, facts, time=datetime(2026, 3, 2, 9, tzinfo=UTC))


def assigned(due: date = FRIDAY, decision: str = DECISION) -> Event:
    return event(ReviewAssigned(decision_id=decision, due=due), decision)


COMPLETED = event(
    ReviewCompleted(
        decision_id=DECISION, on_the_file=FileVerdict.CORRECT, on_the_facts=FileVerdict.CORRECT
    )
)
REOPENED = event(ReviewReopened(decision_id=DECISION))


def test_what_is_assigned_is_due() -> None:
    assert deadlines([assigned(), assigned(LATER, OTHER)]) == Deadlines(
        {KEY: FRIDAY, OTHER_KEY: LATER}
    )


def test_two_reviews_of_a_decision_are_one_deadline() -> None:
    assert deadlines([assigned(), assigned()]) == deadlines([assigned()])


def test_what_nobody_has_is_due_once_it_is_overdue() -> None:
    overdue = event(ReviewOverdue(decision_id=DECISION, due=FRIDAY))

    assert deadlines([overdue]) == Deadlines({KEY: FRIDAY})


def test_who_settles_has_more_time_whatever_comes_first() -> None:
    overdue = event(ReviewOverdue(decision_id=DECISION, due=FRIDAY))

    assert deadlines([assigned(), assigned(LATER), overdue]) == Deadlines({KEY: LATER})


def test_the_last_word_on_a_review_counts() -> None:
    assert deadlines([COMPLETED]).done == {KEY: True}
    assert deadlines([COMPLETED, REOPENED]).done == {KEY: False}
    assert deadlines([COMPLETED, REOPENED, COMPLETED]).done == {KEY: True}


def test_what_was_found_is_not_kept() -> None:
    finding = FindingRaised(
        decision_id=DECISION, finding="f-1", criterion="hearing", severity=Severity.SIGNIFICANT
    )

    assert deadlines([event(finding)]) == Deadlines()


def test_a_decision_can_not_be_read_from_what_is_kept() -> None:
    assert DECISION.encode() not in KEY
    assert len(KEY) == 32


def agreed(due: date | None, measure: str = "measure-1") -> Event:
    return event(MeasureAgreed(measure=measure, kind="training", due=due), measure)


def test_a_measure_is_due_until_it_is_carried_out_or_given_up() -> None:
    done = event(MeasureDone(measure="measure-1"), "measure-1")
    dropped = event(MeasureDropped(measure="measure-2"), "measure-2")

    found = deadlines([agreed(FRIDAY), agreed(LATER, "measure-2"), done, dropped])

    assert found.measures == {"measure-1": FRIDAY, "measure-2": LATER}
    assert found.ended == {"measure-1", "measure-2"}


def test_a_measure_without_a_day_is_never_due() -> None:
    checked = event(MeasureEffectChecked(measure="measure-1", effective=True), "measure-1")

    assert deadlines([agreed(None), checked]) == Deadlines()
