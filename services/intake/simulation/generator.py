"""The simulated authority as one stream of contacts, events and truths in the order of time."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count

from services.intake.simulation.assumptions import Assumptions, load_assumptions
from services.intake.simulation.case import new_case
from services.intake.simulation.chance import Chance
from services.intake.simulation.office import first_day, office_day, weekly_applications
from services.intake.simulation.story import Item, Moment
from services.intake.simulation.world import World
from shared.events.vocabulary import IntakeChannel
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation, Weekday

_DAY = timedelta(days=1)
_WORKING_DAYS, _CLOSED_DAYS = 5, 2


def generate(
    organisation: Organisation,
    decision_types: DecisionTypes,
    *,
    weeks: int,
    rate: float,
    seed: int,
    start: date,
    assumptions: Assumptions | None = None,
) -> Iterator[Item]:
    """Give everything that happens in the authority from `start` for some weeks.

    The same arguments give the same stream, byte by byte. A case depends on seed, organisation,
    assumptions, its first day and its number on that day only: more weeks continue the stream, a
    higher rate adds cases to it, and neither changes a case. What happens after the last week is
    left out, so some cases stay open. Memory holds the open cases, not the stream.

    Args:
        organisation: The authority.
        decision_types: The law.
        weeks: How long, from `start`.
        rate: Applications and calls relative to a realistic number (1.0).
        seed: Chooses one of many possible authorities and histories.
        start: The first day.
        assumptions: What the authority is like; without them, those that come with the simulator.

    Yields:
        Contacts (before the first event of their case), events, and the truth about each decision
        (after its event). Within a case, time never goes back; nor does it in the whole stream.
    """
    world = World.of(seed, organisation, decision_types, assumptions or load_assumptions())
    agenda: list[tuple[datetime, int, Item]] = []
    order = count()
    _enter(agenda, order, first_day(world, start))
    for day in (start + _DAY * number for number in range(7 * weeks)):
        for moments in _day(world, day, rate):
            _enter(agenda, order, moments)
        midnight = world.calendar.moment(day + _DAY, time())
        while agenda and agenda[0][0] < midnight:
            yield heappop(agenda)[2]


def _enter(
    agenda: list[tuple[datetime, int, Item]], order: Iterator[int], moments: Iterable[Moment]
) -> None:
    for at, item in moments:
        heappush(agenda, (at, next(order), item))


def _day(world: World, day: date, rate: float) -> Iterator[Iterable[Moment]]:
    """Give the stories that begin on a day."""
    chance = Chance(world.seed, "day", day)
    works = world.calendar.is_working_day(day)
    offices = world.organisation.offices if works else ()
    for office in offices:
        yield office_day(
            world, office, day, _calls(world, rate), Chance(world.seed, office.key, day)
        )
    for number in range(chance.count(rate * _applications(world, day, works=works))):
        life = Chance(world.seed, "case", day, number)
        channel = life.pick(world.assumptions.channels) if works else IntakeChannel.ONLINE
        yield new_case(world, day, channel, life)


def _applications(world: World, day: date, *, works: bool) -> float:
    """Give how many applications a day brings on average, by season and weekday."""
    assumed = world.assumptions
    average = weekly_applications(world) / (_WORKING_DAYS + _CLOSED_DAYS * assumed.closed_days)
    of_day = assumed.weekdays.get(Weekday.of(day), 1.0) if works else assumed.closed_days
    return average * of_day * assumed.season.get(day.month, 1.0)


def _calls(world: World, rate: float) -> float:
    """Give how many calls reach one office on an average day."""
    filled = float(world.organisation.staff.filled)
    offices = sum(bool(office.lines) for office in world.organisation.offices)
    per_post = world.assumptions.telephone.calls_per_filled_post_and_day
    return rate * per_post * filled / max(offices, 1)
