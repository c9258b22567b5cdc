"""What tests of reviews share: people with accounts, and drawn decisions that wait for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from services.controlling.audit.store import Change, changing
from services.controlling.policy.policy import Policy
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.reviews import assigning
from services.controlling.reviews.listed import Sought
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.reviews.store import Given
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from shared.configuration.places import ORGANISATION
from shared.events.event import Event
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool, open_pool, service_url
from shared.security.pseudonyms import Pseudonymiser
from shared.security.secrets import SecretName, SecretStore
from tests.integration.controlling_helpers import (
    MAY,
    SEED_KEY,
    ZONE,
    apply,
    case_events,
    decided,
    empty,
    holding_of,
    policy,
)

CALENDAR = Calendar.of(load_organisation(ORGANISATION))
NAMES = Pseudonymiser(bytes(range(32)))
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TODAY = CALENDAR.day_of(NOW)
EVERYTHING = Sought(None, None, "{}", CALENDAR.zone.key, TODAY)
_EMPTIED = (
    "measure", "finding_step", "finding", "answer", "review", "recusal", "vetted_account", "audit",
    "session", "account",
)  # fmt: skip
_EMPTY = f"TRUNCATE {', '.join(f'controlling.{table}' for table in _EMPTIED)} CASCADE"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    id: UUID
    role: str = "leadership"


CONTROLLER = Person(UUID(int=99), "controlling")


class Desk:
    """Controlling and its workbench on one database, without their processes."""

    def __init__(self, controlling: Pool, workbench: Pool, owner: asyncpg.Connection) -> None:
        self.controlling = controlling
        self.workbench = workbench
        self.owner = owner

    async def empty(self) -> None:
        """Remove people, and all that they have done."""
        await self.owner.execute(_EMPTY)

    async def person(self, number: int, **facts: object) -> Person:
        """Give somebody an account who works with the number S-4711… in unit 9."""
        known: dict[str, object] = {
            "role": "leadership",
            "unit": "unit-9",
            "groups": [],
            "share": 1,
            "staff_number": staff_number(number),
        } | facts
        account = UUID(int=number)
        columns = ", ".join(known)
        places = ", ".join(f"${at}" for at in range(4, 4 + len(known)))
        await self.owner.execute(
            f"INSERT INTO controlling.account (id, login, name, created_at, {columns})"
            f" VALUES ($1, $2, $2, $3, {places})",
            account, f"person-{number}", NOW, *known.values(),
        )  # fmt: skip
        return Person(account, str(known["role"]))

    async def drawn(self, *decisions: Event, in_force: Policy | None = None) -> None:
        """Let decisions be drawn, and their reviews be opened and vetted."""
        await apply(self.controlling, case_events(in_force or policy("1")), *decisions)
        await self.settle()

    async def settle(self) -> None:
        """Let the loops work until nothing is left for them."""
        twins = TwinFinder(self.controlling, holding_of(self.controlling, Loop.TWIN_FINDER))
        while await twins.look():
            pass
        await TwinRounds(self.controlling, SEED_KEY, ZONE).draw_now(datetime.now(UTC))
        opener = ReviewOpener(
            self.controlling, CALENDAR, holding_of(self.controlling, Loop.REVIEWS)
        )
        while await opener.open(NOW):
            pass
        while await RecusalFinder(
            self.controlling, NAMES, ZONE, holding_of(self.controlling, Loop.RECUSAL)
        ).look():
            pass

    async def reviews(self) -> list[asyncpg.Record]:
        return await self.owner.fetch(
            "SELECT * FROM controlling.review ORDER BY decision_id, round"
        )

    @asynccontextmanager
    async def change(self) -> AsyncIterator[Change]:
        async with changing(self.workbench) as change:
            yield change

    async def next_for(self, who: Person) -> Given:
        async with self.change() as change:
            return await assigning.take_next(change, who, NOW, TODAY)

    async def acts(self) -> list[str]:
        rows = await self.owner.fetch("SELECT act FROM controlling.audit ORDER BY number")
        return [row["act"] for row in rows]

    async def published(self) -> list[str]:
        rows = await self.owner.fetch(
            "SELECT convert_from(headers, 'UTF8') AS text FROM controlling.outbox ORDER BY id"
        )
        found = [name for row in rows for name in _TYPES if name in row["text"]]
        return [name for name in found if name != "decision.drawn"]


_TYPES = (
    "decision.drawn",
    "review.assigned",
    "review.completed",
    "review.reopened",
    "review.overdue",
    "finding.raised",
    "finding.answered",
    "finding.confirmed",
    "finding.withdrawn",
)


def staff_number(number: int) -> str:
    return f"S-{4710 + number}"


def pseudonym(number: int) -> str:
    return NAMES.decider(staff_number(number), MAY, ZONE)


def by(number: int, decision: int, **facts: object) -> Event:
    """A decision by the person with a number."""
    return decided(decision, MAY, decider=pseudonym(number), **facts)


@asynccontextmanager
async def desk_of(database_url: str, secrets: Path, controlling: Pool) -> AsyncIterator[Desk]:
    """Open the desk on an empty schema."""
    password = SecretStore(secrets).text(SecretName.WORKBENCH_DATABASE_PASSWORD)
    url = service_url(database_url, "workbench", password.get_secret_value())
    owner = await asyncpg.connect(database_url)
    await owner.execute(_EMPTY)
    await empty(database_url)
    try:
        async with await open_pool(url, service="controlling", process="workbench") as pool:
            yield Desk(controlling, pool, owner)
    finally:
        await owner.execute(_EMPTY)
        await owner.close()
