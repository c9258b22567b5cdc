"""What is said to findings comes in order, in time, and with reasons where somebody disagrees."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from deploy.demo.fate import Oracle
from deploy.demo.replying import course
from services.controlling.findings.life import ENDINGS, REPLIES, State, Step, after, needs_reasons
from services.controlling.findings.life import on_day as state_on
from services.controlling.findings.store import Whole
from services.controlling.forms.criterion import Texts
from shared.events.vocabulary import Severity

DUE = date(2026, 10, 22)


def finding(number: int, raised: datetime = datetime(2026, 10, 1, 9, tzinfo=UTC)) -> Whole:
    return Whole(
        number=number,
        question="F2",
        norm="§ 39 VwVfG",
        asked=Texts(de="Begründet?", en="Reasons?"),
        severity=Severity.MINOR,
        effect=None,
        healable_until=None,
        unit="unit-1",
        type_code="AufenthG-18g",
        decided_at=raised,
        raised_at=raised,
        due=raised.date() + timedelta(days=21),
        kept=State.RAISED,
        decision_id=f"decision-{number}",
        version=1,
        text="",
    )


def test_every_step_can_be_done_on_its_day_and_has_its_reasons(oracle: Oracle) -> None:
    for number in range(200):
        state = State.RAISED
        for one in course(finding(number), oracle):
            before = state_on(state, DUE, oracle.calendar.day_of(one.at))
            state = after(before, one.done.step)
            assert one.done.text or not needs_reasons(before, one.done.step)
            assert (one.done.step is Step.PUT_RIGHT) == (one.done.day is not None)


def test_units_and_leadership_do_all_that_they_may_do_or_nothing(oracle: Oracle) -> None:
    steps = Counter(
        tuple(one.done.step for one in course(finding(number), oracle)) for number in range(200)
    )
    assert {step for one in steps for step in one} == {*REPLIES, *ENDINGS}
    assert steps[()]


def test_what_was_raised_yesterday_waits_for_its_reply(oracle: Oracle) -> None:
    yesterday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert not any(course(finding(number, yesterday), oracle) for number in range(50))
