"""What strangers gave at the door, after public bug reports of systems like this one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
from fastapi import FastAPI

from services.intake.answers import status_of
from services.intake.door import Backlog, Door
from services.intake.handlers import Intake, router
from services.intake.plausibility import Reach
from services.intake.rate_limit import RateLimit
from services.intake.screening import Candidate, Refusal, Rules, screen
from services.intake.store import Ledger
from services.notify.messages.catalogue import load_messages
from services.notify.messages.rendering import render
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import EventDiscarded
from shared.events.event import encode
from shared.events.kafka_binding import to_kafka
from shared.events.registry import CATALOGUE, Topic
from shared.observe.health import Health
from shared.observe.security_log import NAME
from shared.organisation.file import load_organisation
from shared.security.identity import SourceSystem
from shared.web.access import Access, bearer
from shared.web.application import create_service
from tests.cases.case import Case
from tests.contract.samples import structured
from tests.listed import KEYS, listed, subject_for

SOURCE = "urn:gleichfall:strangers"
_SAMPLES: dict[str, dict[str, Any]] = {sample["type"]: sample for sample in reversed(structured())}


def screened(*documents: object) -> tuple[list[Candidate], list[Refusal]]:
    """Bring documents before the door."""
    system = SourceSystem("strangers", (SOURCE,), ("*",), counts=(SOURCE,))
    rules = Rules(system, datetime.now(UTC), timedelta(minutes=5), Reach(), KEYS)
    return screen(documents, rules)


def event(name: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Give an event of ours that is good but for what the stranger gave."""
    sample = _SAMPLES[f"gleichfall.{name}.v1"]
    at_the_door = {
        "source": SOURCE,
        "id": "00000000-0000-4000-8000-000000000001",
        "subject": subject_for(sample["type"]),
    }
    return sample | at_the_door | attributes | {"data": listed(sample["data"]) | data}


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


_MAY = {"phone": ("call.*",), "appointments": ("appointment.*",)}
_OTHER_WORDS = {"decision stated": "decision.made", "case taken": "case.closed"}


def _fact_of(act: str) -> str:
    """Give the fact that an act states, by the words of its name."""
    for words, fact in _OTHER_WORDS.items():
        if words in act:
            return fact
    facts = (name.split(".", 1)[1].removesuffix(".v1") for name in _SAMPLES)
    return next(fact for fact in facts if all(word in act for word in fact.split(".")))


def _authority(case: Case) -> bool:
    """Whether a system is kept from what it was never granted, and somebody sees that it tried."""
    name, act = case.input["system"], case.input["act"]
    system = SourceSystem(name, (SOURCE,), _MAY.get(name, ("call.*",)))
    noted = _Noted()
    logging.getLogger(NAME).addHandler(noted)
    logging.getLogger(NAME).setLevel(logging.INFO)
    try:
        answer = _asked(system, act)
    finally:
        logging.getLogger(NAME).removeHandler(noted)
    told = [line for line in noted.lines if vars(line)["who"] == name]
    return bool(answer == case.expected["status"] and bool(told) == case.expected["security_log"])


class _Noted(logging.Handler):
    """Keeps what the security log is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record)


def _asked(system: SourceSystem, act: str) -> int:
    """Ask the real handlers, as a system; whatever they let pass would fail, as nothing runs."""
    app = create_service(
        "intake",
        lifespan=_nothing,
        health=Health(),
        body_limit=1_000_000,
        recognisers={Access.SOURCE_SYSTEM: bearer(lambda _: system)},
    )
    app.include_router(router)
    ledger = Ledger(cast(Any, None), "nowhere")
    backlog = _NoBacklog(ledger, 1)
    reach = Reach()
    door = Door(
        ledger,
        backlog,
        future_tolerance=timedelta(),
        reach=reach,
        keys=KEYS,
        on_commit=lambda: None,
    )
    limit = RateLimit(1_000, least=1_000)
    app.state.intake = Intake(door, ledger, cast(Any, None), limit, limit, reach)
    return asyncio.run(_sent(app, act))


async def _sent(app: FastAPI, act: str) -> int:
    ref = "contact-" + "a" * 26
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://intake",
        headers={"authorization": "Bearer any"},
    ) as client:
        if "contact" in act and "erased" in act:
            answer = await client.delete(f"/v1/contacts/{ref}")
        elif "contact" in act:
            contact = {"contact_ref": ref, "language": "de", "email": "a@example.org"}
            answer = await client.post("/v1/contacts", json=contact)
        else:
            headers = {"content-type": "application/cloudevents+json"}
            document = event(_fact_of(act), {})
            answer = await client.post("/v1/events", json=document, headers=headers)
    return answer.status_code


@asynccontextmanager
async def _nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


class _NoBacklog(Backlog):
    async def check(self) -> None:
        """Let everything pass."""


def _personal(case: Case) -> bool:
    """Whether somebody's name, birthday or number stays out of every field, and of the answer."""
    way, value = case.input["field"].split("."), case.input["value"]
    kinds = [name for name in _SAMPLES if _has(name, way)]
    documents = [_with(name, way, value) for name in kinds]
    candidates, refusals = screened(*documents)
    told = [f"{field.field} {field.reason}" for one in refusals for field in one.fields]
    # Attributes that nobody passes on may hold what they like.
    kept = [str(to_kafka(encode(one.event._replace(sequence=0)))) for one in candidates]
    return bool(kinds) and not any(str(value) in text for text in told + kept)


def _has(name: str, way: list[str]) -> bool:
    entry = CATALOGUE[name]
    outside = entry.topic in (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS)
    ours = entry.model is EventDiscarded or not outside
    return not ours and (way[0] != "data" or way[1] in entry.model.model_fields)


def _with(name: str, way: list[str], value: object) -> dict[str, Any]:
    """Give an event that is good but for one field."""
    whole = event(name.split(".", 1)[1].removesuffix(".v1"), {})
    if way[0] != "data":
        return whole | {way[0]: value}
    inner = {way[2]: value} if len(way) > 2 else value
    field = CATALOGUE[name].model.model_fields[way[1]]
    if str(field.annotation).startswith("tuple"):
        inner = [inner]
    return whole | {"data": whole["data"] | {way[1]: inner}}


def _reference(case: Case) -> bool:
    """Whether a key that nobody knows is refused, or taken with a warning."""
    given = case.input
    document = event(given["type"], given["data"], time=given["time"])
    candidates, refusals = screened(document)
    if refusals:
        return status_of(refusals[0].defect) == 422
    return bool(candidates[0].unlisted)


CHECKS: dict[str, Callable[[Case], bool]] = {
    "door.time": _time,
    "door.same": _same,
    "door.authority": _authority,
    "door.personal": _personal,
    "door.reference": _reference,
}
