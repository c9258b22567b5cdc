"""What tests of controlling share: its schema, a handler as a new process has it, and decisions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
from click.testing import CliRunner, Result
from pydantic import HttpUrl

from deploy.command_line import gleichfall
from deploy.local.infrastructure import Addresses
from services.controlling.chain.entering import Chainer
from services.controlling.gauges.loop import looks
from services.controlling.handlers import CaseEvents, OfficeEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.opening import Periods
from services.controlling.policy.policy import Policy, Trigger, TriggerKind, Twins
from services.controlling.register.frame import Frame
from services.controlling.settings import Settings
from shared.configuration.places import ORGANISATION, ROOT
from shared.errors import GleichfallError
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems
from shared.kafka.consumer import Handler
from shared.law.decision_types import DecisionTypes
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.transaction import Transaction
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretName, SecretStore
from tests.figures import Read
from tests.integration.spine_helpers import fresh_schemas
from tests.runbooks import Console, console

SEED_KEY = bytes(range(32))
ZONE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml").jurisdiction.time_zone
NAMES = Pseudonymiser(bytes(32))
MAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
JUNE = datetime(2026, 6, 2, tzinfo=UTC)
FRAME = Frame(DecisionTypes.load(), ZONE)
TABLES = (
    "released_figure, released_review, review, lot_result, policy, policy_digest, known_unit, "
    "uncompared, unchained, "
    "register_block, register_head, head_stamp, register_gap, twin_case, twin_round, candidate, "
    "draw, second_decision, arrival, frame_repeat, frame_settlement, decision, period, "
    "waiting_case, early_cause, case_event, law_change, frame_count, service_fact, service_figure, "
    "service_alarm, process_due, process_day, told_month, display, outbox, stream_head, held_item"
)


def policy(rate: str = "0", minimum: int = 0, twins: Twins | None = None) -> Policy:
    """One that draws at a rate and puts everything that can be triggered into the queue."""
    return Policy(
        version=f"test-{rate}-{minimum}",
        default_rate=Decimal(rate),
        default_minimum=minimum,
        triggers={kind: Trigger() for kind in TriggerKind},
        twins=twins,
    )


@asynccontextmanager
async def controlling(database_url: str, secrets: Path) -> AsyncIterator[Pool]:
    """Make controlling's schema anew, give connections as its role, and leave nothing behind."""
    await fresh_schemas(database_url, secrets)
    password = SecretStore(secrets).text(SecretName.CONTROLLING_DATABASE_PASSWORD)
    url = service_url(database_url, "controlling", password.get_secret_value())
    async with await open_pool(url, service="controlling") as pool:
        yield pool
    owner = await asyncpg.connect(database_url)
    await owner.execute("DROP SCHEMA controlling CASCADE")
    await owner.close()


async def empty(database_url: str) -> None:
    """Remove what earlier tests left; who chains or opens reviews meanwhile waits.

    The owner does: the service can only append to some of it.
    """
    owner = await asyncpg.connect(database_url)
    async with owner.transaction():
        await owner.execute("SET LOCAL search_path = controlling")
        await owner.execute("LOCK TABLE period, draw IN ACCESS EXCLUSIVE MODE")
        for table in TABLES.split(", "):
            await owner.execute(f"DELETE FROM {table}")
    await owner.close()


def case_events(in_force: Policy) -> CaseEvents:
    """A handler as a newly started process has it."""
    return CaseEvents(FRAME, Periods(SEED_KEY, in_force))


def office_events(in_force: Policy) -> OfficeEvents:
    """The other handler."""
    return OfficeEvents(FRAME, Periods(SEED_KEY, in_force))


def closer(pool: Pool) -> Closer:
    return Closer(pool, SEED_KEY, ZONE)


async def chain(pool: Pool) -> None:
    """Bring all that is registered into the chains of its periods, as the loop does."""
    chainer = Chainer(pool, holding_of(pool, Loop.REGISTER_CHAIN))
    while await chainer.look():
        pass


def reads_of(pool: Pool) -> list[Read]:
    """What controlling's loop of looks reads for its gauges, of a service that wants stamps."""
    settings = Settings.model_construct(
        time_stamp_url=HttpUrl("http://127.0.0.1:9/"), time_stamp_certificate=None
    )
    calendar = Calendar.of(load_organisation(ORGANISATION))
    return [one.read for one in looks(pool, calendar, settings)]


def holding_of(pool: Pool, loop: Loop) -> Holding:
    """What a loop of a newly started process sets items aside with."""
    return Holding(HeldItems(pool), loop)


async def let_go(pool: Pool) -> None:
    """Let loops try again what they hold, as `gleichfall held retry` does."""
    await pool.execute(
        "UPDATE held_item SET state = 'retrying', settled_at = now(), settled_by = 'ops-7',"
        " settled_because = 'mended'"
    )


def decision_id(number: int) -> str:
    return NAMES.of(PseudonymKind.DECISION, str(number))


def decider(number: int) -> str:
    return "decider-" + NAMES.of(PseudonymKind.CASE, str(number)).removeprefix("case-")


def decided(number: int, at: datetime = MAY, **facts: object) -> Event:
    decision = DecisionMade.model_validate({
        "decision_id": decision_id(number),
        "type_code": "AufenthG-18b",
        "direction": Direction.ADVERSE if number % 3 else Direction.FAVOURABLE,
        "unit": f"unit-{number % 4 + 1}",
        "decider": decider(number),
        "remedy_instruction": "rb-1",
    } | facts)  # fmt: skip
    return about(number, decision, at)


def about(number: int, facts: Facts, at: datetime = MAY) -> Event:
    case = NAMES.of(PseudonymKind.CASE, str(number))
    return new_event("urn:gleichfall:test", case, facts, time=at)


async def apply(pool: Pool, handler: Handler, *events: Event) -> list[Event]:
    """Apply a batch as the consumer does; gives what leaves with it."""
    async with pool.acquire() as connection, connection.transaction():
        transaction = Transaction(connection)
        await handler(events, transaction)
        return await transaction.flush()


class Operator:
    """Calls commands on a checkout's database."""

    def __init__(
        self, addresses: Addresses, secrets: Path, folder: Path, group: str = "draw"
    ) -> None:
        self._group = group
        self.file = folder / "draw.jsonl"
        self.secrets = secrets
        self._environment = {
            "DATABASE_URL": addresses.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka_bootstrap_servers,
            "GLEICHFALL_SECRETS_DIR": str(secrets),
        }

    @property
    def console(self) -> Console:
        """Types any command, as runbooks name them."""
        return console(self._environment)

    async def call(self, *words: str) -> Result:
        runner = CliRunner(env=self._environment)
        return await asyncio.to_thread(runner.invoke, gleichfall, [self._group, *words])

    async def does(self, *words: str) -> str:
        answer = await self.call(*words)
        assert answer.exit_code == 0, (answer.output, answer.exception)
        return answer.stdout

    async def fails(self, *words: str) -> GleichfallError:
        answer = await self.call(*words)
        assert isinstance(answer.exception, GleichfallError), answer.output
        return answer.exception

    def handler(self, in_force: Policy) -> CaseEvents:
        key = SecretStore(self.secrets).key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
        return CaseEvents(FRAME, Periods(key, in_force))
