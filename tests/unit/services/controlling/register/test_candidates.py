"""Whose deciders are kept: of what may still be topped up, as far as is known."""

from datetime import UTC, datetime
from decimal import Decimal

from services.controlling.periods.draw import Outcome, PeriodDraw
from services.controlling.policy.policy import Policy
from services.controlling.register.candidates import Candidates, StratumBound, asked_of
from services.controlling.register.frame import Place
from services.controlling.register.registration import Registration
from shared.events.catalogue.case import DecisionMade
from shared.events.vocabulary import Direction

STRATUM = "work/adverse/unit-2"
PLACE = Place("2026-05", STRATUM, "AufenthG-18b")


def periods(minimum: int = 3) -> dict[str, PeriodDraw]:
    policy = Policy(version="1", default_rate=Decimal("0.1"), default_minimum=minimum)
    return {"2026-05": PeriodDraw("2026-05", bytes(32), policy, closed=False)}


def registered(ticket: str, *, drawn: bool = False) -> Registration:
    decision = DecisionMade(
        decision_id="decision-" + "a" * 26,
        type_code="AufenthG-18b",
        direction=Direction.ADVERSE,
        unit="unit-2",
        decider="decider-" + "a" * 26,
    )
    at = datetime(2026, 5, 4, tzinfo=UTC)
    return Registration("case-1", at, decision, PLACE, Outcome(ticket, drawn))


BATCH = [registered("0.05", drawn=True), registered("0.3"), registered("0.7")]


def test_while_nothing_is_known_all_that_was_not_drawn_may_be_topped_up() -> None:
    assert Candidates().among(BATCH, periods()) == BATCH[1:]


def test_beyond_the_bound_nobody_is_kept() -> None:
    known = Candidates()
    known.learn({("2026-05", STRATUM): "0.3"})
    assert known.among(BATCH, periods()) == [BATCH[1]]


def test_without_a_minimum_nobody_is_kept() -> None:
    assert Candidates().among(BATCH, periods(minimum=0)) == []


def test_a_stratum_is_asked_for_once_with_its_minimum() -> None:
    assert asked_of(BATCH[1:], periods()) == [StratumBound("2026-05", STRATUM, 3)]
