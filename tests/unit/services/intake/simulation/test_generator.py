"""The simulated authority: repeatable, valid, in order, plausible."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from services.intake.simulation.story import Item
from services.intake.simulation.truth import TrueDecision
from shared.contacts.contact import Contact
from shared.contacts.party import Capacity
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
)
from shared.events.catalogue.case import (
    AppealLodged,
    ApplicationReceived,
    CaseClosed,
    DecisionMade,
    DecisionNotified,
)
from shared.events.catalogue.office import CallReceived, EmergencyWindowOpened, StaffingChanged
from shared.events.event import Event, decode, encode
from shared.events.json_format import to_document
from shared.events.registry import CATALOGUE, Facts, SubjectKind, Topic
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from tests.unit.services.intake.simulation.conftest import Play

# The bytes of two weeks at seed 1. They change only on purpose: then say so in the commit.
GOLDEN = "255ca3339a880b8b9de92d7c1df4ddabe4b667b978a675ce8f1ffeac46ad8e41"

Fact = TypeVar("Fact", bound=Facts)


def events(items: Iterable[Item]) -> list[Event]:
    return [item for item in items if isinstance(item, Event)]


def truths(items: Iterable[Item]) -> list[TrueDecision]:
    return [item for item in items if isinstance(item, TrueDecision)]


def facts(items: Iterable[Item], kind: type[Fact]) -> list[tuple[Event, Fact]]:
    return [(item, item.data) for item in events(items) if isinstance(item.data, kind)]


def written(item: Item) -> bytes:
    if isinstance(item, Contact):
        return item.plaintext()
    return item.line() if isinstance(item, TrueDecision) else to_document(encode(item))


def by_subject(items: Iterable[Item]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events(items):
        found[event.subject].append(event)
    return found


def test_the_same_seed_gives_the_same_bytes_today_and_next_year(play: Play) -> None:
    digest = hashlib.sha256(b"\n".join(written(item) for item in play(2))).hexdigest()
    assert digest == GOLDEN


def test_another_seed_gives_another_history(play: Play) -> None:
    first = {event.id for event in events(play(1, seed=1))}
    second = {event.id for event in events(play(1, seed=2))}
    assert first
    assert first.isdisjoint(second)


def test_more_weeks_continue_the_same_history(play: Play, eight_weeks: list[Item]) -> None:
    short = play(3)
    assert eight_weeks[: len(short)] == short


def test_a_higher_rate_adds_cases_and_changes_none(play: Play) -> None:
    few = {
        event.id: event
        for event in events(play(2, rate=0.5))
        if event.type.topic is Topic.CASE_EVENTS
    }
    many = {event.id: event for event in events(play(2, rate=1.5))}
    assert few.items() <= many.items()
    assert len(many) > 2 * len(few)


def test_every_event_passes_the_door(eight_weeks: list[Item]) -> None:
    for event in events(eight_weeks):
        assert decode(encode(event), unknown="forbid").data == event.data


def test_no_event_id_occurs_twice(eight_weeks: list[Item]) -> None:
    ids = [event.id for event in events(eight_weeks)]
    assert len(ids) == len(set(ids))


def test_time_never_goes_back(eight_weeks: list[Item]) -> None:
    times = [event.time for event in events(eight_weeks)]
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_nothing_happens_outside_of_the_weeks(eight_weeks: list[Item]) -> None:
    zone = timedelta(hours=1)
    start = datetime(2026, 1, 5, tzinfo=UTC) - zone
    assert all(start <= event.time < start + timedelta(weeks=8) for event in events(eight_weeks))


def test_a_contact_comes_before_the_first_event_of_its_case(eight_weeks: list[Item]) -> None:
    known: set[str] = set()
    for item in eight_weeks:
        if isinstance(item, Contact):
            known.add(item.contact_ref)
        elif isinstance(item, Event):
            ref = getattr(item.data, "contact_ref", None)
            assert ref is None or ref in known


def test_every_contact_can_be_reached_but_belongs_to_nobody(eight_weeks: list[Item]) -> None:
    contacts = [item for item in eight_weeks if isinstance(item, Contact)]
    assert len({contact.language for contact in contacts}) >= 8
    for contact in contacts:
        assert contact.email is not None or contact.postal_address is not None
        assert contact.email is None or contact.email.reveal().endswith("@example.invalid")
        assert contact.phone is None or contact.phone.reveal().startswith("+4917139200")


def test_a_case_begins_with_its_application_and_ends_with_its_close(
    eight_weeks: list[Item],
) -> None:
    for subject, story in by_subject(eight_weeks).items():
        kinds = [type(event.data) for event in story]
        if not subject.startswith("case-"):
            continue
        assert ApplicationReceived not in kinds[1:]
        assert CaseClosed not in kinds[:-1]


def test_weeks_are_as_busy_as_the_assumptions_say(
    eight_weeks: list[Item], karlsruhe: Organisation
) -> None:
    weekly = len({event.subject for event, _ in facts(eight_weeks, ApplicationReceived)}) / 8
    assert 15 < weekly / float(karlsruhe.staff.filled) < 22
    calls = len(facts(eight_weeks, CallReceived)) / 8
    assert 900 < calls < 1_200


def test_mondays_are_busier_than_fridays_and_sundays_are_online_only(
    eight_weeks: list[Item], karlsruhe: Organisation
) -> None:
    calendar = Calendar.of(karlsruhe)
    received = facts(eight_weeks, ApplicationReceived)
    days = Counter(calendar.day_of(event.time).weekday() for event, _ in received)
    assert days[0] > days[4] > days[6] > 0
    for event, data in received:
        if not calendar.is_working_day(calendar.day_of(event.time)):
            assert data.channel == "online"


def test_appointments_lie_in_opening_hours_two_to_fifteen_working_days_ahead(
    eight_weeks: list[Item], karlsruhe: Organisation
) -> None:
    calendar, office = Calendar.of(karlsruhe), karlsruhe.offices[0]
    for event, data in facts(eight_weeks, AppointmentBooked):
        assert calendar.is_open(office, data.starts)
        if data.emergency:
            continue
        booked, starts = calendar.day_of(event.time), calendar.day_of(data.starts)
        lead = len(list(calendar.working_days(calendar.on_or_after(booked), starts)))
        assert 2 <= lead <= 15


def test_a_high_share_of_appointments_is_missed(eight_weeks: list[Item]) -> None:
    attended = len(facts(eight_weeks, AppointmentAttended))
    missed = len(facts(eight_weeks, AppointmentMissed))
    assert 0.28 < missed / (attended + missed) < 0.4
    assert facts(eight_weeks, AppointmentCancelled)


def test_every_group_and_direction_is_decided_by_its_unit(
    eight_weeks: list[Item], karlsruhe: Organisation, types: DecisionTypes
) -> None:
    calendar = Calendar.of(karlsruhe)
    groups = set()
    for event, data in facts(eight_weeks, DecisionMade):
        group = types.group_of(data.type_code, calendar.day_of(event.time))
        unit = karlsruhe.unit_of(group)
        assert unit is not None
        assert data.unit == unit.key
        groups.add(group)
    assert groups == {group for unit in karlsruhe.units for group in unit.decision_groups}
    directions = {data.direction for _, data in facts(eight_weeks, DecisionMade)}
    assert directions == set(Direction)


def test_nobody_co_signs_their_own_decision(eight_weeks: list[Item]) -> None:
    decisions = [data for _, data in facts(eight_weeks, DecisionMade)]
    assert all(data.decider != data.co_signer for data in decisions)
    assert any(data.co_signer for data in decisions)


def test_there_are_as_many_deciders_as_filled_posts_and_they_change_their_names_each_quarter(
    year: list[Item], karlsruhe: Organisation
) -> None:
    calendar = Calendar.of(karlsruhe)
    quarters: dict[int, set[str]] = defaultdict(set)
    for event, data in facts(year, DecisionMade):
        quarters[(calendar.day_of(event.time).month - 1) // 3].add(data.decider)
    assert [len(deciders) for deciders in quarters.values()] == [37, 37, 37, 37]
    assert len(set().union(*quarters.values())) == 4 * 37


def test_some_appeal_before_they_were_notified_as_in_reality(year: list[Item]) -> None:
    notified = {data.decision_id: event.time for event, data in facts(year, DecisionNotified)}
    lodged = {data.decision_id: event.time for event, data in facts(year, AppealLodged)}
    early = [found for found, at in lodged.items() if found not in notified or at < notified[found]]
    assert 0 < len(early) < len(lodged) / 3


def test_a_year_shows_every_event_that_sources_send(year: list[Item]) -> None:
    sent = {event.data.event_type for event in events(year)}
    from_sources = {
        name
        for name, entry in CATALOGUE.items()
        if entry.topic in {Topic.CASE_EVENTS, Topic.OFFICE_EVENTS}
        and entry.subject in {SubjectKind.CASE, SubjectKind.OFFICE}
    }
    stand_in_of_our_own = "gleichfall.case.event_discarded.v1"
    counted_by_intake = "gleichfall.decisions.counted.v1"
    unsent = {"gleichfall.law.changed.v1", stand_in_of_our_own, counted_by_intake}
    assert from_sources - sent == unsent


def test_the_emergency_counter_opens_on_nearly_every_working_day(
    eight_weeks: list[Item], karlsruhe: Organisation
) -> None:
    calendar = Calendar.of(karlsruhe)
    opened = {data.day for _, data in facts(eight_weeks, EmergencyWindowOpened)}
    working = set(calendar.working_days(date(2026, 1, 5), date(2026, 3, 2)))
    assert opened <= working
    assert len(opened) >= 0.9 * len(working)


def test_staff_is_told_for_the_whole_authority_once(eight_weeks: list[Item]) -> None:
    ((event, staff),) = facts(eight_weeks, StaffingChanged)
    assert event.subject == "abh-karlsruhe"
    assert (staff.posts, staff.vacant) == (41, 3.95)


@pytest.mark.parametrize("attribute", ["unit", "direction", "type_code"])
def test_each_decision_has_its_truth_right_after_it(
    eight_weeks: list[Item], attribute: str
) -> None:
    made = {data.decision_id: data for _, data in facts(eight_weeks, DecisionMade)}
    found = {truth.decision_id: truth for truth in truths(eight_weeks)}
    assert made.keys() == found.keys()
    for decision_id, data in made.items():
        assert getattr(found[decision_id], attribute) == getattr(data, attribute)


def test_a_few_people_have_a_representative_or_somebody_else_who_is_told(
    eight_weeks: list[Item],
) -> None:
    contacts = {one.contact_ref: one for one in eight_weeks if isinstance(one, Contact)}
    people = [one for one in contacts.values() if one.parties]
    parties = [party for one in people for party in one.parties]
    cases = by_subject(eight_weeks)

    assert 0.02 < len(people) / len(contacts) < 0.06
    assert {party.capacity for party in parties} == set(Capacity)
    assert {party.copied for party in parties} == {True, False}
    assert all(party.case in cases for party in parties)
    assert all(contacts[party.contact_ref].email for party in parties), "can be written to"
