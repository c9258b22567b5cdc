"""What a case asks of its applicant is told by its whole life, not by the last event alone."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.cases.standing import NOTHING_OPEN, STANDING, Following, Standing
from services.notify.duty import Duty
from services.notify.messages.catalogue import load_messages
from services.notify.messages.duties import Duties
from services.notify.messages.rendering import DUTIES, render
from shared.configuration.places import ROOT
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealLodged,
    AppealRemedied,
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    CaseTransferred,
    CourtActionFiled,
    CourtDecided,
    CourtInactionFiled,
    DecisionMade,
    DecisionNotified,
    DecisionWithdrawn,
    DocumentsDeadlineExtended,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingDeadlineExtended,
    HearingSent,
    ParticipationDelayed,
)
from shared.events.catalogue.paper import (
    CardCollected,
    CardReady,
    PermitIssued,
    ProvisionalPaperIssued,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import AppealOutcome, Direction
from shared.law.time_limits import TimeLimits
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

CASE = "case-" + "a" * 26
FIRST, SECOND = "decision-" + "a" * 26, "decision-" + "b" * 26
VISIT = "appointment-" + "a" * 26
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
MESSAGES = load_messages()
FOLLOWING = Following(Duties.load(), TimeLimits.load(), Calendar.of(HERE))

PROMISES = {
    "de": ("nichts tun", "nichts mehr tun"),
    "en": ("do not need to do anything",),
    "fr": ("n'avez rien à faire", "n'avez plus rien à faire"),
    "tr": ("bir şey yapmanız gerekmez",),  # noqa: RUF001 - Turkish
    "uk": ("не потрібно нічого робити", "нічого не потрібно робити"),
    "ar": ("لا يلزمك فعل أي شيء",),
}
"""How each language says that there is nothing to do."""
PROMISING = ("application_received", "participation_delayed", "still_working", "case_closed")


def made(decision: str, direction: Direction, type_code: str = "AufenthG-18b") -> DecisionMade:
    return DecisionMade(
        decision_id=decision,
        type_code=type_code,
        direction=direction,
        unit="unit-1",
        decider="decider-" + "a" * 26,
    )


def lived(*life: tuple[Facts, int]) -> Standing:
    """Give how a case stands after what happened, each some days after the beginning."""
    standing = NOTHING_OPEN
    for facts, days in life:
        standing = FOLLOWING.after(standing, happened(facts, days))
    return standing


def happened(facts: Facts, days: int) -> Event:
    return new_event("urn:gleichfall:test", CASE, facts, time=NOON + timedelta(days=days))


def day(days: int) -> date:
    return (NOON + timedelta(days=days)).date()


def says(message: str, language: str, standing: Standing, days: int) -> str:
    kind = MESSAGES.by_name[message]
    values = {DUTIES: sorted(standing.open_on(day(days)))}
    return render(kind, language, values, HERE).text


@pytest.mark.parametrize("language", PROMISES)
@pytest.mark.parametrize(
    ("message", "life", "days"),
    [
        ("still_working", [(DocumentsRequested(items=("passport",), due=day(60)), 0)], 75),
        ("still_working", [(HearingSent(), 0)], 75),
        ("application_received", [(DocumentsRequested(items=("passport",)), 0)], 0),
        ("case_closed", [(made(FIRST, Direction.ADVERSE), 0), (CaseClosed(), 1)], 1),
        (
            "case_closed",
            [
                (made(FIRST, Direction.ADVERSE), 0),
                (DecisionNotified(decision_id=FIRST, notified_on=day(3)), 3),
                (CourtActionFiled(decision_id=FIRST), 20),
                (CaseClosed(), 90),
            ],
            90,
        ),
        (
            "case_closed",
            [(made(FIRST, Direction.ADVERSE), 0), (AppealLodged(decision_id=FIRST), 9)],
            90,
        ),
        ("case_closed", [(made(FIRST, Direction.FAVOURABLE, "AufenthG-59"), 0)], 5),
        ("case_closed", [(CardReady(), 0), (CaseClosed(), 90)], 90),
        (
            "participation_delayed",
            [(HearingSent(), 0), (HearingDeadlineExtended(due=day(9)), 1)],
            5,
        ),
        (
            "still_working",
            [(DocumentsRequested(items=("passport",)), 0), (CaseTransferred(), 1)],
            2,
        ),
    ],
)
def test_no_text_says_that_there_is_nothing_to_do_while_something_is_open(
    message: str, language: str, life: Sequence[tuple[Facts, int]], days: int
) -> None:
    calm = says(message, language, NOTHING_OPEN, days)
    pressed = says(message, language, lived(*life), days)

    assert any(promise in calm for promise in PROMISES[language])
    assert not any(promise in pressed for promise in PROMISES[language])


@pytest.mark.parametrize("kind", MESSAGES.by_name.values(), ids=lambda kind: kind.name)
def test_every_text_that_promises_peace_heeds_all_duties(kind) -> None:  # type: ignore[no-untyped-def]
    promising = {
        language
        for language, promises in PROMISES.items()
        if language in kind.texts and any(one in kind.texts[language].source for one in promises)
    }

    assert kind.description.heeds == (frozenset(Duty) if promising else frozenset())
    assert promising in (set(), set(PROMISES))


def test_the_time_to_appeal_runs_from_the_day_of_notification() -> None:
    refused = made(FIRST, Direction.ADVERSE)
    told = DecisionNotified(decision_id=FIRST, notified_on=date(2026, 3, 5))

    untold, begun = lived((refused, 0)), lived((refused, 0), (told, 3))

    assert untold.open_on(date(2027, 3, 2)) == {Duty.REMEDY}, "§ 58(2) VwGO: a year at most"
    assert begun.open_on(date(2026, 4, 5)) == {Duty.REMEDY}
    assert not begun.open_on(date(2026, 4, 6))


def test_one_decision_s_appeal_says_nothing_of_another_one_s() -> None:
    life = (made(FIRST, Direction.ADVERSE), 0), (made(SECOND, Direction.ADVERSE), 0)
    standing = lived(
        *life,
        (AppealLodged(decision_id=FIRST), 5),
        (AppealLodged(decision_id=SECOND), 5),
        (AppealRemedied(decision_id=FIRST), 30),
    )

    assert standing.open_on(day(30)) == {Duty.APPEAL}
    assert {one.about for one in standing.duties} == {SECOND}


def test_an_appointment_that_moves_keeps_its_place_and_its_length() -> None:
    starts = NOON + timedelta(days=9)
    booked = AppointmentBooked(
        appointment_id=VISIT,
        service_key="s",
        office="kaiserallee",
        starts=starts,
        ends=starts + timedelta(minutes=30),
    )
    moved = AppointmentRescheduled(appointment_id=VISIT, starts=starts + timedelta(hours=1))
    cancelled = happened(AppointmentCancelled(appointment_id=VISIT), 2)

    told = lived((booked, 0), (moved, 1)).told_of(cancelled)

    assert told == {
        "starts": starts + timedelta(hours=1),
        "ends": starts + timedelta(hours=1, minutes=30),
        "office": "kaiserallee",
    }


def test_a_message_tells_of_the_unit_that_the_last_event_named() -> None:
    applied = ApplicationReceived(channel="online", service_key="permit", unit="unit-2")
    told = happened(DecisionNotified(decision_id=FIRST, notified_on=day(2)), 2)

    assert lived((applied, 0)).told_of(told) == {"unit": "unit-2"}
    assert lived((applied, 0), (made(FIRST, Direction.ADVERSE), 1)).told_of(told) == {
        "unit": "unit-1"
    }


def test_an_appointment_never_ends_before_it_starts() -> None:
    backwards = AppointmentBooked(
        appointment_id=VISIT,
        service_key="s",
        office="kaiserallee",
        starts=NOON,
        ends=NOON - timedelta(hours=1),
    )

    assert lived((backwards, 0)).appointments[VISIT].ends is None


def test_what_matters_to_nobody_any_more_is_forgotten() -> None:
    visit = AppointmentBooked(
        appointment_id=VISIT, service_key="s", office="kaiserallee", starts=NOON
    )
    refused = made(FIRST, Direction.ADVERSE)
    told = DecisionNotified(decision_id=FIRST, notified_on=day(0))
    standing = lived((visit, 0), (refused, 0), (told, 1))

    assert standing.forgetting(NOON + timedelta(days=5)) == standing
    assert standing.forgetting(NOON + timedelta(days=60)) == Standing(unit="unit-1")


OUTCOMES = st.sampled_from(AppealOutcome)
DECISIONS = st.sampled_from([FIRST, SECOND])
STEPS: st.SearchStrategy[Facts] = st.one_of(
    st.just(ApplicationReceived(channel="online", service_key="permit", unit="unit-1")),
    st.just(ApplicationWithdrawn()),
    st.just(CaseClosed()),
    st.just(DocumentsRequested(items=("passport",))),
    st.sampled_from([None, True, False]).map(lambda whole: DocumentsReceived(complete=whole)),
    st.just(HearingSent()),
    st.just(HearingAnswered()),
    st.sampled_from(
        [
            CardReady(office="kaiserallee"),
            CardCollected(),
            CaseTransferred(),
            DocumentsDeadlineExtended(due=date(2026, 3, 9)),
            HearingDeadlineExtended(due=date(2026, 3, 9)),
            ParticipationDelayed(body="bamf"),
            PermitIssued(valid_until=date(2028, 3, 1)),
            ProvisionalPaperIssued(valid_until=date(2026, 6, 1)),
        ]
    ),
    st.builds(made, DECISIONS, st.sampled_from(Direction)),
    st.builds(made, DECISIONS, st.just(Direction.ADVERSE), st.just("AufenthG-59")),
    DECISIONS.map(lambda one: DecisionWithdrawn(decision_id=one)),
    DECISIONS.map(lambda one: AppealLodged(decision_id=one)),
    DECISIONS.map(lambda one: AppealRemedied(decision_id=one)),
    st.builds(lambda one, how: AppealDecided(decision_id=one, outcome=how), DECISIONS, OUTCOMES),
    DECISIONS.map(lambda one: CourtActionFiled(decision_id=one)),
    st.just(CourtInactionFiled()),
    st.builds(lambda one, how: CourtDecided(decision_id=one, outcome=how), DECISIONS, OUTCOMES),
)


def last(life: Sequence[Facts], wanted: Callable[[Facts], bool]) -> int:
    """Give the place of the last event of a kind, counted from 1; 0 if there is none."""
    return max((place for place, one in enumerate(life, 1) if wanted(one)), default=0)


def open_by_hand(life: Sequence[Facts]) -> set[Duty]:
    """Say what is open as a clerk would: by looking for the last event that opens or closes it."""
    over = last(life, lambda one: isinstance(one, CaseClosed | ApplicationWithdrawn))
    found = set()
    if last(life, lambda one: isinstance(one, DocumentsRequested)) > max(
        over, last(life, lambda one: isinstance(one, DocumentsReceived) and one.complete is True)
    ):
        found.add(Duty.DOCUMENTS)
    if last(life, lambda one: isinstance(one, HearingSent)) > max(
        over, last(life, lambda one: isinstance(one, HearingAnswered))
    ):
        found.add(Duty.HEARING)
    if last(life, lambda one: isinstance(one, CardReady)) > last(
        life, lambda one: isinstance(one, CardCollected)
    ):
        found.add(Duty.COLLECTION)
    for decision in (FIRST, SECOND):
        mine = [one if getattr(one, "decision_id", decision) == decision else None for one in life]
        found |= _of_decision([one for one in mine if one is not None])
    if last(life, lambda one: isinstance(one, CourtInactionFiled)) > last(
        life, lambda one: isinstance(one, CourtDecided)
    ):
        found.add(Duty.COURT)
    return found


def _of_decision(life: Sequence[Facts]) -> set[Duty]:
    """Say what is open about one decision, of what happened to it and to the whole case."""
    withdrawn = last(life, lambda one: isinstance(one, DecisionWithdrawn))
    judged = last(life, lambda one: isinstance(one, CourtDecided))
    decided = last(life, lambda one: isinstance(one, AppealDecided))
    lodged = last(life, lambda one: isinstance(one, AppealLodged))
    filed = last(life, lambda one: isinstance(one, CourtActionFiled))
    remedied = last(life, lambda one: isinstance(one, AppealRemedied))
    against = last(
        life,
        lambda one: (
            (isinstance(one, DecisionMade) and one.direction is Direction.ADVERSE)
            or (
                isinstance(one, AppealDecided | CourtDecided)
                and one.outcome not in {AppealOutcome.REVERSED, AppealOutcome.WITHDRAWN}
            )
        ),
    )
    reversed_ = last(
        life,
        lambda one: (
            isinstance(one, AppealDecided | CourtDecided) and one.outcome is AppealOutcome.REVERSED
        ),
    )
    leave = last(life, lambda one: isinstance(one, DecisionMade) and one.type_code == "AufenthG-59")
    open_ = {
        Duty.REMEDY: against > max(lodged, filed, withdrawn),
        Duty.APPEAL: lodged > max(remedied, decided, judged, withdrawn),
        Duty.COURT: filed > judged,
        Duty.DEPARTURE: leave > max(withdrawn, remedied, reversed_),
    }
    return {duty for duty, is_open in open_.items() if is_open}


@given(st.lists(STEPS, max_size=10))
def test_over_random_lives_of_cases_no_promise_leaves_while_something_is_open(
    life: list[Facts],
) -> None:
    standing = lived(*((facts, 0) for facts in life))
    kept = STANDING.validate_json(STANDING.dump_json(standing))

    assert kept == standing
    assert kept.open_on(day(0)) == open_by_hand(life)
    for message in PROMISING:
        promised = any(one in says(message, "de", kept, 0) for one in PROMISES["de"])
        assert promised is not bool(open_by_hand(life))


def test_time_to_leave_runs_from_the_day_on_which_it_was_decided_here() -> None:
    half_past_midnight = datetime(2026, 4, 1, 22, 30, tzinfo=UTC)
    decided = new_event(
        "urn:gleichfall:test",
        CASE,
        made(FIRST, Direction.ADVERSE, "AufenthG-59"),
        time=half_past_midnight,
    )

    standing = FOLLOWING.after(NOTHING_OPEN, decided)

    (departure,) = (one for one in standing.duties if one.duty is Duty.DEPARTURE)
    assert departure.until is None
    (remedy,) = (one for one in standing.duties if one.duty is Duty.REMEDY)
    assert remedy.until == date(2027, 4, 2)
