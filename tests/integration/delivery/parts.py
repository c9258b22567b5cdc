"""notify's sending loops with a real database, and people to write to."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import choice

from services.notify.channels.email.carrier import SmtpConnection
from services.notify.channels.email.writing import Mail, MailWriter
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.follow_up.loop import IDLE, Rebalance, Upkeep
from services.notify.handlers import case_events
from services.notify.message import Claim
from services.notify.messages.catalogue import load_messages
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.stationery import load_stationery
from services.notify.operation.edition import Edition
from services.notify.operation.store import counts
from services.notify.planning.expiry import Times
from services.notify.planning.finder import LateContacts
from services.notify.planning.following import FollowedParties
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.sending.recorder import Recorder
from services.notify.sending.store import claim
from services.notify.states import TERMINAL, State
from shared.configuration.places import ROOT
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding, hold_items
from shared.held_items.store import HeldItems
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.sealing import new_sealing_pair
from shared.service.loops import Looping, Rounds
from tests.mail_host import MailHost
from tests.patience import PATIENCE

LEASE = timedelta(minutes=5)
VAULT = Vault(b"m" * 32)
PUBLIC, PRIVATE = new_sealing_pair()
MESSAGES = load_messages()
CARRIED = frozenset({Channel.EMAIL})
APPOINTMENT = "appointment-" + "a" * 26
ORGANISATION = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
SENDER = Sender("Amt", "amt@example.org")
TIMES = Times.of(Calendar.of(ORGANISATION), tell_history=True)
MATERIALS = Materials(MESSAGES, load_stationery(), ORGANISATION, SENDER)
OPENING = Opening(VAULT, Edition.current(ORGANISATION, SENDER).digest)
WRITER = MailWriter(OPENING, MATERIALS)


async def believed() -> datetime:
    """Give the time of a clock that nothing speaks against."""
    return datetime.now(UTC)


@asynccontextmanager
async def sending(
    pool: Pool,
    host: MailHost,
    connections: int = 2,
    prepare: Callable[[Claim], Awaitable[Prepared[Mail] | Outcome]] = WRITER.prepare,
    *,
    health: Health | None = None,
    certain: Callable[[], Awaitable[datetime]] = believed,
) -> AsyncIterator[Dispatcher[Mail]]:
    """Send as a newly started process does, and look after what nobody asks for.

    Args:
        pool: The database.
        host: The mail server.
        connections: Mails at once.
        prepare: What writes them.
        health: Told of what is held, if anybody asks.
        certain: Gives the latest time that has certainly come.
    """
    holding = hold_items(pool, Loop.DELIVERY, health or Health())
    dispatcher = Dispatcher(
        pool,
        Outlet(
            Channel.EMAIL,
            "mail server",
            partial(claim, channel=Channel.EMAIL, limit=BATCH),
            prepare,
            [
                SmtpConnection(host.address, ssl.create_default_context())
                for _ in range(connections)
            ],
        ),
        Recorder(pool, holding, committed=lambda: None),
        holding,
        certain=certain,
        lease=LEASE,
        progressed=lambda: None,
    )
    upkeep = upkeep_of(pool)
    tasks = asyncio.gather(dispatcher.run(), upkeep.run())
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        upkeep.stop()
        async with asyncio.timeout(PATIENCE):
            await tasks


def upkeep_of(
    pool: Pool, carried: frozenset[Channel] = CARRIED, rebalance: Sequence[Rebalance] = ()
) -> Rounds:
    """Upkeep as a newly started process has it."""
    holding = holding_of(pool, Loop.UPKEEP)
    upkeep = Upkeep(pool, MESSAGES, carried, rebalance, holding, committed=lambda: None)
    return Rounds(Loop.UPKEEP, IDLE, upkeep.look)


def holding_of(pool: Pool, loop: Loop) -> Holding:
    """What a loop of a newly started process sets items aside with."""
    return Holding(HeldItems(pool), loop)


async def plan(pool: Pool, amount: int = 1) -> list[Event]:
    """Plan messages to as many applicants who can be reached, whose three months are over."""
    events = [received(ref) for ref in await applicants(pool, amount)]
    await apply(pool, events)
    return events


def received(contact_ref: str) -> Event:
    facts = ApplicationReceived(
        channel="online", service_key="permit", unit="unit-1", contact_ref=contact_ref
    )
    long_ago = datetime.now(UTC) - timedelta(days=100)
    case_ref = contact_ref.replace("contact-", "case-")
    return new_event("urn:gleichfall:test", case_ref, facts, time=long_ago)


async def applicants(pool: Pool, amount: int) -> list[str]:
    """Register people who can be reached by e-mail; gives their contact_refs."""
    return await register(pool, [{"email": f"a{n}@example.org"} for n in range(amount)])


async def register(pool: Pool, people: Sequence[Mapping[str, object]]) -> list[str]:
    """Register people by what is known of each; gives their contact_refs."""
    refs = [f"contact-{''.join(choice('abcdefgh') for _ in range(26))}" for _ in people]
    boxes = [
        seal_contact(
            PUBLIC, Contact.model_validate({"contact_ref": ref, "language": "de", **person})
        )
        for ref, person in zip(refs, people, strict=True)
    ]
    await registry(pool).register(boxes)
    return refs


def registry(pool: Pool, carried: frozenset[Channel] = CARRIED, times: Times = TIMES) -> Registry:
    """The registry of contacts as the service has it."""
    followed = FollowedParties(LateContacts(MESSAGES, carried), times, VAULT)
    return Registry(pool, VAULT, PRIVATE, followed.tell)


async def apply(
    pool: Pool,
    events: list[Event],
    carried: frozenset[Channel] = CARRIED,
    times: Times = TIMES,
    certain: Callable[[], Awaitable[datetime]] = believed,
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        transaction = Transaction(connection)
        handle = case_events(LateContacts(MESSAGES, carried), times, VAULT, certain)
        await handle(events, transaction)
        await transaction.flush()


@asynccontextmanager
async def looping(*loops: Looping) -> AsyncIterator[None]:
    """Run loops of the service, and let them finish."""
    running = asyncio.gather(*(loop.run() for loop in loops))
    try:
        yield
    finally:
        for loop in loops:
            loop.stop()
        async with asyncio.timeout(PATIENCE):
            await running


async def states(pool: Pool) -> dict[State, int]:
    found = Counter[State]()
    async with pool.acquire() as connection:
        for count in await counts(connection):
            found[count.state] += count.amount
    return found


async def until(pool: Pool, condition: Callable[[dict[State, int]], bool]) -> dict[State, int]:
    async with asyncio.timeout(PATIENCE):
        while not condition(found := await states(pool)):
            await asyncio.sleep(0.02)
    return found


def ended(amount: int) -> Callable[[dict[State, int]], bool]:
    """Tell whether so many messages are in a terminal state."""
    return lambda found: sum(found.get(state, 0) for state in TERMINAL) == amount


async def facts_in_outbox(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT headers FROM outbox ORDER BY id")
    kinds = (
        "planned",
        "held",
        "accepted",
        "delivered",
        "bounced",
        "failed",
        "suppressed",
        "superseded",
        "expired",
    )
    return [kind for row in rows for kind in kinds if f"notification.{kind}.v1".encode() in row[0]]


async def make_due(pool: Pool) -> None:
    await pool.execute("UPDATE message SET due_at = now() WHERE due_at IS NOT NULL")


async def appointment(
    pool: Pool, starts: datetime, certain: Callable[[], Awaitable[datetime]] = believed
) -> str:
    """An applicant who can be reached, and a confirmation that waits; gives the case."""
    [ref] = await applicants(pool, 1)
    case_ref = ref.replace("contact-", "case-")
    booked = AppointmentBooked(
        appointment_id=APPOINTMENT,
        service_key="permit",
        office="kaiserallee",
        starts=starts,
        contact_ref=ref,
    )
    await apply(pool, [numbered(case_ref, booked, 1)], certain=certain)
    return case_ref


def numbered(case_ref: str, facts: Facts, sequence: int) -> Event:
    event = new_event("urn:gleichfall:test", case_ref, facts, time=datetime.now(UTC))
    return event._replace(sequence=sequence)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


async def ends(pool: Pool) -> list[tuple[str, str, str | None]]:
    rows = await pool.fetch("SELECT name, state, reason FROM message ORDER BY sequence")
    return [tuple(row) for row in rows]
