"""Staff are told once a working day what no message reached, and that reviews are due."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope

from deploy.local.infrastructure import Addresses
from services.notify.channels.email.carrier import SmtpAddress, SmtpConnection
from services.notify.deadlines.following import review_events
from services.notify.digest.loop import HELD, Digest
from services.notify.messages.catalogue import load_messages
from services.notify.messages.materials import Sender
from services.notify.sending.carrier import ProviderUnreachable
from shared.configuration.places import ROOT
from shared.events.catalogue.review import (
    MeasureAgreed,
    MeasureDone,
    MeasureDropped,
    ReviewAssigned,
    ReviewCompleted,
    ReviewOverdue,
    ReviewReopened,
)
from shared.events.event import new_event
from shared.events.registry import Facts
from shared.events.vocabulary import FileVerdict
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.secrets import SecretName, SecretStore

pytestmark = pytest.mark.stack

KARLSRUHE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")


def reached_at(**addresses: str) -> Organisation:
    authority = KARLSRUHE.authority.model_copy(update=addresses)
    return KARLSRUHE.model_copy(update={"authority": authority})


STAFF = reached_at(staff_email="team@example.org")
EVERYBODY = reached_at(
    staff_email="team@example.org",
    leadership_email="leadership@example.org",
    controlling_email="controlling@example.org",
)
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = MONDAY.date()
DECISION, OTHER = "decision-" + "a" * 26, "decision-" + "b" * 26
DAY = timedelta(days=1)


class Desk:
    """A mail server that keeps what it gets; it refuses as often as the test wants."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals = 0
        self.port = 0

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 later"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk, loop = Desk(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(desk, hostname="localhost", loop=loop), "127.0.0.1", 0
    )
    desk.port = server.sockets[0].getsockname()[1]
    yield desk
    server.close()


@pytest.fixture(scope="module")
async def pool(stack: Addresses, secrets: Path) -> AsyncIterator[Pool]:
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("CREATE DATABASE notify_digest")
    await connection.close()
    url = stack.database_url.rpartition("/")[0] + "/notify_digest"
    await migrate(url, secrets)
    password = SecretStore(secrets).text(SecretName.NOTIFY_DATABASE_PASSWORD).get_secret_value()
    pool = await open_pool(service_url(url, "notify", password), service="notify")
    yield pool
    await pool.close()


@pytest.fixture(autouse=True)
async def nothing_told(pool: Pool) -> None:
    await pool.execute("DELETE FROM morning_mail")
    await pool.execute("DELETE FROM task")
    await pool.execute("DELETE FROM review_deadline")
    await pool.execute("DELETE FROM measure_deadline")


def digest(pool: Pool, port: int, organisation: Organisation = STAFF) -> Digest:
    address = SmtpAddress.parse(f"smtp://127.0.0.1:{port}")
    return Digest(
        pool,
        SmtpConnection(address, ssl.create_default_context()),
        load_messages(),
        organisation,
        Sender("Amt", "amt@example.org"),
        holding=Holding(HeldItems(pool), Loop.DIGEST),
    )


async def open_task(pool: Pool, at: datetime, *, done: bool = False) -> None:
    await pool.execute(
        "INSERT INTO task (thread, message, case_ref, name, reason, opened_at, done_at)"
        " VALUES ($1, $2, $3, 'hearing_sent', 'no_contact', $4, $5)",
        uuid4(),
        uuid4(),
        "case-" + "a" * 26,
        at,
        at if done else None,
    )


def told(desk: Desk) -> list[str]:
    """Give what each mail says behind its greeting."""
    bodies = [mail.get_body(("plain",)) for mail in desk.mails]
    return [body.get_content().splitlines()[2] for body in bodies if body]


async def test_staff_are_told_once_a_day_whoever_looks_how_often(pool: Pool, desk: Desk) -> None:
    for _ in range(3):
        await open_task(pool, MONDAY - DAY)
    await open_task(pool, MONDAY - DAY, done=True)

    processes = [digest(pool, desk.port) for _ in range(3)]
    await asyncio.gather(*(process.look(MONDAY) for process in processes))
    await processes[0].look(MONDAY + 2 * HELD)

    (mail,) = desk.mails
    assert mail["To"] == "team@example.org"
    assert mail["Subject"] == "Nachrichten kamen nicht an"
    assert told(desk) == ["3 Nachrichten kamen nicht an. Wir haben alle Wege versucht."]


async def test_the_next_day_tells_only_what_is_new(pool: Pool, desk: Desk) -> None:
    process = digest(pool, desk.port)
    await open_task(pool, MONDAY - DAY)
    await process.look(MONDAY)
    await open_task(pool, MONDAY + timedelta(hours=1))
    await process.look(MONDAY + DAY)
    await process.look(MONDAY + 2 * DAY)

    sentence = "eine Nachricht kam nicht an. Wir haben alle Wege versucht."
    assert told(desk) == [sentence, sentence]
    assert len({mail["Message-ID"] for mail in desk.mails}) == 2


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 5, 59, tzinfo=UTC),  # before seven
        datetime(2026, 3, 1, 8, tzinfo=UTC),  # Sunday
        datetime(2026, 1, 6, 8, tzinfo=UTC),  # Epiphany, a holiday in Baden-Württemberg
    ],
)
async def test_nobody_is_told_when_nobody_works(pool: Pool, desk: Desk, moment: datetime) -> None:
    await open_task(pool, moment - DAY)

    await digest(pool, desk.port).look(moment)

    assert desk.mails == []


async def test_a_day_without_failures_needs_no_mail(pool: Pool, desk: Desk) -> None:
    await digest(pool, desk.port).look(MONDAY)

    assert desk.mails == []
    assert await pool.fetchval("SELECT done_at FROM morning_mail") == MONDAY


async def test_while_the_mail_server_is_away_or_busy_the_day_waits(pool: Pool, desk: Desk) -> None:
    await open_task(pool, MONDAY - DAY)
    desk.refusals = 1

    with pytest.raises(ProviderUnreachable):
        await digest(pool, 9).look(MONDAY)
    await digest(pool, desk.port).look(MONDAY + HELD)
    assert desk.mails == []
    await digest(pool, desk.port).look(MONDAY + 2 * HELD)

    assert len(desk.mails) == 1


async def test_without_an_address_for_staff_nobody_is_told(pool: Pool, desk: Desk) -> None:
    await open_task(pool, MONDAY - DAY)

    await digest(pool, desk.port, KARLSRUHE).look(MONDAY)

    assert desk.mails == []
    assert await pool.fetchval("SELECT count(*) FROM morning_mail") == 0


async def apply(pool: Pool, *facts: Facts) -> None:
    """Let the consumer's handler see what controlling published."""
    async with pool.acquire() as connection, connection.transaction():
        events = [new_event("urn:test", DECISION, one, time=MONDAY) for one in facts]
        await review_events(events, Transaction(connection))


def assigned(due: date, decision: str = DECISION) -> ReviewAssigned:
    return ReviewAssigned(decision_id=decision, due=due)


COMPLETED = ReviewCompleted(
    decision_id=DECISION, on_the_file=FileVerdict.WRONG, on_the_facts=FileVerdict.CORRECT
)


async def mails(pool: Pool, desk: Desk, now: datetime = MONDAY) -> list[tuple[str, str]]:
    """Let everybody be told who has an address; gives who was told what."""
    before = len(desk.mails)
    await digest(pool, desk.port, EVERYBODY).look(now)
    return [(mail["To"], mail["Subject"]) for mail in desk.mails[before:]]


async def test_leadership_hears_of_what_ends_soon_and_controlling_of_what_is_late(
    pool: Pool, desk: Desk
) -> None:
    await apply(pool, assigned(TODAY + timedelta(days=3)), assigned(TODAY - DAY, OTHER))

    assert await mails(pool, desk) == [
        ("leadership@example.org", "Prüfungen enden bald"),
        ("controlling@example.org", "Prüfungen sind zu spät"),
    ]
    assert await mails(pool, desk, MONDAY + 2 * HELD) == []


async def test_nobody_hears_of_what_has_time_or_is_done(pool: Pool, desk: Desk) -> None:
    await apply(pool, assigned(TODAY + timedelta(days=4), OTHER))
    await apply(pool, assigned(TODAY))
    await apply(pool, COMPLETED)

    assert await mails(pool, desk) == []


async def test_what_is_reopened_is_told_again(pool: Pool, desk: Desk) -> None:
    await apply(pool, assigned(TODAY - DAY), COMPLETED)
    assert await mails(pool, desk) == []

    await apply(pool, ReviewReopened(decision_id=DECISION))

    assert await mails(pool, desk, MONDAY + DAY) == [
        ("controlling@example.org", "Prüfungen sind zu spät")
    ]


async def test_what_nobody_has_is_told_when_it_is_late(pool: Pool, desk: Desk) -> None:
    await apply(pool, ReviewOverdue(decision_id=DECISION, due=TODAY - DAY))

    assert await mails(pool, desk) == [("controlling@example.org", "Prüfungen sind zu spät")]


async def test_a_repeated_or_late_event_changes_nothing(pool: Pool, desk: Desk) -> None:
    await apply(pool, assigned(TODAY), assigned(TODAY + timedelta(days=30)), COMPLETED)
    await apply(pool, assigned(TODAY), COMPLETED)

    rows = await pool.fetch("SELECT due, done FROM review_deadline")
    assert [tuple(row) for row in rows] == [(TODAY + timedelta(days=30), True)]


def agreed(due: date, measure: str) -> MeasureAgreed:
    return MeasureAgreed(measure=measure, kind="training", due=due)


async def test_controlling_hears_of_measures_that_end_soon_and_leadership_of_late_ones(
    pool: Pool, desk: Desk
) -> None:
    await apply(pool, agreed(TODAY + timedelta(days=3), "measure-1"))
    await apply(pool, agreed(TODAY - DAY, "measure-2"))

    assert await mails(pool, desk) == [
        ("controlling@example.org", "Maßnahmen enden bald"),
        ("leadership@example.org", "Maßnahmen sind zu spät"),
    ]
    assert await mails(pool, desk, MONDAY + 2 * HELD) == []


async def test_nobody_hears_of_measures_that_have_time_or_have_ended(
    pool: Pool, desk: Desk
) -> None:
    await apply(pool, agreed(TODAY + timedelta(days=4), "measure-1"))
    await apply(pool, agreed(TODAY, "measure-2"), MeasureDone(measure="measure-2"))
    await apply(pool, agreed(TODAY - DAY, "measure-3"), MeasureDropped(measure="measure-3"))

    assert await mails(pool, desk) == []


async def test_a_mail_about_measures_has_no_number_whatever_there_is(
    pool: Pool, desk: Desk
) -> None:
    await apply(pool, agreed(TODAY, "measure-1"), agreed(TODAY - DAY, "measure-2"))
    await mails(pool, desk)
    await pool.execute("DELETE FROM morning_mail")
    await apply(pool, *(agreed(TODAY, f"measure-{n}") for n in range(3, 15)))
    await mails(pool, desk)

    one, late, many, later = (mail.as_string() for mail in desk.mails)
    assert (one, late) == (many, later)
    for raw in (one, late):
        read = message_from_bytes(raw.encode(), policy=policy.default)
        assert not re.search(r"\d", told_words(read))


async def test_nothing_but_the_words_leaves_whatever_is_due(pool: Pool, desk: Desk) -> None:
    """One decision with one reviewer, and a dozen of which two review some, read the same."""
    await apply(pool, assigned(TODAY), assigned(TODAY - DAY, OTHER))
    await mails(pool, desk)
    await pool.execute("DELETE FROM morning_mail")
    numbers = [f"decision-{letter * 26}" for letter in "cdefghijklmn"]
    overdue = [f"decision-{letter * 26}" for letter in "opq"]
    await apply(pool, *(assigned(TODAY, one) for one in (*numbers, *numbers[:3])))
    await apply(pool, *(ReviewOverdue(decision_id=one, due=TODAY - DAY) for one in overdue))
    await mails(pool, desk)

    one, late, many, later = (mail.as_string() for mail in desk.mails)
    assert (one, late) == (many, later)
    for raw in (one, late):
        assert "decision" not in raw
        assert not re.search(
            r"\d", told_words(message_from_bytes(raw.encode(), policy=policy.default))
        )


def told_words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return f"{mail['Subject']} {body.get_content()}"


async def test_what_is_kept_names_no_decision(pool: Pool) -> None:
    await apply(pool, assigned(TODAY))

    (row,) = await pool.fetch("SELECT * FROM review_deadline")
    assert set(row.keys()) == {"decision", "due", "done"}
    assert DECISION.encode() not in row["decision"]
