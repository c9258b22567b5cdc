"""Which time limits run for a case, when they end, what stops them, and when they sound."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.alarms import Alarm, of_clocks
from services.controlling.service_figures.clocks import (
    Clock,
    Clocks,
    Kept,
    Submission,
    Urgency,
    Waiting,
    by_urgency,
)
from services.controlling.triggers.waiting import Wait
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import DocumentsReceived, DocumentsRequested
from shared.events.catalogue.paper import ProvisionalPaperIssued
from shared.events.catalogue.service import ClockAlarmRaised
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import ClockKind
from shared.organisation.file import load_organisation

CLOCKS = Clocks.of(load_organisation(ORGANISATION))
CASE = "case-" + "a" * 26
AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
BEGAN = AT.date()
WORK, EU = "residence-work", "free-movement"
INACTION, CARD, PAPER = (
    ClockKind.INACTION,
    ClockKind.RESIDENCE_CARD,
    ClockKind.PROVISIONAL_PAPER,
)


def on(day: int, facts: Facts) -> Event:
    return new_event("urn:test", CASE, facts, time=AT + timedelta(days=day))


def asked(day: int) -> Event:
    return on(day, DocumentsRequested(items=("passport",)))


def came(day: int, *, complete: bool | None = None) -> Event:
    return on(day, DocumentsReceived(complete=complete))


def kept(event: Event) -> Kept:
    facts = event.data.model_dump_json(exclude_none=True)
    return Kept(event.subject, 1, event.data.event_type, event.time, facts)


def clocks(*waits: Wait, events: Iterable[Event] = ()) -> Sequence[Clock]:
    found = CLOCKS.running(Waiting([(CASE, one) for one in waits], [*map(kept, events)]))
    assert found.untold == []
    return found.clocks


def running(service: str, *events: Event) -> dict[ClockKind, date | None]:
    return {one.kind: one.last_day for one in clocks(Wait(AT, service), events=events)}


def test_three_months_run_from_the_application_on() -> None:
    assert running(WORK) == {INACTION: date(2026, 4, 15)}
    [clock] = clocks(Wait(AT, WORK))
    assert (clock.unit, clock.service, clock.began) == ("unit-2", WORK, BEGAN)


def test_missing_documents_do_not_stop_the_clock_of_inaction() -> None:
    assert running(WORK, asked(3))[INACTION] == date(2026, 4, 15)


@pytest.mark.parametrize(
    ("events", "last_day"),
    [
        pytest.param([], date(2026, 7, 15), id="complete from the beginning"),
        pytest.param([asked(5)], None, id="stopped"),
        pytest.param([asked(5), came(17)], date(2026, 8, 1), id="begun anew"),
        pytest.param([asked(5), came(17, complete=False)], None, id="still incomplete"),
        pytest.param(
            [asked(5), came(17, complete=False), came(27)], date(2026, 8, 11), id="then complete"
        ),
        pytest.param([came(17)], date(2026, 7, 15), id="nothing was missing"),
        pytest.param([asked(5), came(17), asked(20)], None, id="stopped again"),
        pytest.param([asked(-5)], date(2026, 7, 15), id="asked for an earlier application"),
    ],
)
def test_six_months_run_from_complete_information_on(
    events: list[Event], last_day: date | None
) -> None:
    assert running(EU, *events)[CARD] == last_day


def test_the_law_in_force_says_since_when_there_is_a_card() -> None:
    before = AT.replace(year=2012)
    assert [one.kind for one in clocks(Wait(before, EU))] == [INACTION]


def test_a_provisional_paper_ends_on_its_day_and_the_latest_counts() -> None:
    papers = [
        on(10, ProvisionalPaperIssued(valid_until=date(2026, 4, 25))),
        on(90, ProvisionalPaperIssued(valid_until=date(2026, 7, 25))),
    ]
    assert running(WORK, *papers)[PAPER] == date(2026, 7, 25)


def test_a_paper_of_an_earlier_application_says_nothing_of_this_one() -> None:
    paper = ProvisionalPaperIssued(valid_until=date(2026, 4, 25))
    assert PAPER not in running(WORK, on(-30, paper))
    assert running(WORK, on(0, paper))[PAPER] == date(2026, 4, 25)


def test_what_a_court_ordered_is_due_from_its_day() -> None:
    [clock] = clocks(Wait(AT, ruled=True))
    assert (clock.kind, clock.last_day, clock.unit) == (ClockKind.COURT_ORDER, BEGAN, "")


def test_the_nearest_end_stands_first_and_what_is_stopped_last() -> None:
    assert [one.kind for one in clocks(Wait(AT, EU), events=[asked(1)])] == [INACTION, CARD]


@given(st.permutations([asked(5), came(17, complete=False), came(27), asked(40), came(50)]))
def test_the_order_in_which_events_come_changes_nothing(events: list[Event]) -> None:
    assert running(EU, *events)[CARD] == date(2026, 9, 6)


PAPER_KEPT = kept(on(1, ProvisionalPaperIssued(valid_until=date(2026, 7, 25))))


@pytest.mark.parametrize(
    ("wait", "event"),
    [
        pytest.param(Wait(AT, WORK), PAPER_KEPT._replace(data="{}"), id="facts that lack"),
        pytest.param(Wait(AT, WORK), PAPER_KEPT._replace(data="no JSON"), id="no facts"),
        pytest.param(Wait(AT, WORK), PAPER_KEPT._replace(type="unheard"), id="an unknown type"),
        pytest.param(Wait(datetime.max.replace(tzinfo=UTC), WORK), PAPER_KEPT, id="no end in time"),
    ],
)
def test_a_case_that_cannot_be_read_hides_no_other(wait: Wait, event: Kept) -> None:
    other = "case-" + "b" * 26
    found = CLOCKS.running(Waiting([(CASE, wait), (other, Wait(AT, "unheard"))], [event]))
    assert [(one.case_ref, one.unit) for one in found.clocks] == [(other, "")]
    assert [(one.case_ref, one.unit) for one in found.untold] == [(CASE, "unit-2")]


def test_what_is_handed_in_online_is_to_be_fetched_in_three_days_and_is_lost_after_fourteen() -> (
    None
):
    lying = [Submission(CASE, AT, WORK), Submission(CASE, AT, "unheard")]
    found = CLOCKS.running(Waiting(submissions=lying))
    assert [(one.kind, one.last_day, one.unit) for one in found.clocks] == [
        (ClockKind.SUBMISSION_REMINDER, date(2026, 1, 18), "unit-2"),
        (ClockKind.SUBMISSION_REMINDER, date(2026, 1, 18), ""),
        (ClockKind.SUBMISSION_REJECTION, date(2026, 1, 29), "unit-2"),
        (ClockKind.SUBMISSION_REJECTION, date(2026, 1, 29), ""),
    ]


@pytest.mark.parametrize(
    ("kind", "sounds"),
    [
        (ClockKind.SUBMISSION_REMINDER, {0: 0, 1: 1, 2: None, 3: None}),
        (ClockKind.SUBMISSION_REJECTION, {-1: 0, 0: 0, 1: 3, 3: 3, 4: 7, 7: 7, 8: None}),
    ],
)
def test_short_clocks_sound_later_and_are_seen_from_their_first_day_on(
    kind: ClockKind, sounds: dict[int, int | None]
) -> None:
    short = {
        left: Clock(kind, CASE, WORK, "", BEGAN, BEGAN + timedelta(days=left)) for left in sounds
    }
    assert {left: clock.stage(BEGAN) for left, clock in short.items()} == sounds
    assert all(clock.is_near(BEGAN) for clock in short.values())


@pytest.mark.parametrize(
    ("left", "stage"), [(31, None), (30, 30), (15, 30), (14, 14), (1, 14), (0, 0), (-9, 0)]
)
def test_a_clock_sounds_thirty_and_fourteen_days_before_and_on_the_day(
    left: int, stage: int | None
) -> None:
    clock = Clock(INACTION, CASE, WORK, "", BEGAN, BEGAN + timedelta(days=left))
    expected = (
        {}
        if stage is None
        else {
            Alarm("inaction", CASE, BEGAN + timedelta(days=left), stage): ClockAlarmRaised(
                case_ref=CASE,
                clock=INACTION,
                last_day=BEGAN + timedelta(days=left),
                days_left=left,
            )
        }
    )
    assert of_clocks([clock], BEGAN) == expected
    assert clock.is_near(BEGAN) is (stage is not None)


def test_what_is_stopped_is_silent() -> None:
    assert of_clocks([Clock(CARD, CASE, EU, "", BEGAN, None)], BEGAN) == {}


def test_the_work_list_is_counted_by_when_its_clocks_end() -> None:
    left = (-200, -1, 0, 14, 15, 30)
    near = [Clock(INACTION, CASE, WORK, "", BEGAN, BEGAN + timedelta(days=days)) for days in left]
    assert by_urgency(near, BEGAN) == {
        Urgency.OVER: 2,
        Urgency.FORTNIGHT: 2,
        Urgency.MONTH: 2,
    }
    assert set(by_urgency([], BEGAN).values()) == {0}
