"""Appeals end as appeals do, before today, and always the same; only of adverse decisions."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

from deploy.demo.appealing import appeals
from deploy.demo.fate import Oracle
from services.controlling.forms.case_file import CaseFile
from shared.events.catalogue.case import AppealDecided, AppealLodged, AppealRemedied, CourtDecided
from shared.events.event import Event
from shared.events.vocabulary import Direction
from tests.unit.services.controlling.forms.cases import case_of, decided

JANUARY, NOVEMBER = date(2026, 1, 15), date(2026, 11, 2)
RULED = (AppealRemedied, AppealDecided, CourtDecided)


def name(number: int) -> str:
    return f"decision-{number:026}".translate(str.maketrans("0123456789", "abcdefghij"))


def cases(on: date = JANUARY, direction: Direction = Direction.ADVERSE) -> list[CaseFile]:
    made = [decided(decision_id=name(number), direction=direction) for number in range(60)]
    return [case_of([], one, on) for one in made]


def by_decision(events: list[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        found[getattr(one.data, "decision_id", "")].append(one)
    return found


def test_the_same_cases_end_the_same(oracle: Oracle) -> None:
    assert appeals(cases(), oracle) == appeals(reversed(cases()), oracle)


def test_some_are_appealed_against_and_all_of_these_are_ruled_on(oracle: Oracle) -> None:
    told = by_decision(appeals(cases(), oracle))
    assert 20 < len(told) < 60
    assert {type(events[-1].data) for events in told.values()} == set(RULED)
    for events in told.values():
        assert isinstance(events[0].data, AppealLodged)
        assert all(one.time < other.time for one, other in pairwise(events))
        assert oracle.calendar.day_of(events[-1].time) < oracle.today


def test_of_what_was_decided_lately_nothing_is_ruled_on_yet(oracle: Oracle) -> None:
    assert not [one for one in appeals(cases(NOVEMBER), oracle) if isinstance(one.data, RULED)]


def test_nobody_appeals_against_what_they_asked_for_or_twice(oracle: Oracle) -> None:
    assert appeals(cases(direction=Direction.FAVOURABLE), oracle) == []
    lodged = AppealLodged(decision_id=name(1))
    appealed = case_of([(date(2026, 2, 2), lodged)], decided(decision_id=name(1)), JANUARY)
    assert appeals([appealed], oracle) == []
