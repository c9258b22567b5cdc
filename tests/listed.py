"""What events may name at the door of the shipped authority, and events that name nothing else."""

from typing import Any

from services.intake.keys import Keys
from shared.configuration.places import ORGANISATION
from shared.events.registry import CATALOGUE, SubjectKind
from shared.law.citation import load_statutes
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation

KEYS = Keys.of(load_organisation(ORGANISATION), DecisionTypes.load(), load_statutes())
_LISTED: dict[str, Any] = {
    "unit": "unit-1",
    "office": "kaiserallee",
    "line": "direct",
    "service_key": "residence-work",
    "type_code": "AufenthG-18b",
    "type_codes": ["AufenthG-18b"],
    "items": ["passport"],
    "body": "bamf",
    "reason": "completed",
    "remedy_instruction": "rb-widerspruch-1",
    "channel": "post",
    "legal_basis": "§ 18b AufenthG",
    "features": {"renewal": True, "years-of-stay": 4},
    "dataref": "4711",
    "version": "2026-1",
    "language": "uk",
}


def listed(data: dict[str, Any]) -> dict[str, Any]:
    """Give the same data with keys that are listed, where they name any."""
    return data | {name: _LISTED[name] for name in data if name in _LISTED and data[name]}


def subject_for(event_type: str) -> str:
    """Give a subject that there is."""
    of_a_case = CATALOGUE[event_type].subject is SubjectKind.CASE
    return "case-" + "a" * 26 if of_a_case else "kaiserallee"
