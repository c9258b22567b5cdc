"""What strangers gave at the door, after public bug reports of systems like this one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.answers import status_of
from services.intake.plausibility import Reach
from services.intake.screening import Candidate, Refusal, Rules, screen
from services.notify.messages.catalogue import load_messages
from services.notify.messages.rendering import render
from shared.configuration.places import ORGANISATION
from shared.events.registry import CATALOGUE
from shared.organisation.file import load_organisation
from shared.security.identity import SourceSystem
from tests.cases.case import Case
from tests.contract.samples import structured

SOURCE = "urn:gleichfall:strangers"
_SAMPLES: dict[str, dict[str, Any]] = {sample["type"]: sample for sample in reversed(structured())}


def screened(*documents: object) -> tuple[list[Candidate], list[Refusal]]:
    """Bring documents before the door."""
    system = SourceSystem("strangers", (SOURCE,))
    rules = Rules(system, datetime.now(UTC), timedelta(minutes=5), Reach())
    return screen(documents, rules)


def event(name: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Give an event of ours that is good but for what the stranger gave."""
    sample = _SAMPLES[f"gleichfall.{name}.v1"]
    at_the_door = {"source": SOURCE, "id": "00000000-0000-4000-8000-000000000001"}
    return sample | at_the_door | attributes | {"data": sample["data"] | data}


def _time(case: Case) -> bool:
    given, expected = case.input, case.expected
    attributes = {"time": given["time"]} if "time" in given else {}
    # The sample's own end may lie before what was given.
    data = ({"ends": None} if "starts" in given["data"] else {}) | given["data"]
    candidates, refusals = screened(event(given["type"], data, **attributes))
    if expected["status"] == 202:
        return not refusals and ("message" not in expected or _reads_well(candidates[0]))
    (refusal,) = refusals
    return bool(
        status_of(refusal.defect) == expected["status"]
        and [field.field for field in refusal.fields] == [expected["field"]]
    )


def _reads_well(candidate: Candidate) -> bool:
    """Whether every text about an event can be written and says nothing about a day."""
    data = candidate.event.data
    organisation = load_organisation(ORGANISATION)
    texts = [
        render(kind, language, data.model_dump(mode="json"), organisation).text
        for kind in load_messages().by_cause[data.event_type]
        for language in kind.texts
    ]
    return bool(texts) and not any("None" in text or "null" in text for text in texts)


def _same(case: Case) -> bool:
    """Whether an event written otherwise is the one that was sent before."""
    first, again = case.input["first"], case.input["again"]
    one, other = next(pair for name in _SAMPLES if (pair := _pair(name, first, again)))
    return ("duplicate" in case.expected["second"]) == other.means(one.fingerprint)


def _pair(name: str, first: dict[str, Any], again: dict[str, Any]) -> list[Candidate]:
    """Send both, if there are such fields; a number that no type has stands for seconds."""
    short = name.split(".", 1)[1].removesuffix(".v1")
    if not first.keys() <= CATALOGUE[name].model.model_fields.keys():
        if short != "call.answered":
            return []
        first, again = ({"waited_seconds": next(iter(one.values()))} for one in (first, again))
    candidates, refusals = screened(event(short, first), event(short, again))
    return [] if refusals else candidates


CHECKS: dict[str, Callable[[Case], bool]] = {"door.time": _time, "door.same": _same}
