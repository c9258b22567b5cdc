"""What notify does with case events, and its HTTP API for intake."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from services.notify.announcing import SOURCE, publish_ends, step
from services.notify.cases import store as cases_store
from services.notify.cases.standing import Following
from services.notify.contacts import store as contacts_store
from services.notify.contacts.normal_form import WrongField
from services.notify.contacts.registry import ContactsRefused, Registry
from services.notify.contacts.vault import Vault
from services.notify.messages.duties import Duties
from services.notify.planning import store
from services.notify.planning.expiry import Times
from services.notify.planning.finder import LateContacts
from services.notify.planning.plan import PlannedMessage, announcements, named_recipients, plan
from services.notify.recipients import store as recipients_store
from shared.contacts.handover import (
    BATCH_LIMIT,
    REFUSED_CONTACTS,
    SEALED_CONTACTS,
    ContactInvalid,
    SealedContact,
)
from shared.events.errors import field_errors
from shared.events.event import Event, new_event
from shared.events.vocabulary import ContactRef
from shared.kafka.consumer import Handler
from shared.observe.metrics import MESSAGES, MessageState
from shared.postgres.transaction import Transaction
from shared.security.sealing import SealBroken
from shared.web.access import Access, requires
from shared.web.body import read_json
from shared.web.problems import Problem

_MOST_VALUES = 4 * BATCH_LIMIT

router = APIRouter(prefix="/v1", dependencies=[requires(Access.SERVICE)])


def case_events(
    late: LateContacts,
    times: Times,
    vault: Vault,
    certain: Callable[[], Awaitable[datetime]],
) -> Handler:
    """Give the handler that plans what a batch of case events asks for, and stops what it voids.

    Args:
        late: Which events ask for which messages, on which channels, and what waits for a contact.
        times: When messages leave and end.
        vault: Encrypts what messages tell.
        certain: Gives the latest time that has certainly come: a clock that is ahead must not make
            us take for past what is still to come.
    """
    following = Following(Duties.load(), times.limits, times.calendar)

    async def handle(events: Sequence[Event], tx: Transaction) -> None:
        cases = list({event.subject for event in events})
        recipients = await recipients_store.recipients(tx.connection, cases)
        standings = await cases_store.standings(tx.connection, cases)
        named = named_recipients(events)
        parties = await recipients_store.parties(tx.connection, cases)
        others = {one.contact_ref for found in parties.values() for one in found}
        contacts = await recipients_store.wishes(
            tx.connection, list({*recipients.values(), *named.values(), *others}), late.carried
        )
        now = datetime.now(UTC)
        planned = plan(
            events,
            recipients,
            contacts,
            late.messages,
            times,
            following=following,
            standings=standings,
            parties=parties,
            now=now,
            passed=min(now, await certain()),
        )
        await recipients_store.put_recipients(tx.connection, planned.recipients)
        await cases_store.put_standings(tx.connection, standings, planned.standings)
        keys = await contacts_store.keys(tx.connection, list(contacts))
        waiting = list(_awaited(planned.messages))
        keys |= await contacts_store.keys_of(tx.connection, waiting, vault.new_key)
        sealed = _sealed(planned.messages, keys, vault)
        entered = await store.enter(tx.connection, planned.messages, sealed)
        _announce(tx, [one for one in planned.messages if one.id in entered], now)
        publish_ends(tx, await store.supersede(tx.connection, planned.untrue))
        if waiting:  # contact data may have come while we planned
            publish_ends(tx, await late.tell(tx.connection, waiting))

    return handle


def _announce(tx: Transaction, entered: Sequence[PlannedMessage], now: datetime) -> None:
    for message in entered:
        tx.reach([step(message, message.id, message.state)])
        MESSAGES.of(MessageState(message.state.value), message.channel).inc()
        tx.publish_all(
            new_event(SOURCE, message.case_ref, facts, time=now, traceparent=message.traceparent)
            for facts in announcements(message)
        )


def _awaited(messages: Sequence[PlannedMessage]) -> set[str]:
    """Give the recipients whose contact data messages wait for."""
    waiting = [one.contact_ref for one in messages if one.wanted_at is not None]
    return {ref for ref in waiting if ref is not None}


def _sealed(
    messages: Sequence[PlannedMessage], keys: Mapping[str, bytes], vault: Vault
) -> dict[UUID, bytes]:
    """Encrypt what messages tell, each under its recipient's key."""
    opened = {ref: vault.key_of(ref, wrapped) for ref, wrapped in keys.items()}
    return {
        one.id: opened[one.contact_ref].seal(one.thread, one.facts.encode())
        for one in messages
        if one.contact_ref in opened
    }


def registry(request: Request) -> Registry:
    """Give the registry that the app put into its state."""
    found = request.app.state.registry
    assert isinstance(found, Registry)
    return found


def _boxes(body: bytes) -> tuple[SealedContact, ...]:
    try:
        return SEALED_CONTACTS.validate_json(body)
    except ValidationError as error:
        errors = [
            {"field": one.field, "reason": one.reason}
            for one in field_errors(error, known=SealedContact.model_fields)
        ]
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            "The request is invalid",
            errors=errors,
        ) from None


def _told(wrong: Sequence[WrongField]) -> list[dict[str, str]]:
    return [
        {
            "contact_ref": one.contact_ref,
            "field": one.field,
            "condition": one.refusal.condition,
            "reason": str(one.refusal),
        }
        for one in wrong
    ]


@router.put("/contacts")
async def put_contacts(
    request: Request, registry: Annotated[Registry, Depends(registry)]
) -> list[dict[str, str]]:
    """Store sealed contacts; answers after the commit with the addresses that were left out."""
    boxes = _boxes(await read_json(request, _MOST_VALUES))
    try:
        return _told(await registry.register(boxes))
    except ContactsRefused as refused:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            REFUSED_CONTACTS,
            "Addresses in contacts can't be used; none was stored",
            errors=_told(refused.wrong),
        ) from None
    except (SealBroken, ContactInvalid) as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-contacts",
            "A contact can't be used; none was stored",
            str(error),
        ) from None


@router.delete("/contacts/{contact_ref}", status_code=HTTPStatus.NO_CONTENT)
async def erase_contact(
    contact_ref: ContactRef, registry: Annotated[Registry, Depends(registry)]
) -> None:
    """Destroy a recipient's key; answers after the commit."""
    await registry.erase(contact_ref)
