"""The HTTP API of intake."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from services.intake import answers
from services.intake.contacts import ContactHandover, named_in, places_of, read_contacts
from services.intake.door import Door
from services.intake.errors import KeysWouldChange
from services.intake.open_api.document import text
from services.intake.outcome import SentEvent
from services.intake.plausibility import Reach, Span
from services.intake.rate_limit import RateLimit
from services.intake.store import Ledger
from shared.events import http_binding
from shared.events.errors import EventError
from shared.events.vocabulary import ContactRef
from shared.observe.occurrence import Occurrence
from shared.security.identity import SourceSystem
from shared.web.access import Access, requires
from shared.web.body import announced_size, read_json
from shared.web.problems import Problem, note_of

BATCH_LIMIT = 1_000
"""The most events in one request."""
MOST_VALUES = 100 * BATCH_LIMIT
"""The most values in the JSON of one request: a decision with all its features has half of 100."""

router = APIRouter(prefix="/v1")
interface = APIRouter(dependencies=[requires(Access.PUBLIC)])
Caller = Annotated[SourceSystem, requires(Access.SOURCE_SYSTEM)]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the handlers work with; the app puts it into `app.state.intake`."""

    door: Door
    ledger: Ledger
    contacts: ContactHandover
    rate_limit: RateLimit
    byte_rate: RateLimit
    reach: Reach

    def charge(self, system: SourceSystem, amount: int) -> None:
        """Count `amount` events or contacts against the system's rate.

        Raises:
            Problem: 429, when the system sends faster than it may.
        """
        _wait_for(self.rate_limit.take(system.name, amount))

    def charge_bytes(self, system: SourceSystem, amount: int) -> None:
        """Count the bytes of a body against the system's rate, whatever is in it.

        Raises:
            Problem: 429, when the system sends faster than it may.
        """
        _wait_for(self.byte_rate.take(system.name, amount))


@interface.get("/openapi.json")
async def describe() -> Response:
    """Describe what is asked here, for machines (OpenAPI)."""
    return Response(text(), media_type="application/json")


@router.post("/events")
async def take_events(request: Request, system: Caller) -> Response:
    """Take one CloudEvent, or a batch of up to 1,000, and give a receipt per event."""
    body = await _body(request, system)
    try:
        documents = http_binding.documents(request.headers.raw, body)
    except EventError as error:
        raise answers.unreadable(error) from None
    if len(documents) > BATCH_LIMIT:
        raise answers.too_many_events(BATCH_LIMIT)
    intake = _intake(request)
    intake.charge(system, len(documents))
    admission = await intake.door.admit(documents, system)
    for defect, amount in answers.forbidden(admission).items():
        note_of(request, Occurrence.REFUSED, defect, count=amount)
    return answers.answer(admission)


@router.post("/imports")
async def begin_import(request: Request, system: Caller) -> dict[str, Any]:
    """Say what was accepted of a log before it is imported; refuse one that would double it."""
    intake = _intake(request)
    intake.charge(system, 1)
    announcement = answers.announcement(await _body(request, system))
    if not system.allows(announcement.source):
        raise answers.foreign_log(announcement.source)
    try:
        known = await intake.ledger.begin_import(announcement)
    except KeysWouldChange as error:
        raise answers.keys_would_change(error) from None
    return {"events": known.events, "same_mapping": known.same_mapping}


@router.get("/imports/events")
async def show_sent(
    request: Request, source: str, system: Caller, after: str = ""
) -> dict[str, list[SentEvent]]:
    """Show events of a log that were accepted, behind an id."""
    intake = _intake(request)
    intake.charge(system, 1)
    if not system.allows(source):
        raise answers.foreign_log(source)
    # PostgreSQL's text can't hold NUL, so no event has it in its name.
    speakable = "\0" not in source + after
    return {"events": await intake.ledger.sent_events(source, after) if speakable else []}


@router.get("/events/{event_id:path}")
async def show_event(
    request: Request, event_id: str, source: str, system: Caller
) -> dict[str, Any]:
    """Show the receipt of one event, and whether Kafka has it."""
    # PostgreSQL's text can't hold NUL, so no event has it in its name.
    speakable = system.allows(source) and "\0" not in event_id + source
    row = await _intake(request).ledger.find(source, event_id) if speakable else None
    if row is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "no-such-event",
            "There is no such event",
            "No event with this id and source was accepted from this source system.",
        )
    return {
        "id": event_id,
        "source": source,
        "type": row.type,
        "subject": row.subject,
        "sequence": row.sequence,
        "accepted_at": row.accepted_at,
        "published": row.published,
    }


@router.post("/contacts", status_code=HTTPStatus.ACCEPTED)
async def take_contacts(request: Request, system: Caller) -> dict[str, JsonValue]:
    """Hand contacts over to notify, sealed; nothing of them stays here but whose they are.

    Addresses that can't be used are told under `refused`, where the contact has another one.
    """
    intake = _intake(request)
    if not system.contacts:
        raise answers.contacts_forbidden()
    body, span = await _body(request, system), Span.at(datetime.now(UTC), intake.reach)
    contacts, refused = await asyncio.to_thread(read_contacts, body, span)
    intake.charge(system, len(contacts))
    refs = [contact.contact_ref for contact in contacts]
    strange = await intake.ledger.bring_contacts(refs, named_in(contacts), system)
    if strange:
        raise answers.foreign_contacts(places_of(strange, contacts))
    refused += await intake.contacts.hand_over(contacts)
    told: dict[str, JsonValue] = {"accepted": len(contacts)}
    return told | ({"refused": [dict(one) for one in refused]} if refused else {})


@router.delete("/contacts/{contact_ref}", status_code=HTTPStatus.NO_CONTENT)
async def erase_contact(request: Request, contact_ref: ContactRef, system: Caller) -> None:
    """Have a recipient's contact data destroyed at notify; answers when it is done."""
    intake = _intake(request)
    if not system.contacts:
        raise answers.contacts_forbidden()
    intake.charge(system, 1)
    if not await intake.ledger.owns_contact(contact_ref, system):
        raise answers.foreign_contacts([(0, "contact_ref")])
    await intake.contacts.erase(contact_ref)


def _wait_for(wait: timedelta) -> None:
    if wait:
        raise answers.too_fast(wait)


def _intake(request: Request) -> Intake:
    intake = request.app.state.intake
    assert isinstance(intake, Intake)
    return intake


async def _body(request: Request, system: SourceSystem) -> bytes:
    """Read the body of a system's request; it is paid for first, if its length is known.

    Raises:
        Problem: 413, 415 or 429.
    """
    intake, announced = _intake(request), announced_size(request)
    if announced is not None:
        intake.charge_bytes(system, announced)
        return await read_json(request, MOST_VALUES)
    body = await read_json(request, MOST_VALUES)
    intake.charge_bytes(system, len(body))
    return body
