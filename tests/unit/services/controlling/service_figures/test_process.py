"""How decisions came about: how long steps took, what was late, what was done twice."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.counts import Figure, read, written
from services.controlling.service_figures.fact import Part
from services.controlling.service_figures.process import Cases, Step, count_cases, together_cases
from services.controlling.service_figures.ways import Spread, courses
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import (
    AppealRemedied,
    ApplicationAcknowledged,
    ApplicationReceived,
    DecisionCorrected,
    DecisionDispatched,
    DecisionMade,
    DecisionNotified,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingSent,
    ParticipationAnswered,
    ParticipationRequested,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, IntakeChannel
from shared.organisation.file import load_organisation

LAW = Clocks.of(load_organisation(ORGANISATION))
AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
DECISION = "decision-" + "a" * 26
WORK = "residence-work"
ASKED = DocumentsRequested(items=("passport",))


def on(day: int, facts: Facts, case: str = "a") -> Event:
    return new_event("urn:test", f"case-{case * 26}", facts, time=AT + timedelta(days=day))


def applied(day: int = 0, case: str = "a", service: str = WORK) -> Event:
    facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key=service, unit="unit-2")
    return on(day, facts, case)


def made(day: int, case: str = "a", decision: str = DECISION) -> Event:
    facts = DecisionMade(
        decision_id=decision,
        type_code="AufenthG-18g",
        direction=Direction.FAVOURABLE,
        unit="unit-2",
        decider="decider-" + "a" * 26,
    )
    return on(day, facts, case)


def only(*events: Event) -> Cases:
    [cases] = count_cases(events, LAW).values()
    return cases


def test_a_decision_counts_on_its_day_for_what_was_applied_for() -> None:
    [place] = count_cases([applied(), made(20)], LAW)
    assert place == (date(2026, 2, 4), WORK)
    assert only(applied(), made(20)) == Cases(1, days=((Step.DECISION, (20,)),), ways=(((), 1),))


@pytest.mark.parametrize(
    ("events", "step", "days"),
    [
        ([on(2, ApplicationAcknowledged())], Step.ACKNOWLEDGEMENT, 2),
        ([on(3, ASKED), on(13, DocumentsReceived())], Step.DOCUMENTS, 10),
        ([on(3, ASKED)], Step.DOCUMENTS, 37),
        ([on(3, ASKED), on(13, DocumentsReceived(complete=False))], Step.DOCUMENTS, 37),
        (
            [on(3, ASKED), on(5, ASKED), on(9, DocumentsReceived()), on(20, ASKED),
             on(21, DocumentsReceived())],
            Step.DOCUMENTS, 7,
        ),
        (
            [on(1, ParticipationRequested(body="bamf")),
             on(2, ParticipationRequested(body="security")),
             on(4, ParticipationAnswered(body="bamf")),
             on(11, ParticipationAnswered(body="security"))],
            Step.PARTICIPATION, 10,
        ),
        ([on(8, HearingSent()), on(20, HearingAnswered())], Step.HEARING, 12),
        ([on(41, DecisionDispatched(decision_id=DECISION))], Step.DISPATCH, 1),
        (
            [on(50, DecisionNotified(decision_id=DECISION, notified_on=date(2026, 2, 28)))],
            Step.NOTIFICATION, 4,
        ),
    ],
)  # fmt: skip
def test_each_step_has_its_days(events: list[Event], step: Step, days: int) -> None:
    assert dict(only(applied(), *events, made(40)).days)[step] == (days,)


@pytest.mark.parametrize(("day", "late"), [(90, 0), (91, 1)])
def test_a_decision_is_late_after_three_months(day: int, late: int) -> None:
    assert only(applied(), made(day)).late == late


def test_what_nobody_applied_for_is_never_late_and_has_no_whole_way() -> None:
    [((_, service), cases)] = count_cases([on(0, HearingSent()), made(200)], LAW).items()
    assert (service, cases.late) == ("", 0)
    assert dict(cases.days) == {Step.HEARING: (200,)}


@pytest.mark.parametrize(
    ("events", "asked_again", "mended"),
    [
        ([on(1, ASKED), on(9, ASKED)], 1, 0),
        ([on(1, ASKED)], 0, 0),
        ([on(60, DecisionCorrected(decision_id=DECISION))], 0, 1),
        (
            [on(1, ASKED), on(9, ASKED), on(60, AppealRemedied(decision_id=DECISION))],
            1, 1,
        ),
        ([on(60, DecisionCorrected(decision_id="decision-" + "b" * 26))], 0, 0),
    ],
)  # fmt: skip
def test_rework_is_what_was_asked_again_or_mended(
    events: list[Event], asked_again: int, mended: int
) -> None:
    cases = only(applied(), *events, made(40))
    assert (cases.asked_again, cases.mended) == (asked_again, mended)
    assert cases.reworked == (asked_again or mended)


def test_the_way_names_what_was_waited_for_in_its_order() -> None:
    events = [on(1, ASKED), on(2, ParticipationRequested(body="bamf")), on(3, DocumentsReceived()),
              on(4, HearingSent()), on(5, ASKED)]  # fmt: skip
    [(way, _)] = only(applied(), *events, made(40)).ways
    assert way == (Step.DOCUMENTS, Step.PARTICIPATION, Step.HEARING, Step.DOCUMENTS)


def test_of_two_applications_each_has_the_days_of_its_own_decision() -> None:
    second = "decision-" + "b" * 26
    events = [applied(), on(1, ASKED), on(2, DocumentsReceived()), made(10),
              applied(100), made(130, decision=second)]  # fmt: skip
    first, later = count_cases(events, LAW).values()
    assert dict(first.days)[Step.DECISION] == (10,)
    assert later == Cases(1, days=((Step.DECISION, (30,)),), ways=(((), 1),))


EVERYTHING = [
    applied(), on(2, ApplicationAcknowledged()), on(3, ASKED), on(9, DocumentsReceived()),
    on(12, ASKED), made(40), on(41, DecisionDispatched(decision_id=DECISION)),
    on(70, DecisionCorrected(decision_id=DECISION)),
    applied(5, "b"), made(120, "b", "decision-" + "b" * 26),
]  # fmt: skip


@given(st.permutations(EVERYTHING))
def test_the_order_in_which_things_are_told_changes_nothing(events: list[Event]) -> None:
    assert count_cases(events, LAW) == count_cases(EVERYTHING, LAW)


def test_figures_are_read_as_they_were_written() -> None:
    for (day, service), cases in count_cases(EVERYTHING, LAW).items():
        figure = Figure(Part.PROCESS, day, service, cases)
        assert read("process", day, service, json.dumps(written(figure))) == figure


def figures(**services: Cases) -> list[Figure]:
    return [Figure(Part.PROCESS, AT.date(), service, cases) for service, cases in services.items()]


def some(number: int, late: int = 0, days: int = 30) -> Cases:
    steps = ((Step.DECISION, (days,) * number),)
    return Cases(number, late, days=steps, ways=(((), number),))


def test_services_and_ways_of_few_are_hidden_and_nothing_tells_of_them() -> None:
    week, known = (AT.date(), AT.date()), AT.date()
    found = courses(figures(work=some(30, 2), education=some(3), family=some(20, 1)), week, known)
    assert found.services["education"] is None
    shown = [one.cases.decided for one in found.services.values() if one is not None]
    assert found.whole is None or sum(shown) < 50
    rare = Cases(33, ways=(((), 30), ((Step.HEARING,), 3)))
    assert courses(figures(work=rare), week, known).ways == []
    assert courses([], week, known).whole is None


def test_a_step_of_fewer_than_seven_cases_has_no_days() -> None:
    steps = ((Step.DOCUMENTS, (5,) * 6), (Step.DECISION, tuple(range(1, 11))))
    found = courses(figures(work=Cases(10, days=steps)), (AT.date(), AT.date()), None).whole
    assert found is not None
    assert found.steps[Step.DOCUMENTS] is None
    assert found.steps[Step.DECISION] == Spread(5, 9)
    assert found.steps[Step.HEARING] is None


@given(st.lists(st.sampled_from([some(3, 1), some(9), *count_cases(EVERYTHING, LAW).values()])))
def test_days_may_be_put_together_in_any_order(cases: list[Cases]) -> None:
    assert together_cases(cases) == together_cases(cases[::-1])
