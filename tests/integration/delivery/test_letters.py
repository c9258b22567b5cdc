"""Letters through the real sending loops, a real folder, and a printer that answers or doesn't."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from services.notify.channels.letter.carrier import Press
from services.notify.channels.letter.print_folder import PrintFolder
from services.notify.channels.letter.returns import AcknowledgementReader
from services.notify.channels.letter.writing import LetterWriter, write
from services.notify.operation.edition import Edition
from services.notify.operation.rereading import write_again
from services.notify.operation.store import keep_edition, past
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import NO_SUCH_ADDRESS, Report
from services.notify.sending import store
from services.notify.sending.answer import Answer
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.outcomes import Outcome
from services.notify.sending.recorder import Recorder
from services.notify.sending.simulation import Simulation
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.service.loops import Rounds
from tests.integration.delivery.parts import (
    LEASE,
    MATERIALS,
    OPENING,
    ORGANISATION,
    SENDER,
    VAULT,
    apply,
    believed,
    holding_of,
    looping,
    received,
    register,
    states,
    until,
    upkeep_of,
)
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

WRITER = LetterWriter(OPENING, MATERIALS, lambda: datetime.now(UTC))
CARRIED = frozenset({Channel.EMAIL, Channel.LETTER})
SOON = timedelta(milliseconds=50)
HOME = ("Anna Muster", "Musterstraße 1", "99999 Musterstadt")


async def plan(pool: Pool, amount: int, **given: object) -> None:
    """Plan a message each to people who have a postal address."""
    refs = await register(pool, [{"postal_address": HOME} | given] * amount)
    await apply(pool, [received(ref) for ref in refs], CARRIED)


def manifests(home: Path) -> list[Mapping[str, object]]:
    return [json.loads(one.read_bytes()) for one in sorted(home.glob("runs/[!.]*/manifest.json"))]


def printed(home: Path) -> list[str]:
    """Give the letters of all manifests, as often as they stand there."""
    letters = [one for manifest in manifests(home) for one in _sheets(manifest)]
    return [str(letter["message"]) for letter in letters]


def _sheets(manifest: Mapping[str, object]) -> list[Mapping[str, object]]:
    letters = manifest["letters"]
    assert isinstance(letters, list)
    return letters


def answer(home: Path, verdict: str) -> None:
    """Let the printer say the same of all its letters."""
    said = {"letters": dict.fromkeys(printed(home), verdict)}
    (home / "acknowledgements" / "all.json").write_text(json.dumps(said))


def files(home: Path) -> list[Path]:
    return list(home.glob("runs/*/*.pdf"))


async def forgotten(home: Path) -> None:
    """Wait until no run is there any more."""
    async with asyncio.timeout(PATIENCE):
        while manifests(home):
            await asyncio.sleep(0.02)


async def opened_task(pool: Pool) -> None:
    """Wait until staff have something to do."""
    async with asyncio.timeout(PATIENCE):
        while not await pool.fetchval("SELECT count(*) FROM task"):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def sending(pool: Pool, home: Path) -> AsyncIterator[None]:
    """Put letters into the folder, hear what comes of it, and look after what nobody asks for."""
    reports = Reports(pool, committed=lambda: None)
    press = Simulation(Channel.LETTER, Press(PrintFolder(home), quiet=SOON), reports)
    claim = partial(store.claim, channel=Channel.LETTER, limit=BATCH)
    dispatcher = Dispatcher(
        pool,
        Outlet(Channel.LETTER, "print folder", claim, WRITER.prepare, [press] * 20),
        Recorder(pool, holding_of(pool, Loop.PRINTING), committed=lambda: None),
        holding_of(pool, Loop.PRINTING),
        certain=believed,
        lease=LEASE,
        progressed=lambda: None,
    )
    holding = holding_of(pool, Loop.ACKNOWLEDGEMENTS)
    reader = AcknowledgementReader(PrintFolder(home), reports, holding)
    hearing = Rounds(Loop.ACKNOWLEDGEMENTS, SOON, reader.look)
    async with looping(dispatcher, hearing, upkeep_of(pool, CARRIED)):
        yield


async def test_letters_lie_in_the_folder_and_the_printer_has_them_posted(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 5)
    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.ACCEPTED: 5})
        assert len(set(printed(tmp_path))) == len(printed(tmp_path)) == 5
        said = PdfReader(files(tmp_path)[0]).pages[0].extract_text()
        assert "Ihr Antrag ist bei uns" in said
        assert "99999 Musterstadt" in said

        answer(tmp_path, "posted")
        await forgotten(tmp_path)

    assert await states(pool) == {State.ACCEPTED: 5}
    assert files(tmp_path) == []


async def test_a_letter_that_comes_back_ends_in_a_task_for_staff(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 1)
    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        answer(tmp_path, "returned")
        await until(pool, lambda found: found == {State.BOUNCED: 1})
        await opened_task(pool)

    assert await pool.fetchval("SELECT reason FROM message") == "address_refused"


async def test_a_mail_that_bounces_is_followed_by_a_letter(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 1, email="anna@example.org")
    identity = await pool.fetchval("SELECT id FROM message")
    await Reports(pool, committed=lambda: None).take(
        Channel.EMAIL, [Report(identity, NO_SUCH_ADDRESS)]
    )

    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.BOUNCED: 1, State.ACCEPTED: 1})

    rows = await pool.fetch("SELECT channel, state FROM message ORDER BY channel")
    assert [tuple(row) for row in rows] == [("email", "bounced"), ("letter", "accepted")]
    assert len(printed(tmp_path)) == 1


async def test_killed_between_folder_and_record_a_letter_is_printed_once(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 3)
    press = Press(PrintFolder(tmp_path), quiet=SOON)
    await press.open()
    async with pool.acquire() as connection, connection.transaction():
        claims = await store.claim(connection, LEASE, (), Channel.LETTER, BATCH)
    for claim in claims:
        prepared = await WRITER.prepare(claim)
        assert not isinstance(prepared, Outcome)
        assert await press.send(prepared.parcel) is Answer.ACCEPTED
    # The process ends here: its leases do, too, and another one takes the letters.
    await pool.execute("UPDATE message SET due_at = now()")

    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.ACCEPTED: 3})

    assert len(set(printed(tmp_path))) == len(printed(tmp_path)) == 3


async def test_what_was_printed_can_be_written_again_byte_by_byte(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 1, language="uk")
    await keep_edition(pool, Edition.current(ORGANISATION, SENDER))
    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
    (file,) = files(tmp_path)
    identity = await pool.fetchval("SELECT id FROM message")

    async with pool.acquire() as connection:
        again = write_again(await past(connection, identity), VAULT, {Channel.LETTER: write})

    assert again == file.read_bytes()
    assert PdfReader(BytesIO(again)).metadata is not None


async def test_a_simulated_recipient_never_reaches_the_printer(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 1, postal_address=("Anna", "delivered.test", "99999 Musterstadt"))
    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.DELIVERED: 1})

    assert printed(tmp_path) == []


async def test_what_no_font_can_print_fails_and_holds_nothing_up(
    pool: Pool,
    tmp_path: Path,
) -> None:
    await plan(pool, 1, name="李小龍")
    await plan(pool, 1)
    async with sending(pool, tmp_path):
        await until(pool, lambda found: found == {State.FAILED: 1, State.ACCEPTED: 1})

    assert len(printed(tmp_path)) == 1
