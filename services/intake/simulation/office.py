"""What happens in an office on one day: emergency counter, telephone, offered appointments."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import ceil

from services.intake.simulation.chance import Chance
from services.intake.simulation.story import Moment
from services.intake.simulation.world import World, simulated_event
from shared.events.catalogue.appointment import AppointmentCapacityPublished
from shared.events.catalogue.office import (
    CallAbandoned,
    CallAnswered,
    CallCalledBack,
    CallReceived,
    CallTransferred,
    EmergencyWindowClosed,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
    OrganisationChanged,
    StaffingChanged,
    VisitorRedirected,
)
from shared.events.registry import Facts
from shared.events.vocabulary import CallOutcome, Misdirection
from shared.organisation.model import Office

_PUBLISHED_AT = time(6, 30)
_LINES_OPEN, _LINES_CLOSE = time(8), time(16, 30)
_UNDERSTOOD = timedelta(minutes=1)
_REACHED = 0.7
_WORKING_DAYS_A_WEEK = 5


def first_day(world: World, day: date) -> Iterator[Moment]:
    """Tell what an authority says when it joins: its organisation and its staff."""
    organisation = world.organisation
    chance = Chance(world.seed, "joins", day)
    at = world.calendar.moment(day, time())
    facts: tuple[Facts, ...] = (
        OrganisationChanged(version=organisation.version, valid_from=organisation.valid_from),
        StaffingChanged(
            posts=float(organisation.staff.posts), vacant=float(organisation.staff.vacant)
        ),
    )
    for fact in facts:
        yield at, simulated_event(chance, organisation.authority.key, at, fact)


def office_day(
    world: World, office: Office, day: date, calls: float, chance: Chance
) -> Iterator[Moment]:
    """Give everything that happens in an office on a working day, in no particular order.

    Args:
        world: The authority.
        office: The office.
        day: A working day.
        calls: How many calls come in on an average day.
        chance: The chance of this office and day.
    """
    facts = [*_capacity(world, office, day), *_emergency(world, office, day, chance)]
    talk = Chance(world.seed, office.key, day, "talk")  # of its own: calls come as they would
    for _ in range(chance.count(calls) if office.lines else 0):
        facts.extend(_call(world, office, day, chance, talk))
    facts.extend(_redirected(world, office, day))
    for at, fact in facts:
        yield at, simulated_event(chance, office.key, at, fact)


def _capacity(world: World, office: Office, day: date) -> Iterator[tuple[datetime, Facts]]:
    """Publish the appointments of the last day that can be booked now."""
    habits = world.assumptions.appointments
    at = world.calendar.moment(day, _PUBLISHED_AT)
    offered_day = world.calendar.add_working_days(day, habits.lead_working_days.longest)
    all_shares = sum(group.share for group in world.groups.values())
    for service in world.organisation.services:
        group = world.groups.get(service.decision_group)
        if office.key not in service.offices or group is None:
            continue
        siblings = len(list(world.organisation.services_of(service.decision_group)))
        wanted = weekly_applications(world) / _WORKING_DAYS_A_WEEK * group.share / all_shares
        wanted *= group.appointment / siblings / len(service.offices)
        yield (
            at,
            AppointmentCapacityPublished(
                office=office.key,
                service_key=service.leika or service.key,
                day=offered_day,
                slots=ceil(habits.capacity_factor * wanted),
            ),
        )


def _emergency(
    world: World, office: Office, day: date, chance: Chance
) -> Iterator[tuple[datetime, Facts]]:
    """Tell the day of the emergency counter; on few days it stays shut."""
    habits, counter = world.assumptions.emergency_counter, office.emergency_counter
    if counter is None or chance.happens(habits.not_opened):
        return
    open_times = world.calendar.open_times(day, counter.hours)
    if not open_times:
        return
    opened, closed = open_times[0].start, open_times[-1].end
    step = (closed - opened) / counter.slots
    yield opened, EmergencyWindowOpened(office=office.key, day=day, slots=counter.slots)
    for position in range(chance.count(habits.demand * counter.slots)):
        starts = (opened + step * (position % counter.slots)).replace(microsecond=0)
        booked = chance.moment(opened - timedelta(hours=1), opened)
        yield booked, EmergencyWindowSlotBooked(office=office.key, starts=starts)
    yield closed, EmergencyWindowClosed(office=office.key, day=day)


def _call(
    world: World, office: Office, day: date, chance: Chance, talk: Chance
) -> Iterator[tuple[datetime, Facts]]:
    habits, calendar = world.assumptions.telephone, world.calendar
    line = chance.pick(dict.fromkeys((one.key for one in office.lines), 1.0))
    called = chance.moment(calendar.moment(day, _LINES_OPEN), calendar.moment(day, _LINES_CLOSE))
    waited = chance.within(habits.longest_wait)
    seconds = int(waited.total_seconds())
    yield called, CallReceived(line=line)
    if chance.happens(habits.answered):
        about = talk.pick(habits.about)
        yield called + waited, CallAnswered(line=line, waited_seconds=seconds, about=about)
        if talk.happens(habits.transferred):
            yield called + waited + _UNDERSTOOD, CallTransferred(line=line)
        return
    yield called + waited, CallAbandoned(line=line, waited_seconds=seconds)
    if not chance.happens(habits.called_back):
        return
    back = world.later(called + waited, chance.between(0, 3), chance)
    outcome = CallOutcome.REACHED if chance.happens(_REACHED) else CallOutcome.NOT_REACHED
    age = int((back - called - waited).total_seconds())
    yield back, CallCalledBack(line=line, outcome=outcome, age_seconds=age)


def _redirected(world: World, office: Office, day: date) -> Iterator[tuple[datetime, Facts]]:
    """Tell who came to this office in vain, while it was open."""
    habits, chance = world.assumptions.visitors, Chance(world.seed, office.key, day, "redirected")
    open_times = world.calendar.open_times(day, office.hours)
    for _ in range(chance.count(habits.redirected_per_day) if open_times else 0):
        span = open_times[chance.between(0, len(open_times) - 1)]
        wrong = (
            Misdirection.WRONG_COUNTER
            if chance.happens(habits.wrong_counter)
            else Misdirection.WRONG_CHANNEL
        )
        came = chance.moment(span.start, span.end)
        yield came, VisitorRedirected(office=office.key, misdirection=wrong)


def weekly_applications(world: World) -> float:
    """Give how many applications come in an average week, at rate 1."""
    filled = float(world.organisation.staff.filled)
    return world.assumptions.applications_per_filled_post_and_week * filled
