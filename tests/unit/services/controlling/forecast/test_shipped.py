"""The shipped policy can be borne by the authority that it is shipped for."""

from collections import Counter
from datetime import UTC, date, datetime

from pydantic_core import to_json

from services.controlling.forecast.extra import History, extras, made_of
from services.controlling.forecast.forecast import Counted, forecast
from services.controlling.forecast.load import burden
from services.controlling.policy.file import load_policy
from services.controlling.policy.strata import Kind, Stratum
from services.controlling.register.registration import facts_of
from services.controlling.twins.likeness import Uncompared
from services.intake.simulation.generator import generate
from shared.configuration.places import ORGANISATION, POLICY
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation

TYPES, AUTHORITY = DecisionTypes.load(), load_organisation(ORGANISATION)
ZONE, WEEKS, START = AUTHORITY.jurisdiction.time_zone, 13, date(2026, 1, 5)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)  # whole periods: minimums count once in each


def day(event: Event) -> date:
    return event.time.astimezone(ZONE).date()


def uncompared(event: Event, made: DecisionMade) -> Uncompared:
    """A decision as the register has it."""
    group = TYPES.group_of(made.type_code, day(event))
    stratum = Stratum(group, made.direction, made.unit).key
    facts = to_json(facts_of(made)).decode()
    return Uncompared(
        made.decision_id, event.subject, "p", made.type_code, stratum, event.time, facts
    )


def test_a_decision_is_written_down_again_with_the_unit_of_its_stratum() -> None:
    facts = '{"language":"de","unit":"former"}'
    stratum = "work/adverse/unit-2"
    one = Uncompared(
        "d", "c", "p", "AufenthG-18b", stratum, datetime(2026, 5, 4, tzinfo=UTC), facts
    )
    assert (made_of(one).unit, made_of(one).language) == ("unit-2", "de")


def test_a_week_of_reviews_fits_into_the_hours_that_the_organisation_has() -> None:
    policy = load_policy(POLICY)
    everything = generate(AUTHORITY, TYPES, weeks=WEEKS, rate=1.0, seed=7, start=START)
    events = [one for one in everything if isinstance(one, Event) and day(one) <= LAST]
    made = [
        (one, one.data)
        for one in events
        if isinstance(one.data, DecisionMade) and day(one) >= FIRST
    ]
    kinds = Counter(
        (
            Kind(facts.type_code, facts.direction, facts.unit, day(event), policy.texts_of(facts)),
            TYPES.group_of(facts.type_code, day(event)),
        )
        for event, facts in made
    )
    days = (LAST - FIRST).days + 1
    found = forecast(policy, [Counted(*kind, number) for kind, number in kinds.items()], days)
    history = History(
        [event for event, _ in made],
        [uncompared(*one) for one in made],
        [one for one in events if not isinstance(one.data, DecisionMade)],
        (),
        AUTHORITY.groups_of_services,
    )
    borne = burden(
        found, extras(found.policy, history, TYPES, ZONE), days, AUTHORITY.staff.review_hours
    )
    assert borne.capacity == 40
    assert 25 < borne.hours <= 40, borne.advice
    assert borne.advice == ()
