"""The policy of the demo asks no more than its people have time for."""

from collections import Counter
from datetime import date, timedelta

from deploy.demo.people import people
from services.controlling.accounts.account import Role
from services.controlling.forecast.forecast import Counted, forecast
from services.controlling.policy.file import load_policy
from services.controlling.policy.strata import Kind
from services.intake.simulation.generator import generate
from services.intake.simulation.truth import TrueDecision
from shared.configuration.places import DEMO_POLICY, ORGANISATION, POLICY
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation

WEEKS = 7
ONE_OF = 5
"""Of five cases one is invented, and counted five times: inventing all takes five times as long."""


def hours_of_the_busiest_week() -> dict[str, float]:
    """What both policies ask of the same weeks, by version."""
    story = generate(
        load_organisation(ORGANISATION),
        DecisionTypes.load(),
        weeks=WEEKS,
        rate=1 / ONE_OF,
        seed=1,
        start=date(2026, 1, 5),
    )
    kinds = Counter(
        (Kind(one.type_code, one.direction, one.unit, one.made_at.date(), ()), one.group)
        for one in story
        if isinstance(one, TrueDecision)
    )
    counted = [Counted(kind, group, ONE_OF * amount) for (kind, group), amount in kinds.items()]
    days = timedelta(weeks=WEEKS).days
    policies = [load_policy(path) for path in (DEMO_POLICY, POLICY)]
    return {
        one.version: max(week.hours for week in forecast(one, counted, days).weeks)
        for one in policies
    }


def test_eight_people_can_bear_the_demo_which_shows_more_than_an_authority_draws() -> None:
    demo = load_policy(DEMO_POLICY)
    shares = [float(one.share) for one in people() if one.role is Role.LEADERSHIP]
    there = sum(shares) * float(demo.reviewer_hours)
    asked = hours_of_the_busiest_week()
    shipped = asked.pop(load_policy(POLICY).version)
    assert len(shares) == 8
    assert shipped < asked[demo.version] < there
