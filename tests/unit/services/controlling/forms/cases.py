"""Cases as a few dated facts, and what the checks say to them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from services.controlling.forms.automatic import CHECKS
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer
from services.controlling.forms.law import Law
from shared.configuration import places
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction
from shared.organisation.file import load_organisation

ZONE = ZoneInfo("Europe/Berlin")
LAW = Law.of(load_organisation(places.ORGANISATION))
CRITERIA = Criteria.load(LAW.types)
DECISION = "decision-" + "a" * 26
OTHER_DECISION = "decision-" + "b" * 26
DECIDED = date(2026, 6, 17)
"""A Wednesday."""
_NUMBERS = count(1)

Dated = tuple[date, Facts]


def decided(**facts: Any) -> DecisionMade:
    """A refusal of a Blue Card, unless something else is said."""
    given: dict[str, Any] = {
        "decision_id": DECISION,
        "type_code": "AufenthG-18g",
        "direction": Direction.ADVERSE,
        "unit": "unit-2",
        "decider": "decider-" + "a" * 26,
    }
    return DecisionMade(**(given | facts))


def expulsion(**facts: Any) -> DecisionMade:
    return decided(type_code="AufenthG-53", unit="unit-4", **facts)


def event(day: date, data: Facts, at: time = time(12)) -> Event:
    number = next(_NUMBERS)
    moment = datetime.combine(day, at, ZONE)
    return Event(str(number), "test", "case-" + "a" * 26, moment, data, number)


def events(facts: Sequence[Dated], made: DecisionMade, on: date = DECIDED) -> list[Event]:
    """The decision falls late in the day: what has the same date came before it."""
    return [*(event(day, data) for day, data in facts), event(on, made, time(18))]


def case_of(facts: Sequence[Dated], made: DecisionMade, on: date = DECIDED) -> CaseFile:
    return CaseFile.of(events(facts, made, on), made.decision_id, LAW.calendar)


def criterion(code: str, **check: Any) -> Criterion:
    """The packaged criterion, perhaps with other settings of its check."""
    found = next(one for one in CRITERIA.criteria if one.code == code)
    if not check:
        return found
    return found.model_copy(update={"check": found.check.model_copy(update=check)})


def say(
    code: str,
    facts: Sequence[Dated],
    made: DecisionMade | None = None,
    on: date = DECIDED,
    **check: Any,
) -> Answer:
    """What the check of a criterion answers to a case."""
    case = case_of(facts, made or decided(), on)
    return CHECKS[code].rule(case, LAW, criterion(code, **check))
