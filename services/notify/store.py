"""Contacts, recipients and messages in notify's schema; each function is one or two statements."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from services.notify.channels.mailbox.security_event import SecurityEvent
from services.notify.channels.mailbox.writing import Submission
from services.notify.contacts.vault import StoredContact
from services.notify.follow_up.escalation import PATIENCE, Following, Missed
from services.notify.message import Lane
from services.notify.operation.edition import Edition
from services.notify.planning.plan import PlannedMessage
from services.notify.planning.supersession import Untrue
from services.notify.recipients.preferences import Wishes
from services.notify.recipients.suppression import Bounce, Hardness, is_suppressed
from services.notify.reports.receipts import Report
from services.notify.sending.failover import SLOW_AFTER, SLOW_WINDOW, Change, Speed
from services.notify.sending.outcomes import Attempt, Ended, Outcome
from services.notify.states import (
    LIVING,
    WAITING,
    State,
    allowed_steps,
    owes_report,
    reported_steps,
    sources_of,
)
from shared.contacts.consent import Agreement
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
_AGREEMENTS = TypeAdapter[tuple[Agreement, ...]](tuple[Agreement, ...])


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until the lease ends, with what is needed to send it.

    Attributes:
        about: What its cause is about: an appointment, a decision, or the case.
        sequence: The cause's place in the case.
        thread: Cause, message and recipient, whichever way it takes.
        facts: What it tells, where an earlier release planned it.
        sealed: What it tells, under its recipient's key.
        submission: What was opened for it at an earlier try, on its way to a mailbox.
    """

    attempt: Attempt
    about: str
    sequence: int
    thread: UUID
    facts: Mapping[str, object]
    sealed: bytes | None
    ciphertext: bytes | None
    wrapped_key: bytes | None
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of one name are in one state."""

    state: State
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Intervention:
    """What an operator did with a message, and why; `successor` goes in its place."""

    action: str
    by: str
    because: str
    at: datetime
    successor: UUID | None


@dataclass(frozen=True, slots=True)
class Written:
    """A message of a case and how far it came.

    Attributes:
        next_at: When it will be tried again, or the lease of its sender ends; None when it ended.
        ended_at: When it ended.
        digest: Of the bytes that a provider took, in hex; None while none has.
        kept: What it told is kept and can be written again.
        erased: What it told is noise: its recipient's key was destroyed.
        provided_at: Since when it is in a mailbox, as who owns it has signed.
        interventions: What operators did with it.
    """

    id: UUID
    name: str
    channel: Channel
    language: str
    state: State
    reason: FailureReason | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    digest: str | None
    kept: bool
    erased: bool
    provided_at: datetime | None
    interventions: tuple[Intervention, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many messages of one kind should have ended, or at least moved on."""

    name: str
    channel: Channel
    state: State
    amount: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """What a person must tell an applicant of a case, because no message could.

    Attributes:
        message: The oldest of those that ended for this reason.
        amount: How many there are.
    """

    message: UUID
    case_ref: str
    name: str
    reason: FailureReason
    opened_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class Weights:
    """How providers share the messages of a channel, by name.

    Attributes:
        changed_at: Since when.
        troubled_at: When one of them was last in trouble.
    """

    weights: Mapping[str, int]
    changed_at: datetime
    troubled_at: datetime | None


async def keys_of(
    connection: Connection, contact_refs: Sequence[str], new_key: Callable[[str], bytes]
) -> dict[str, bytes]:
    """Give each recipient's wrapped data key, made now for those who have none.

    When two requests register a recipient at once, both get the key that was stored first.
    """
    known = await keys(connection, contact_refs)
    missing = sorted(set(contact_refs) - known.keys())
    if not missing:
        return known
    await connection.execute(QUERIES["keep_keys"], missing, [new_key(ref) for ref in missing])
    return known | await keys(connection, missing)


async def put_contacts(connection: Connection, contacts: Sequence[StoredContact]) -> None:
    """Store or replace contacts."""
    await connection.execute(
        QUERIES["put_contacts"],
        [contact.contact_ref for contact in contacts],
        [contact.ciphertext for contact in contacts],
        [",".join(contact.channels) for contact in contacts],
        [contact.language for contact in contacts],
        [to_json(contact.addresses).decode() for contact in contacts],
        [",".join(contact.preferred) for contact in contacts],
        [_AGREEMENTS.dump_json(contact.agreements).decode() for contact in contacts],
    )


async def erase(connection: Connection, contact_ref: str) -> list[Ended]:
    """Destroy a recipient's key and all that is encrypted under it; gives what waited for them.

    Of their messages state, times and hash are left.
    """
    rows = await connection.fetch(QUERIES["end_erased"], contact_ref, sorted(WAITING))
    await connection.execute(QUERIES["erase"], contact_ref)
    return [ended_of(row) for row in rows]


async def recipients(connection: Connection, case_refs: Sequence[str]) -> dict[str, str]:
    """Give the recipient of each case that has one, by case_ref."""
    rows = await connection.fetch(QUERIES["recipients"], case_refs)
    return {row["case_ref"]: row["contact_ref"] for row in rows}


async def put_recipients(connection: Connection, by_case: Mapping[str, str]) -> None:
    """Remember who is told about these cases."""
    if by_case:
        await connection.execute(
            QUERIES["put_recipients"], list(by_case.keys()), list(by_case.values())
        )


async def wishes(
    connection: Connection, contact_refs: Sequence[str], carried: frozenset[Channel]
) -> dict[str, Wishes]:
    """Give how these recipients can and want to be reached; unknown ones are left out.

    So are ways that nobody carries, and those whose address gets nothing any more.
    """
    rows = await connection.fetch(QUERIES["wishes"], contact_refs)
    closed = await _suppressed(connection, contact_refs)
    return {
        row["contact_ref"]: Wishes(
            row["language"],
            (carried & set(map(Channel, row["channels"]))) - closed.get(row["contact_ref"], set()),
            tuple(map(Channel, row["preferred"])),
            {one.channel: one.consent for one in _AGREEMENTS.validate_json(row["agreements"])},
        )
        for row in rows
    }


async def _suppressed(
    connection: Connection, contact_refs: Sequence[str]
) -> dict[str, set[Channel]]:
    """Give the ways whose present address gets nothing any more, by recipient."""
    found: defaultdict[tuple[str, Channel], list[Bounce]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["bounces"], contact_refs):
        bounce = Bounce(Hardness[row["hardness"]], row["at"])
        found[row["contact_ref"], Channel(row["channel"])].append(bounce)
    closed: defaultdict[str, set[Channel]] = defaultdict(set)
    now = datetime.now(UTC)
    for (contact_ref, channel), bounces in found.items():
        if is_suppressed(bounces, now):
            closed[contact_ref].add(channel)
    return closed


async def keys(connection: Connection, contact_refs: Sequence[str]) -> dict[str, bytes]:
    """Give the wrapped data keys of those recipients who have one, by contact_ref."""
    rows = await connection.fetch(QUERIES["keys"], contact_refs)
    return {row["contact_ref"]: row["wrapped_key"] for row in rows}


async def enter(
    connection: Connection, messages: Sequence[PlannedMessage], sealed: Mapping[UUID, bytes]
) -> set[UUID]:
    """Enter messages; gives the ids of those that weren't known before.

    Args:
        connection: In a transaction.
        messages: What is to be told.
        sealed: What they tell, by id. Of one to a recipient without a key nothing is kept.
    """
    if not messages:
        return set()
    rows = await connection.fetch(
        QUERIES["plan"],
        [message.id for message in messages],
        [message.name for message in messages],
        [message.cause for message in messages],
        [message.case_ref for message in messages],
        [message.contact_ref for message in messages],
        [message.channel for message in messages],
        [message.language for message in messages],
        [sealed.get(message.id) for message in messages],
        [message.traceparent for message in messages],
        [message.state for message in messages],
        [message.reason for message in messages],
        [message.about for message in messages],
        [message.sequence for message in messages],
        [message.expires_at for message in messages],
        [message.lane for message in messages],
        [message.leaves_at for message in messages],
        [message.thread for message in messages],
        [message.followed for message in messages],
    )
    return {row["id"] for row in rows}


async def supersede(connection: Connection, untrue: Sequence[Untrue]) -> list[Ended]:
    """End waiting messages that have become untrue; one that is being sent isn't sent again."""
    if not untrue:
        return []
    rows = await connection.fetch(
        QUERIES["supersede"],
        [one.case_ref for one in untrue],
        [one.name for one in untrue],
        [one.about for one in untrue],
        [one.sequence for one in untrue],
        [one.reason for one in untrue],
        sorted(WAITING),
    )
    return [ended_of(row) for row in rows if row["state"] == State.SUPERSEDED]


async def useless(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages that are due and too late, or untrue by now."""
    rows = await connection.fetch(QUERIES["useless"], sorted(LIVING), passed_over, limit)
    return [row["id"] for row in rows]


async def end_useless(connection: Connection, messages: Sequence[UUID]) -> list[Ended]:
    """End those of the messages that are due and too late, or untrue by now."""
    rows = await connection.fetch(QUERIES["end_useless"], sorted(LIVING), messages)
    return [ended_of(row) for row in rows]


async def silent(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages whose report of delivery is owed and didn't come in time."""
    rows = await connection.fetch(QUERIES["silent"], passed_over, limit)
    return [row["id"] for row in rows]


async def expire_silent(connection: Connection, messages: Sequence[UUID]) -> list[Ended]:
    """End those of the messages whose report of delivery is owed and didn't come in time."""
    return [ended_of(row) for row in await connection.fetch(QUERIES["expire_silent"], messages)]


def ended_of(row: asyncpg.Record) -> Ended:
    """Read a message that ended."""
    return Ended(
        id=row["id"],
        name=row["name"],
        channel=Channel(row["channel"]),
        case_ref=row["case_ref"],
        traceparent=row["traceparent"],
        state=State(row["state"]),
        reason=FailureReason(row["reason"]) if row["reason"] else None,
    )


async def report(
    connection: Connection, channel: Channel, reports: Sequence[Report], provider: str | None
) -> list[Ended]:
    """Move messages by what is reported of them, one report of each; gives those that moved.

    A provider that is named tells only of messages that it may have.
    """
    steps = reported_steps(channel)
    owed = PATIENCE if owes_report(channel) else {}
    rows = await connection.fetch(
        QUERIES["report"],
        channel,
        [one.message for one in reports],
        [one.receipt.state for one in reports],
        [one.receipt.reason for one in reports],
        [f"{before} {after}" for before, after in steps],
        owed.get(Lane.URGENT),
        owed.get(Lane.BULK),
        provider,
    )
    return [ended_of(row) for row in rows]


async def claim(
    connection: Connection, lease: timedelta, channel: Channel, limit: int
) -> list[Claim]:
    """Take up to `limit` due messages of a channel for the time of `lease`."""
    rows = await connection.fetch(
        QUERIES["claim"], channel, limit, lease, sources_of(State.SENDING)
    )
    return [claim_of(row) for row in rows]


def claim_of(row: asyncpg.Record) -> Claim:
    """Read a claimed message."""
    return Claim(
        attempt=Attempt(
            id=row["id"],
            name=row["name"],
            case_ref=row["case_ref"],
            contact_ref=row["contact_ref"],
            channel=Channel(row["channel"]),
            language=row["language"],
            traceparent=row["traceparent"],
            number=row["attempts"],
            lane=Lane(row["lane"]),
            planned_at=row["planned_at"],
            expires_at=row["expires_at"],
            asked=row["provider"],
            holder=row["provider"],
        ),
        about=row["about"],
        sequence=row["sequence"],
        thread=row["thread"],
        facts=from_json(row["facts"]) or {},
        sealed=row["sealed"],
        ciphertext=row["ciphertext"],
        wrapped_key=row["wrapped_key"],
    )


async def allot(connection: Connection, providers: Mapping[UUID, str]) -> None:
    """Write down which provider is asked for each claimed message, before it is."""
    if providers:
        await connection.execute(QUERIES["allot"], list(providers), list(providers.values()))


async def submissions(connection: Connection, messages: Sequence[UUID]) -> dict[UUID, Submission]:
    """Give what was opened for messages at earlier tries, by message."""
    rows = await connection.fetch(QUERIES["submissions"], messages)
    return {row["message"]: Submission(row["submission_id"], row["case_id"]) for row in rows}


async def keep_submission(
    connection: Connection,
    message: UUID,
    opened: Submission,
    *,
    gone: Submission | None,
    look_after: timedelta,
) -> Submission:
    """Keep what was opened for a message; gives what holds: somebody else may have been faster.

    Args:
        connection: Not in a transaction: nothing may be put in before this is sure.
        message: Whose.
        opened: The new one.
        gone: One that the service doesn't know any more, to be replaced.
        look_after: When its event log is looked at for the first time.
    """
    await connection.execute(
        QUERIES["keep_submission"],
        message,
        opened.id,
        opened.case,
        gone and gone.id,
        look_after,
    )
    return (await submissions(connection, [message]))[message]


async def take_looks(
    connection: Connection,
    limit: int,
    first: timedelta,
    longest: timedelta,
    until: timedelta,
    *,
    passed_over: Sequence[UUID],
) -> dict[UUID, Submission]:
    """Take up to `limit` submissions whose event log is due, by message.

    Args:
        connection: The database.
        limit: How many at most.
        first: The pause after the first look; it doubles with each.
        longest: No pause is longer.
        until: How long after it was opened there is anything to be told.
        passed_over: Messages whose log isn't looked at.
    """
    deaf = sorted(set(State) - {before for before, _ in reported_steps(Channel.MAILBOX)})
    rows = await connection.fetch(
        QUERIES["take_looks"], limit, first, longest, until, deaf, passed_over
    )
    return {row["message"]: Submission(row["submission_id"], row["case_id"]) for row in rows}


async def put_off_looks(connection: Connection, messages: Sequence[UUID], after: timedelta) -> None:
    """Look once more, and soon, at event logs that couldn't be read."""
    if messages:
        await connection.execute(QUERIES["put_off_looks"], messages, after)


async def end_looks(connection: Connection, ended: Mapping[UUID, SecurityEvent]) -> None:
    """Look no more at the event logs of messages; keep what ended them, as it was signed."""
    if ended:
        await connection.execute(
            QUERIES["end_looks"],
            list(ended),
            [event.at for event in ended.values()],
            [event.proof for event in ended.values()],
        )


async def record(connection: Connection, outcomes: Sequence[tuple[Attempt, Outcome]]) -> set[UUID]:
    """Move messages on; gives the ids of those whose attempt was still the current one."""
    steps = allowed_steps()
    copies = [outcome.copy for _, outcome in outcomes]
    rows = await connection.fetch(
        QUERIES["record"],
        [attempt.id for attempt, _ in outcomes],
        [attempt.number for attempt, _ in outcomes],
        [outcome.state for _, outcome in outcomes],
        [outcome.reason for _, outcome in outcomes],
        [outcome.delay for _, outcome in outcomes],
        [f"{before} {after}" for before, after in steps],
        [_has_it(attempt, outcome) for attempt, outcome in outcomes],
        [copy and copy.digest for copy in copies],
        [copy and copy.edition for copy in copies],
        [copy and copy.sealed for copy in copies],
    )
    recorded = {row["id"] for row in rows}
    await _keep_overtaken(connection, [one for one in outcomes if one[0].id not in recorded])
    return recorded


async def _keep_overtaken(
    connection: Connection, outcomes: Sequence[tuple[Attempt, Outcome]]
) -> None:
    """Keep copies of messages whose report came before we wrote down that they left."""
    copies = [(attempt, outcome.copy) for attempt, outcome in outcomes if outcome.copy]
    if copies:
        await connection.execute(
            QUERIES["keep_overtaken"],
            [attempt.id for attempt, _ in copies],
            [attempt.number for attempt, _ in copies],
            [copy.digest for _, copy in copies],
            [copy.edition for _, copy in copies],
            [copy.sealed for _, copy in copies],
        )


def _has_it(attempt: Attempt, outcome: Outcome) -> str | None:
    return attempt.asked if outcome.handed_over else attempt.holder


async def keep_edition(pool: Pool, edition: Edition) -> None:
    """Keep an edition of the texts, unless it is known."""
    await pool.execute(QUERIES["keep_edition"], edition.digest, edition.document)


async def missed(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages that ended without delivery and have no next step yet."""
    rows = await connection.fetch(QUERIES["missed"], passed_over, limit)
    return [row["id"] for row in rows]


async def take_missed(connection: Connection, messages: Sequence[UUID]) -> list[Missed]:
    """Take messages that ended without delivery, each once."""
    return [
        Missed(
            id=row["id"],
            thread=row["thread"],
            name=row["name"],
            case_ref=row["case_ref"],
            contact_ref=row["contact_ref"],
            channel=Channel(row["channel"]),
            language=row["language"],
            traceparent=row["traceparent"],
            state=State(row["state"]),
            reason=FailureReason(row["reason"]),
            cause=row["cause"],
            planned_at=row["planned_at"],
            expires_at=row["expires_at"],
            untrue=row["untrue"],
            tried=frozenset(map(Channel, row["tried"])),
        )
        for row in await connection.fetch(QUERIES["take_missed"], messages)
    ]


async def follow(connection: Connection, following: Sequence[Following]) -> set[UUID]:
    """Plan what another way is to tell; gives the ids of those that weren't known before."""
    if not following:
        return set()
    rows = await connection.fetch(
        QUERIES["follow"],
        [one.id for one in following],
        [one.missed.id for one in following],
        [one.channel for one in following],
    )
    return {row["id"] for row in rows}


async def open_tasks(connection: Connection, tasks: Sequence[Missed]) -> int:
    """Ask a person to tell what no message could; gives how many weren't asked for before."""
    if not tasks:
        return 0
    rows = await connection.fetch(
        QUERIES["open_tasks"],
        [one.thread for one in tasks],
        [one.id for one in tasks],
        [one.case_ref for one in tasks],
        [one.name for one in tasks],
        [one.reason for one in tasks],
    )
    return len(rows)


async def tasks(connection: Connection, limit: int) -> list[Task]:
    """Give up to `limit` open tasks, the oldest first."""
    return [
        Task(
            row["message"],
            row["case_ref"],
            row["name"],
            FailureReason(row["reason"]),
            row["opened_at"],
            row["amount"],
        )
        for row in await connection.fetch(QUERIES["tasks"], limit)
    ]


async def settle(connection: Connection, arrived: Sequence[UUID]) -> list[Ended]:
    """Ask for nothing more where messages have arrived; gives what waited on other ways."""
    if not arrived:
        return []
    await connection.execute(QUERIES["close_tasks"], arrived)
    rows = await connection.fetch(QUERIES["end_superfluous"], arrived, sorted(WAITING))
    return [ended_of(row) for row in rows]


async def blame(connection: Connection, bounced: Mapping[UUID, Hardness]) -> list[Ended]:
    """Note from which addresses messages came back; gives what waited for those now closed."""
    if not bounced:
        return []
    rows = await connection.fetch(
        QUERIES["blame"], list(bounced), [hardness.name for hardness in bounced.values()]
    )
    closed = await _suppressed(connection, [row["contact_ref"] for row in rows])
    pairs = [(ref, channel) for ref, channels in closed.items() for channel in channels]
    ended = await connection.fetch(
        QUERIES["suppress_waiting"],
        [ref for ref, _ in pairs],
        [channel for _, channel in pairs],
        sorted(WAITING),
    )
    return [ended_of(row) for row in ended]


async def speeds(connection: Connection, channel: Channel) -> dict[str, Speed]:
    """Give how fast each provider of a channel was lately, by name."""
    rows = await connection.fetch(QUERIES["speeds"], channel, SLOW_WINDOW, SLOW_AFTER)
    return {row["provider"]: Speed(row["sent"], row["late"]) for row in rows}


async def weights(connection: Connection, channel: Channel) -> Weights | None:
    """Give how providers of a channel share its messages; None while nothing was ever moved."""
    row = await connection.fetchrow(QUERIES["weights"], channel)
    if row is None:
        return None
    return Weights(from_json(row["weights"]), row["changed_at"], row["troubled_at"])


async def change_weights(
    connection: Connection, channel: Channel, change: Change, since: datetime
) -> bool:
    """Write a change of weights down, unless others have changed them after `since`."""
    await connection.execute(QUERIES["lock_weights"], channel.value)
    shared = {provider.name: provider.weight for provider in change.pair.providers}
    done = await connection.fetchval(
        QUERIES["change_weights"],
        channel,
        change.pair.changed_at,
        change.cause,
        change.troubled,
        to_json(shared).decode(),
        since,
    )
    return bool(done)


async def counts(connection: Connection) -> list[Count]:
    """Count all messages by state and name."""
    rows = await connection.fetch(QUERIES["counts"])
    return [Count(State(row["state"]), row["name"], row["amount"]) for row in rows]


async def of_case(connection: Connection, case_ref: str) -> list[Written]:
    """Give the messages of a case, in the order in which they were asked for."""
    rows = await connection.fetch(QUERIES["of_case"], case_ref)
    done: defaultdict[UUID, list[Intervention]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["interventions_of_case"], case_ref):
        done[row["message"]].append(
            Intervention(row["action"], row["by"], row["because"], row["at"], row["successor"])
        )
    return [
        Written(
            id=row["id"],
            name=row["name"],
            channel=Channel(row["channel"]),
            language=row["language"],
            state=State(row["state"]),
            reason=FailureReason(row["reason"]) if row["reason"] else None,
            attempts=row["attempts"],
            planned_at=row["planned_at"],
            next_at=row["due_at"],
            ended_at=row["ended_at"],
            digest=row["digest"],
            kept=row["kept"],
            erased=row["erased"],
            provided_at=row["provided_at"],
            interventions=tuple(done[row["id"]]),
        )
        for row in rows
    ]


async def overdue(connection: Connection, taken: timedelta, ended: timedelta) -> list[Overdue]:
    """Give the messages that nobody took for `taken`, or that have not ended after `ended`."""
    rows = await connection.fetch(QUERIES["overdue"], taken, ended)
    return [
        Overdue(
            row["name"],
            Channel(row["channel"]),
            State(row["state"]),
            row["amount"],
            row["since"],
        )
        for row in rows
    ]


async def hold_digest(
    connection: Connection, day: date, now: datetime, held: timedelta
) -> int | None:
    """Take a day's digest for some time; gives how much there is to tell, None if it isn't ours."""
    amount: int | None = await connection.fetchval(QUERIES["hold_digest"], day, now, held)
    return amount


async def end_digest(connection: Connection, day: date, now: datetime) -> None:
    """Write down that a day's digest is done."""
    await connection.execute(QUERIES["end_digest"], day, now)
