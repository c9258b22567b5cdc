"""Events of the golden corpus as an export has them, and what comes back."""

from datetime import datetime

from services.controlling.case_files.store import KEPT
from services.controlling.event_log.attributes import LEFT_OUT
from services.controlling.service_figures.fact import PARTS
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.events.registry import CATALOGUE, Facts, SubjectKind
from tests.contract.samples import events

OF_CASES = {*KEPT, DecisionMade} | {
    kind for kind in PARTS if CATALOGUE[kind.event_type].subject is SubjectKind.CASE
}
"""Every event of a case that controlling keeps."""
OF_THINGS = {"decision_id", "appointment_id", "submission_id"}
"""Pseudonyms, of which an import makes others."""


def samples() -> list[Event]:
    """All that the corpus has of cases, each in a case of its own, numbered from 1."""
    kept = (one for one in events() if type(one.data) in OF_CASES)
    return [one._replace(sequence=1) for one in kept]


def said(data: Facts) -> dict[str, object]:
    """What an event says that an export tells, but for pseudonyms of things."""
    return {
        name: value
        for name, value in data
        if name not in LEFT_OUT | OF_THINGS and value is not None
    }


Told = tuple[str, datetime, dict[str, object]]


def told(event: Event) -> Told:
    return event.data.event_type, event.time, said(event.data)
