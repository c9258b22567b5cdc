"""The mailbox that mails come back to, on a real IMAP server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.channels.email.client import LARGEST, BounceMailbox, MailboxAddress
from services.notify.channels.email.errors import MailboxUnreachable, MailboxUrlInvalid
from services.notify.channels.email.returns import BATCH, BounceReader
from services.notify.messages.materials import Sender
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.held_items.store import State as Held
from shared.observe.metrics import Loop
from shared.service.loops import Rounds
from tests.imap_server import ImapServer, imap_server
from tests.patience import PATIENCE
from tests.shelf import Shelf

AMT = Sender("Amt", "abh@example.org", bounces="zurueck@example.org")
ANSWER = b"To: zurueck@example.org\r\nSubject: Danke\r\n\r\nIch komme.\r\n"


class Desk(Reports):
    """Keeps the reports that it takes; refuses as often as the test wants."""

    def __init__(self) -> None:
        self.taken: list[Report] = []
        self.refusals = 0
        self.at_fault: UUID | None = None

    async def take(
        self, channel: Channel, reports: Sequence[Report], provider: str | None = None
    ) -> int:
        assert channel is Channel.EMAIL
        if self.refusals:
            self.refusals -= 1
            raise ConnectionRefusedError
        if any(one.message == self.at_fault for one in reports):
            raise ValueError
        self.taken += reports
        return len(reports)


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    async with imap_server() as running:
        yield running


@pytest.fixture
def desk() -> Desk:
    return Desk()


@asynccontextmanager
async def reading(url: str, desk: Desk, shelf: Shelf | None = None) -> AsyncIterator[Rounds]:
    mailbox = BounceMailbox(MailboxAddress.parse(url), ssl.create_default_context())
    look = BounceReader(mailbox, AMT, desk, Holding(shelf or Shelf(), Loop.BOUNCES)).look
    reader = Rounds(Loop.BOUNCES, timedelta(milliseconds=50), look)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        reader.stop()
        async with asyncio.timeout(PATIENCE):
            await task


def bounce(identity: UUID) -> bytes:
    return f"""To: zurueck+{identity.hex}@example.org
From: MAILER-DAEMON@example.net
Subject: failed
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.net

Final-Recipient: rfc822; a@example.net
Action: failed
Status: 5.1.1

--b--
""".replace("\n", "\r\n").encode()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)


async def test_reports_are_taken_once_and_stay_as_read_mails(
    server: ImapServer, desk: Desk
) -> None:
    identities = [uuid4() for _ in range(3)]
    server.deliver(*map(bounce, identities))

    async with reading(server.url, desk):
        await until(lambda: server.count("UNSEEN") == 0)
        await asyncio.sleep(0.3)

    assert sorted(report.message for report in desk.taken) == sorted(identities)
    assert {report.receipt.state for report in desk.taken} == {State.BOUNCED}
    assert (server.count("ALL"), server.count("FLAGGED")) == (3, 0)


async def test_what_is_for_people_is_flagged_and_left(server: ImapServer, desk: Desk) -> None:
    identity = uuid4()
    huge = b"Subject: Fotos\r\n\r\n" + b"x" * LARGEST + b"\r\n"
    server.deliver(ANSWER, bounce(identity), huge)

    async with reading(server.url, desk):
        await until(lambda: server.count("UNSEEN") == 0)

    assert [report.message for report in desk.taken] == [identity]
    assert (server.count("ALL"), server.count("FLAGGED")) == (3, 2)


async def test_more_than_a_batch_is_read_without_a_pause(server: ImapServer, desk: Desk) -> None:
    server.deliver(*(bounce(uuid4()) for _ in range(BATCH + 5)))

    async with reading(server.url, desk):
        await until(lambda: len(desk.taken) == BATCH + 5)


async def test_a_report_that_breaks_us_is_held_and_the_others_are_taken(
    server: ImapServer, desk: Desk
) -> None:
    identities = [uuid4() for _ in range(5)]
    desk.at_fault = identities[2]
    for identity in identities:
        server.deliver(bounce(identity))

    async with reading(server.url, desk):
        await until(lambda: len(desk.taken) == 4)

    assert {one.message for one in desk.taken} == set(identities) - {desk.at_fault}
    assert server.count("UNSEEN") == 1


async def test_a_mailbox_made_anew_hides_no_mail_behind_one_that_was_dismissed(
    desk: Desk,
) -> None:
    shelf, desk.at_fault, later = Shelf(), uuid4(), uuid4()
    async with imap_server() as first:
        port = first.port
        first.deliver(bounce(desk.at_fault))
        async with reading(first.url, desk, shelf):
            await until(lambda: bool(shelf.states))
    shelf.states = dict.fromkeys(shelf.states, Held.DISMISSED)

    async with imap_server(port) as second:
        second.deliver(bounce(later))
        async with reading(second.url, desk, shelf):
            await until(lambda: [one.message for one in desk.taken] == [later])


async def test_no_mail_is_marked_for_one_of_a_mailbox_that_is_gone(server: ImapServer) -> None:
    server.deliver(bounce(uuid4()))
    mailbox = BounceMailbox(MailboxAddress.parse(server.url), ssl.create_default_context())
    [known] = await asyncio.to_thread(mailbox.unread, 1, ())
    gone = replace(known, mailbox="1")

    await asyncio.to_thread(mailbox.settle, [gone], [gone])
    assert server.count("UNSEEN") == 1

    await asyncio.to_thread(mailbox.settle, [known], [])
    assert (server.count("UNSEEN"), server.count("FLAGGED")) == (0, 0)


async def test_while_the_database_is_away_reports_wait_unread(
    server: ImapServer, desk: Desk
) -> None:
    desk.refusals = 3
    server.deliver(bounce(uuid4()))

    async with reading(server.url, desk) as reader:
        await until(lambda: server.count("UNSEEN") == 0)
        await reader.check()

    assert len(desk.taken) == 1
    assert desk.refusals == 0


async def test_a_mailbox_that_goes_away_is_told_of_and_read_when_it_is_back(desk: Desk) -> None:
    async with imap_server() as first:
        port, url = first.port, first.url

    async with reading(url, desk) as reader:
        await until(lambda: reader._failure is not None)
        with pytest.raises(MailboxUnreachable, match=f"127.0.0.1:{port}") as refusal:
            await reader.check()
        assert "demopass" not in str(refusal.value)
        async with imap_server(port) as second:
            second.deliver(bounce(uuid4()))
            await until(lambda: len(desk.taken) == 1)
            await until(lambda: reader._failure is None)


@pytest.mark.parametrize(
    ("change", "kind"), [(("demopass", "wrong"), "error"), (("INBOX", "Nowhere"), "error")]
)
async def test_a_wrong_password_or_folder_is_told_of_without_secrets(
    server: ImapServer, change: tuple[str, str], kind: str
) -> None:
    url = server.url.replace(*change)
    mailbox = BounceMailbox(MailboxAddress.parse(url), ssl.create_default_context())

    with pytest.raises(MailboxUnreachable, match=f"127.0.0.1:{server.port} can't be read") as told:
        await asyncio.to_thread(mailbox.unread, 1, ())

    assert kind in str(told.value)
    assert "wrong" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["pop3://u:p@h", "imaps://h", "imaps://u@h", "imaps://u:p@", "imaps://u:p@h:port"]
)
def test_an_address_that_is_none_stops_the_start_without_quoting_it(url: str) -> None:
    with pytest.raises(MailboxUrlInvalid) as refusal:
        MailboxAddress.parse(url)
    assert "u:p" not in str(refusal.value)


def test_an_address_says_where_the_mailbox_is() -> None:
    address = MailboxAddress.parse("imaps://abh%40example.org:p%2Fw@mail.example.org/Zur%C3%BCck")

    assert (address.host, address.port, address.username) == (
        "mail.example.org",
        993,
        "abh@example.org",
    )
    assert address.password.get_secret_value() == "p/w"
    assert address.folder == "Zurück"
    assert MailboxAddress.parse("imap://u:p@h").folder == "INBOX"
