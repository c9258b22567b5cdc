"""Runbooks that look at `gleichfall status`, followed on a stack to which all of it happens.

The tests are one story. What a service learns at its start is wrong from the start; the rest goes
wrong while it runs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.demo.time_stamps import Authority
from deploy.local import commands, record
from deploy.local.folder import Folder
from deploy.local.infrastructure import Addresses
from deploy.local.services import is_service, metrics_of
from deploy.secrets.files import create_missing
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.handlers import CaseEvents
from services.controlling.periods.opening import Periods
from services.controlling.policy.file import load_policy
from services.notify.gauges.loop import looks
from shared.configuration.places import ORGANISATION, POLICY
from shared.kafka.topics import apply_topics
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.secrets import SecretName, SecretStore
from tests.figures import Figures, read_by, scraped
from tests.integration.controlling_helpers import (
    FRAME,
    ZONE,
    apply,
    chain,
    decided,
    holding_of,
    reads_of,
)
from tests.integration.intake.door import Line
from tests.integration.notify.service import new_database
from tests.integration.spine_helpers import empty_topics, gleichfall, new_case, until
from tests.runbooks import Console, Follow, console

pytestmark = [
    *(pytest.mark.stack, pytest.mark.chaos, pytest.mark.story),
    pytest.mark.timeout(300),
]

CALENDAR = Calendar.of(load_organisation(ORGANISATION))
TODAY = CALENDAR.day_of(datetime.now(UTC))
COMING = TODAY + timedelta(days=2)
"""When a period begins of which nobody has stamped the promise, or witnessed the draw."""


@dataclass(frozen=True, slots=True)
class Sick:
    """The stack.

    Attributes:
        call: Types a command at it.
        owner: A connection to its database.
        url: The database's.
        processes: What they tell, and read every so often.
        looks: What controlling and notify would tell if they read it now.
        mail, stamps: The ways to the mail server and to the time stamping service.
        period: The period that begins soon.
        next: The one behind it, which can't be promised.
    """

    call: Console
    owner: asyncpg.Connection
    url: str
    processes: Figures
    looks: Figures
    mail: Line
    stamps: Line
    period: str
    next: str

    async def simulate(self, seed: int) -> None:
        """Let an invented authority send what happened in a week."""
        done = await self.call(("simulate", "--weeks=1", "--rate=0.1", f"--seed={seed}"))
        assert done.code == 0, done.text


@pytest.fixture(scope="module")
async def sick(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sick]:
    folder = Folder(tmp_path_factory.mktemp("stack"))
    create_missing(folder.secrets)
    url = await new_database(stack, "sick")
    await migrate(url, folder.secrets)
    await apply_topics(stack.brokers)
    await empty_topics(stack.kafka_bootstrap_servers)
    authority = Authority()
    authority.at = datetime.now(UTC)
    async with AsyncExitStack() as undo:
        owner = await asyncpg.connect(url)
        undo.push_async_callback(owner.close)
        controlling = await undo.enter_async_context(
            await _pool(url, folder.secrets, "controlling")
        )
        notify = await undo.enter_async_context(await _pool(url, folder.secrets, "notify"))
        mail, mail_port = await _way(stack.smtp_url, undo)
        stamps, stamps_port = await _way(undo.enter_context(authority.serving()), undo)
        stamps.break_now()
        period, following = await _promise(controlling, folder.secrets, owner)
        # Without these rights it can't hold the policies, by which it opens periods.
        revoke = "REVOKE UPDATE, DELETE ON controlling.policy FROM gleichfall_controlling"
        await owner.execute(revoke)
        environment = {
            "GLEICHFALL_STACK_DIR": str(folder.root),
            "DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "GLEICHFALL_TIME_STAMP_URL": f"http://127.0.0.1:{stamps_port}/",
            "GLEICHFALL_PERIODS_AHEAD": "P70D",
        }
        undo.push_async_callback(gleichfall, environment, "down")
        code, *told = await gleichfall(environment, "up", "--detach")
        assert code == 0, told
        addresses = record.load(folder.record).addresses
        undo.enter_context(pytest.MonkeyPatch.context()).setattr(commands, "STACK", folder)
        here = environment | {
            "GLEICHFALL_SECRETS_DIR": str(folder.secrets),
            "INTAKE_URL": addresses["intake"],
        }
        processes = {name: addresses[metrics_of(name)] for name in addresses if is_service(name)}
        read = read_by(
            controlling=reads_of(controlling), notify=[one.read for one in looks(notify)]
        )
        figures = (scraped(processes), read)
        yield Sick(console(here), owner, url, *figures, mail, stamps, period, following)


async def _pool(url: str, secrets: Path, service: str) -> Pool:
    password = SecretStore(secrets).text(SecretName(f"{service}_database_password"))
    login = service_url(url, service, password.get_secret_value())
    return await open_pool(login, service=service)


async def _way(url: str, undo: AsyncExitStack) -> tuple[Line, int]:
    """Give a way to a server that can be cut, and the port at which it begins."""
    place = urlsplit(url)
    assert place.hostname
    assert place.port
    line = Line(place.hostname, place.port)
    server = await asyncio.start_server(line, "127.0.0.1", 0)
    undo.callback(server.close)
    return line, server.sockets[0].getsockname()[1]


async def _promise(pool: Pool, secrets: Path, owner: asyncpg.Connection) -> tuple[str, str]:
    """Leave a register whose head of two days ago lacks its stamp, and a period that begins soon.

    Gives the key of that, and of the one behind it.
    """
    now = datetime.now(UTC)
    key = SecretStore(secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    periods = Periods(key, load_policy(POLICY))
    await apply(pool, CaseEvents(FRAME, periods), *(decided(number, now) for number in range(8)))
    await chain(pool)
    heads = HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS))
    await heads.announce_due(now - timedelta(days=2))
    await owner.execute("UPDATE controlling.period SET last_day = $1", COMING - timedelta(days=1))
    begins = _month_after(TODAY)
    async with pool.acquire() as connection, connection.transaction():
        await periods.draws({begins}, Transaction(connection))
    move = "UPDATE controlling.period SET first_day = $1, last_day = $1 WHERE key = $2"
    await owner.execute(move, COMING, f"{begins:%Y-%m}")
    return f"{begins:%Y-%m}", f"{_month_after(begins):%Y-%m}"


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def without(words: str) -> str:
    """An expression for what doesn't say something."""
    return rf"(?s)\A(?!.*{words})"


async def test_a_loop_that_lacks_a_right_fails_and_promises_no_period(
    sick: Sick, follow: Follow
) -> None:
    failing = await follow("LoopFails", sick.call, sick.processes, without("period opener loop"))
    unpromised = await follow("NextPeriodNotPromised", sick.call, sick.looks, sick.next)
    await failing.look("period opener loop: .*InsufficientPrivilege")
    await unpromised.look("period opener loop", rf"{sick.period}\W+läuft")

    await sick.owner.execute("GRANT UPDATE, DELETE ON controlling.policy TO gleichfall_controlling")

    await failing.prove()
    await unpromised.prove()


async def test_while_nobody_stamps_promises_and_heads_lack_their_stamps(
    sick: Sick, follow: Follow
) -> None:
    stamped = rf"{sick.period}\W.* ja +nein\b"
    promise = await follow("PromiseUnstamped", sick.call, sick.looks, stamped)
    head = await follow("HeadUnstamped", sick.call, sick.looks)
    await promise.look("time stamping loop")
    await head.look("time stamping loop")

    sick.stamps.cut = False

    await promise.prove()
    await head.prove()


async def test_a_period_that_begins_soon_is_witnessed(sick: Sick, follow: Follow) -> None:
    awaited = f"{sick.period} can be witnessed until"
    named = {"PERIOD": sick.period, "THROWN": "35126416235152364423"}
    runbook = await follow("PromiseUnwitnessed", sick.call, sick.looks, without(awaited), **named)

    await runbook.look(awaited)
    await runbook.do("is witnessed by staff_council, auditor")
    await runbook.prove()


async def test_messages_leave_late_while_the_way_to_their_server_is_slow(
    sick: Sick, follow: Follow
) -> None:
    runbook = await follow("MessagesLeaveLate", sick.call, sick.processes)
    sick.mail.delay = 1
    await sick.simulate(4)
    await runbook.look(r"notify +http\S+ +ready")

    sick.mail.delay = 0

    await runbook.prove()


async def test_messages_that_no_server_takes_leave_once_it_is_back(
    sick: Sick, follow: Follow
) -> None:
    missing = await follow("NeedMissing", sick.call, sick.processes)
    lying = await follow("MessagesDontLeave", sick.call, sick.looks, "accepted +[1-9]")
    sick.mail.break_now()
    await missing.look("mail server")
    await sick.simulate(1)
    planned = "SELECT count(*) FROM notify.message WHERE channel = 'email' AND state = 'planned'"
    await until(lambda: sick.owner.fetchval(planned))
    await sick.owner.execute("UPDATE notify.message SET due_at = now() - interval '16 minutes'"
                             " WHERE channel = 'email' AND state = 'planned'")  # fmt: skip
    await lying.look("by email are planned since", "mail server")

    sick.mail.cut = False

    await lying.prove()
    await missing.prove()


async def test_a_consumer_goes_on_once_nobody_holds_its_table(sick: Sick, follow: Follow) -> None:
    stopped = await follow("ConsumerStopped", sick.call, sick.processes, without("consumer"))
    behind = await follow("ConsumerBehind", sick.call, sick.processes)
    somebody = await asyncpg.connect(sick.url)
    forgotten = somebody.transaction()
    await forgotten.start()
    await somebody.execute("LOCK TABLE notify.inbox IN SHARE MODE")  # others may read
    await sick.simulate(2)
    await stopped.look("consumer: ")
    await behind.look(r"notify(\W+\d+){4}\W+[1-9]")  # the last of its backlogs is its lag

    await forgotten.rollback()

    await stopped.prove()
    await behind.prove()
    await somebody.close()


async def test_what_cannot_be_published_leaves_once_it_can(sick: Sick, follow: Follow) -> None:
    runbook = await follow("OutboxOld", sick.call, sick.processes, r"intake +0\b")
    await sick.owner.execute("REVOKE DELETE ON intake.outbox FROM gleichfall_intake")
    await sick.simulate(3)
    await runbook.look("publishing: ")

    await sick.owner.execute("GRANT DELETE ON intake.outbox TO gleichfall_intake")

    await runbook.prove()


async def test_a_message_that_failed_and_cannot_be_followed_is_followed_once_it_is_mended(
    sick: Sick, follow: Follow
) -> None:
    runbook = await follow("FailuresUnfollowed", sick.call, sick.looks)
    message = await sick.owner.fetchval(
        "UPDATE notify.message SET state = 'failed', reason = 'nonsense', followed = false,"
        " ended_at = now() - interval '16 minutes', due_at = NULL WHERE id ="
        " (SELECT id FROM notify.message WHERE state = 'accepted' LIMIT 1) RETURNING id"
    )
    await runbook.look("held items of the upkeep")

    mend = "UPDATE notify.message SET reason = 'content_refused' WHERE id = $1"
    await sick.owner.execute(mend, message)
    held = await sick.owner.fetchval("SELECT id FROM notify.held_item WHERE state = 'held'")
    because = ("--by", "ops-7", "--reason", "mended, ticket 4711")
    assert (await sick.call(("held", "retry", str(held), *because))).code == 0

    await runbook.prove()


async def test_a_message_for_a_day_that_nobody_can_have_meant_is_stopped(
    sick: Sick, follow: Follow
) -> None:
    case, message = new_case(), uuid4()
    named = {"CASE": case, "ID": str(message)}
    runbook = await follow(
        "MessagesFar", sick.call, sick.looks, without("implausibly far"), **named
    )
    await sick.owner.execute(
        "INSERT INTO notify.message (id, name, cause, case_ref, channel, language, facts, state,"
        " due_at, followed) VALUES ($1, 'application_received', 'a', $2, 'email', 'de', 'null',"
        " 'planned', now() + interval '11 years', true)",
        message,
        case,
    )
    await runbook.look(rf"1 messages wait for a time implausibly far, the latest of {case} ")

    await runbook.do(str(message), "stopped")

    await runbook.prove()
