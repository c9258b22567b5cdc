"""The case as a line: what happened in its order, what follows, and gaps where something lacks."""

from datetime import date

import pytest

from services.controlling.case_files.store import KEPT
from services.controlling.forms.case_file import CaseFile
from services.controlling.reviews.form.time_line import (
    STEPS,
    Consequence,
    Moment,
    Step,
    time_line,
)
from shared.events.catalogue.case import (
    AppealLodged,
    ApplicationReceived,
    DecisionDispatched,
    DecisionMade,
    DecisionNotified,
    DocumentsRequested,
    HearingSent,
    ParticipationAnswered,
)
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, IntakeChannel
from tests.unit.services.controlling.forms.cases import DECISION, LAW, Dated, decided, events

RECEIVED = (
    date(2026, 3, 2),
    ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="99", unit="unit-2"),
)
HEARD = (date(2026, 4, 1), HearingSent(due=date(2026, 4, 20)))
SENT = (date(2026, 6, 18), DecisionDispatched(decision_id=DECISION, channel="post"))
NOTIFIED = (
    date(2026, 6, 22),
    DecisionNotified(decision_id=DECISION, notified_on=date(2026, 6, 22)),
)
APPEALED = (date(2026, 7, 1), AppealLodged(decision_id=DECISION))
ADVERSE = decided()


def line(*facts: Dated, made: DecisionMade = ADVERSE) -> tuple[Moment, ...]:
    return time_line(CaseFile.of(events(facts, made), DECISION, LAW.calendar), LAW)


def steps(*facts: Dated, made: DecisionMade = ADVERSE) -> list[tuple[Step, bool]]:
    return [(one.step, one.day is not None) for one in line(*facts, made=made)]


def test_a_complete_case_stands_in_its_order_without_gaps() -> None:
    assert steps(RECEIVED, HEARD, SENT, NOTIFIED) == [
        (Step.APPLICATION, True),
        (Step.HEARING, True),
        (Step.DECISION, True),
        (Step.DISPATCH, True),
        (Step.NOTIFICATION, True),
    ]


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((), ["application?", "hearing?", "decision", "dispatch?", "notification?"]),
        ((HEARD,), ["application?", "hearing", "decision", "dispatch?", "notification?"]),
        ((RECEIVED,), ["application", "hearing?", "decision", "dispatch?", "notification?"]),
        (
            (RECEIVED, NOTIFIED),
            ["application", "hearing?", "decision", "dispatch?", "notification"],
        ),
        (
            (RECEIVED, HEARD, SENT, APPEALED),
            ["application", "hearing", "decision", "dispatch", "notification?", "appeal"],
        ),
        (
            (RECEIVED, HEARD, APPEALED),
            ["application", "hearing", "decision", "dispatch?", "notification?", "appeal"],
        ),
    ],
)
def test_a_gap_stands_where_what_lacks_usually_stands(
    there: tuple[Dated, ...], expected: list[str]
) -> None:
    found = [step.value if known else f"{step.value}?" for step, known in steps(*there)]
    assert found == expected


def test_a_favourable_decision_lacks_no_hearing() -> None:
    made = decided(direction=Direction.FAVOURABLE)
    assert (Step.HEARING, False) not in steps(RECEIVED, made=made)


@pytest.mark.parametrize(
    ("fact", "follows", "until"),
    [
        (HEARD, Consequence.DUE, date(2026, 4, 20)),
        (RECEIVED, Consequence.DECIDE_BY, date(2026, 6, 2)),
        (NOTIFIED, Consequence.NOTIFIED_ON, date(2026, 6, 22)),
        ((date(2026, 3, 5), HearingSent()), None, None),
    ],
)
def test_what_follows_from_a_step_stands_beside_it(
    fact: Dated, follows: Consequence | None, until: date | None
) -> None:
    found = next(one for one in line(fact) if one.step is STEPS[type(fact[1])])
    assert (found.follows, found.until) == (follows, until)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (ParticipationAnswered(body="bamf", agreed=False), {"body": "bamf", "agreed": False}),
        (DocumentsRequested(items=("passport", "rent")), {"number": 2}),
        (DecisionDispatched(decision_id=DECISION, channel="post"), {"channel": "post"}),
    ],
)
def test_what_else_is_known_of_a_step(data: Facts, values: dict[str, object]) -> None:
    found = next(one for one in line((date(2026, 5, 4), data)) if one.step is STEPS[type(data)])
    assert dict(found.values) == values


def test_everything_that_is_kept_of_a_case_has_its_place() -> None:
    assert STEPS.keys() == {*KEPT, DecisionMade}
