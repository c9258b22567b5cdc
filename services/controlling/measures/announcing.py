"""What others are told of measures: that there are some, and whether they helped."""

from datetime import date, datetime

from services.controlling.measures.effect import Outcome
from services.controlling.measures.measure import Kind
from services.controlling.source import SOURCE
from shared.events.catalogue.review import (
    MeasureAgreed,
    MeasureDone,
    MeasureDropped,
    MeasureEffectChecked,
)
from shared.events.event import Event, new_event


def key(number: int) -> str:
    """Give what a measure is called in events and in the audit log."""
    return f"measure-{number}"


def agreed(number: int, kind: Kind, due: date, now: datetime) -> Event:
    """A measure was agreed."""
    facts = MeasureAgreed(measure=key(number), kind=kind.value, due=due)
    return new_event(SOURCE, key(number), facts, time=now)


def done(number: int, now: datetime) -> Event:
    """It was carried out."""
    return new_event(SOURCE, key(number), MeasureDone(measure=key(number)), time=now)


def dropped(number: int, now: datetime) -> Event:
    """It was given up."""
    return new_event(SOURCE, key(number), MeasureDropped(measure=key(number)), time=now)


def checked(number: int, outcome: Outcome, now: datetime) -> Event:
    """Its effect was looked at."""
    helped = outcome is Outcome.BETTER
    facts = MeasureEffectChecked(measure=key(number), effective=helped)
    return new_event(SOURCE, key(number), facts, time=now)
