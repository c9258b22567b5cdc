"""Messages to mailboxes through FIT-Connect, which fails in every way: each arrives once.

FIT-Connect is the fake of the local stack, as a real HTTP server.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from joserfc import jws
from joserfc.jwk import RSAKey

from deploy.local.fake_fit_connect.mailboxes import NOBODYS
from deploy.local.fake_fit_connect.service import Opened, SimulatedService
from services.notify.channels.mailbox import returns as event_log
from services.notify.channels.mailbox import store
from services.notify.channels.mailbox.carrier import BATCH, Postbox
from services.notify.channels.mailbox.fit_connect import FitConnect
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.returns import IDLE, EventLogReader
from services.notify.channels.mailbox.writing import MailboxWriter, write
from services.notify.operation.edition import Edition
from services.notify.operation.rereading import write_again
from services.notify.operation.store import keep_edition, past
from services.notify.reports.entering import Reports
from services.notify.sending import circuit
from services.notify.sending.answer import Answer
from services.notify.sending.dispatcher import Dispatcher, Outlet
from services.notify.sending.outcomes import Outcome
from services.notify.sending.recorder import Recorder
from services.notify.sending.retry import BackOff
from services.notify.sending.store import claim as claim_due
from services.notify.states import State
from shared.contacts.consent import Agreement, Consent
from shared.events.catalogue.case import DocumentsRequested
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import Rounds
from tests.fit_connect import Fault, FitConnectHost, Step, fit_connect_host, submitted
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
    make_due,
    numbered,
    received,
    register,
    states,
    until,
    upkeep_of,
)
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

WRITER = MailboxWriter(OPENING, MATERIALS)
CLAIM = partial(claim_due, channel=Channel.MAILBOX, limit=BATCH)
CARRIED = frozenset({Channel.EMAIL, Channel.MAILBOX})
SOON = timedelta(milliseconds=100)
AGREED = Agreement(
    channel=Channel.MAILBOX,
    consent=Consent.DEEMED,
    at=datetime(2026, 3, 2, tzinfo=UTC),
    basis="online_service",
)


class Silent(SimulatedService):
    """Nobody fetches what is submitted."""

    def end(self, one: Opened, mailbox: UUID) -> None:
        """Tell nothing."""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "AWAY", SOON)
    monkeypatch.setattr(circuit, "PAUSES", BackOff(SOON, SOON))


@pytest.fixture(autouse=True)
async def no_submissions(pool: Pool) -> None:
    await pool.execute("DELETE FROM submission")


@pytest.fixture(scope="module")
def keys(secrets: Path) -> FitConnectKeys:
    return FitConnectKeys.parse(SecretStore(secrets).text(SecretName.FIT_CONNECT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the fake's keys are, which take a while to be made."""
    return tmp_path_factory.mktemp("fit-connect")


@pytest.fixture
async def host(secrets: Path, folder: Path) -> AsyncIterator[FitConnectHost]:
    client = SecretStore(secrets).text(SecretName.FIT_CONNECT).get_secret_value()
    async with fit_connect_host(folder, client) as host:
        yield host


@pytest.fixture
async def silent(secrets: Path, folder: Path) -> AsyncIterator[FitConnectHost]:
    client = SecretStore(secrets).text(SecretName.FIT_CONNECT).get_secret_value()
    async with fit_connect_host(folder, client, Silent) as host:
        yield host


async def plan(pool: Pool, amount: int, **given: object) -> list[str]:
    """Plan a message each to people who want to be told in their mailbox; gives the handles."""
    handles = [str(given.get("mailbox", uuid4())) for _ in range(amount)]
    fields = {"preferred": ["mailbox"], "agreements": [AGREED]} | given
    refs = await register(pool, [fields | {"mailbox": handle} for handle in handles])
    await apply(pool, [received(ref) for ref in refs], CARRIED)
    return handles


def fit_connect(host: FitConnectHost, keys: FitConnectKeys) -> FitConnect:
    return FitConnect(host.place, keys, keys.author())


def postbox(pool: Pool, host: FitConnectHost, keys: FitConnectKeys) -> Postbox:
    return Postbox(pool, fit_connect(host, keys), look_after=SOON)


@asynccontextmanager
async def sending(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
    *,
    listening: bool = True,
) -> AsyncIterator[None]:
    """Send to mailboxes, hear what comes of it, and look after what nobody asks for."""
    carrier, reports = postbox(pool, host, keys), Reports(pool, committed=lambda: None)
    dispatcher = Dispatcher(
        pool,
        Outlet(Channel.MAILBOX, "FIT-Connect", CLAIM, WRITER.prepare, [carrier] * 3),
        Recorder(pool, holding_of(pool, Loop.MAILBOX_DELIVERY), committed=lambda: None),
        holding_of(pool, Loop.MAILBOX_DELIVERY),
        certain=believed,
        lease=LEASE,
        progressed=lambda: None,
    )
    connection, holding = fit_connect(host, keys), holding_of(pool, Loop.EVENT_LOG)
    reader = EventLogReader(pool, connection, reports, holding, pause=SOON)
    hearing = Rounds(Loop.EVENT_LOG, IDLE, reader.look, at_end=connection.close)
    async with looping(dispatcher, upkeep_of(pool, CARRIED), *([hearing] if listening else [])):
        yield


async def ends(pool: Pool, wanted: dict[State, int]) -> None:
    """Wait for states without waiting for pauses between tries."""
    async with asyncio.timeout(PATIENCE):
        while await states(pool) != wanted:
            await pool.execute("UPDATE message SET due_at = now() WHERE state = 'planned'")
            await asyncio.sleep(0.05)


async def test_a_message_arrives_encrypted_and_its_delivery_is_reported(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    handles = await plan(pool, 5, name="Şahika Müstermann")
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 5})
    assert sorted(one["mailbox"] for one in host.taken) == sorted(handles)
    for taken in host.taken:
        assert taken["title"] == "Ihr Antrag ist bei uns"
        assert "Şahika Müstermann" in taken["text"]
    travelled = repr(host.asked)
    assert not [word for word in (*handles, "Antrag", "stermann") if word in travelled]
    assert host.times(Step.GRANT) == 2  # one to send, one to hear
    assert host.times(Step.ANNOUNCE) == host.times(Step.SUBMIT) == 5


async def test_a_mailbox_names_the_documents_that_are_missing(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    case_ref = await pool.fetchval("SELECT case_ref FROM message")
    await apply(
        pool, [numbered(case_ref, DocumentsRequested(items=("passport", "photo")), 2)], CARRIED
    )
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 2})
    (told,) = (one for one in host.taken if one["title"] == "Es fehlen noch Unterlagen")
    assert "Diese Unterlagen fehlen:\n\n- Pass\n- Foto\n" in told["text"]


async def test_what_arrived_can_be_written_again_byte_by_byte(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    await keep_edition(pool, Edition.current(ORGANISATION, SENDER))
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 1})
    identity = await pool.fetchval("SELECT id FROM message")
    async with pool.acquire() as connection:
        again = write_again(await past(connection, identity), VAULT, {Channel.MAILBOX: write})
    assert host.taken[0]["text"].splitlines()[0] in again.decode()
    assert str(identity) in again.decode()


async def test_that_and_when_it_was_in_the_mailbox_is_kept_as_its_owner_signed_it(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
    messages: Callable[..., Awaitable[Result]],
) -> None:
    await plan(pool, 1)
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 1})
        async with asyncio.timeout(PATIENCE):
            while await pool.fetchval("SELECT proof FROM submission") is None:
                await asyncio.sleep(0.05)
    case_ref = await pool.fetchval("SELECT case_ref FROM message")
    proof = await pool.fetchval("SELECT proof FROM submission")

    shown = (await messages("show", case_ref)).output
    [told] = json.loads((await messages("show", case_ref, "--json")).output)

    owner = host.service.keys.destination
    claims = json.loads(jws.deserialize_compact(proof, owner, algorithms=["PS512"]).payload)
    provided_at = datetime.fromisoformat(told["provided_at"])
    assert provided_at.timestamp() == claims["iat"]
    zone = ORGANISATION.jurisdiction.time_zone
    third_day = provided_at.astimezone(zone).date() + timedelta(days=3)
    assert f"counts as notified on {third_day} (§ 9 (1) OZG)" in shown


async def test_a_rejected_message_is_told_on_the_next_way(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1, mailbox=f"{NOBODYS}0000-4000-8000-000000000001", email="a@example.org")
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.BOUNCED: 1, State.PLANNED: 1})
    rows = await pool.fetch("SELECT channel, reason FROM message ORDER BY channel")
    assert [tuple(row) for row in rows] == [("email", None), ("mailbox", "undeliverable")]


async def test_a_token_that_is_over_is_renewed_once(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    async with sending(pool, host, keys, listening=False):
        await plan(pool, 1)
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        host.service.tokens.clear()
        await plan(pool, 6)
        await until(pool, lambda found: found == {State.ACCEPTED: 7})
    assert host.times(Step.GRANT) == 2
    assert len(host.taken) == 7


async def test_nothing_is_lost_while_the_service_is_away_or_busy(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    host.answers[Step.ANNOUNCE] = [503, 429, 500]
    host.answers[Step.SUBMIT] = [503, 429, 502, Fault.CUT]
    host.answers[Step.EVENTS] = [503, 404, 500]
    await plan(pool, 10)
    async with sending(pool, host, keys):
        await ends(pool, {State.DELIVERED: 10})
    references = [one["reference"] for one in host.taken]
    assert len(references) == len(set(references)) == 10


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_the_service_never_takes_ends_and_goes_another_way(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
    status: int,
) -> None:
    host.answers[Step.SUBMIT] = [status]
    await plan(pool, 1, email="a@example.org")
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.FAILED: 1, State.PLANNED: 1})
    assert host.taken == []


async def test_an_answer_that_was_lost_doubles_nothing(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    host.answers[Step.SUBMIT] = [Fault.CUT] * 5
    await plan(pool, 5)
    async with sending(pool, host, keys, listening=False):
        await ends(pool, {State.ACCEPTED: 5})
    assert len(host.taken) == 5
    assert host.times(Step.ANNOUNCE) == 5


async def claimed(pool: Pool, carrier: Postbox) -> Answer:
    """Hand a message over, and get killed before it is written down."""
    async with pool.acquire() as connection, connection.transaction():
        [claim] = await CLAIM(connection, LEASE, ())
    prepared = await WRITER.prepare(claim)
    assert not isinstance(prepared, Outcome)
    return await carrier.send(prepared.parcel)


async def test_killed_after_the_hand_over_a_message_arrives_once(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    assert await claimed(pool, postbox(pool, host, keys)) is Answer.ACCEPTED
    await make_due(pool)
    async with sending(pool, host, keys, listening=False):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
    assert len(host.taken) == host.times(Step.SUBMIT) == 1


async def test_killed_between_the_two_steps_the_same_submission_is_filled(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    host.answers[Step.SUBMIT] = [429]
    assert await claimed(pool, postbox(pool, host, keys)) is Answer.LATER
    await make_due(pool)
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 1})
    assert host.times(Step.ANNOUNCE) == len(host.taken) == 1


async def test_what_was_opened_and_is_gone_is_opened_anew(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    host.answers[Step.SUBMIT] = [429]
    await claimed(pool, postbox(pool, host, keys))
    host.service.opened.clear()
    await make_due(pool)
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.DELIVERED: 1})
    assert host.times(Step.ANNOUNCE) == 2
    assert len(host.taken) == 1


FORGERIES: dict[str, Callable[[SimulatedService, Opened], str]] = {
    "another key": lambda service, one: service.signed(
        one, "accept-submission", by_service=False, key=RSAKey.generate_key(2048)
    ),
    "the service speaks for the mailboxes": lambda service, one: service.signed(
        one, "accept-submission", by_service=True
    ),
    "another submission": lambda service, one: service.signed(
        Opened(uuid4(), one.case), "accept-submission", by_service=False
    ),
    "another case": lambda service, one: service.signed(
        Opened(one.id, uuid4()), "accept-submission", by_service=False
    ),
    "no token": lambda service, one: "e30.e30.e30",
}


@pytest.mark.parametrize("how", FORGERIES)
async def test_a_forged_report_is_not_believed_and_said_so(
    pool: Pool,
    silent: FitConnectHost,
    keys: FitConnectKeys,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    caplog.set_level(logging.ERROR)
    [handle] = await plan(pool, 1, name="Anna Geheim")
    async with sending(pool, silent, keys):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        [one] = silent.service.opened.values()
        one.log.append(FORGERIES[how](silent.service, one))
        async with asyncio.timeout(PATIENCE):
            while "isn't believed" not in caplog.text:
                await asyncio.sleep(0.05)
        assert await states(pool) == {State.ACCEPTED: 1}
        one.log.append(silent.service.signed(one, "accept-submission", by_service=False))
        await until(pool, lambda found: found == {State.DELIVERED: 1})
    assert handle not in caplog.text
    assert "Geheim" not in caplog.text


async def test_silence_expires_and_a_late_report_still_counts(
    pool: Pool,
    silent: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 1)
    async with sending(pool, silent, keys):
        await until(pool, lambda found: found == {State.ACCEPTED: 1})
        await make_due(pool)
        await until(pool, lambda found: found == {State.EXPIRED: 1})
        [one] = silent.service.opened.values()
        one.log.append(silent.service.signed(one, "accept-submission", by_service=False))
        await until(pool, lambda found: found == {State.DELIVERED: 1})


async def test_nothing_leaves_while_the_key_may_not_be_used(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    good = host.service.keys.encryption
    host.service.keys.encryption = RSAKey.generate_key(2048, {"kid": "short-key"})
    await plan(pool, 1)
    async with sending(pool, host, keys):
        await asyncio.sleep(0.5)
        assert await states(pool) == {State.PLANNED: 1}
        assert host.times(Step.ANNOUNCE) == 0
        host.service.keys.encryption = good
        await ends(pool, {State.DELIVERED: 1})
    assert len(submitted(host)) == 1


async def test_where_a_report_changes_nothing_nobody_looks_again(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    host.answers[Step.SUBMIT] = [422]
    await plan(pool, 1)
    async with sending(pool, host, keys):
        await until(pool, lambda found: found == {State.FAILED: 1})
        async with asyncio.timeout(PATIENCE):
            while await pool.fetchval("SELECT look_at FROM submission"):
                await asyncio.sleep(0.05)


async def test_several_processes_share_the_looks_and_no_log_is_looked_at_twice_at_once(
    pool: Pool,
    host: FitConnectHost,
    keys: FitConnectKeys,
) -> None:
    await plan(pool, 4)
    async with sending(pool, host, keys, listening=False):
        await until(pool, lambda found: found == {State.ACCEPTED: 4})
    await pool.execute("UPDATE submission SET look_at = now()")
    day = timedelta(days=1)
    async with pool.acquire() as one, pool.acquire() as other:
        first = await store.take_looks(one, 3, day, day, day, passed_over=[])
        second = await store.take_looks(other, 3, day, day, day, passed_over=[])
    assert len(first) == 3
    assert len(second) == 1
    assert not first.keys() & second.keys()
