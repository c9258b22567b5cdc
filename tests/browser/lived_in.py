"""A workbench that invented people have used for weeks, as `gleichfall demo` leaves it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, StorageState

from deploy.demo import agreeing, appealing, closing, replying
from deploy.demo.articles import write_articles
from deploy.demo.fate import Oracle
from deploy.demo.people import let_in
from deploy.demo.reviewers import load_reviewers
from deploy.demo.reviewing import Crew, play
from services.controlling.accounts import store as accounts
from services.controlling.practice.practice import Practice
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.loop import FigureCounter
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from services.intake.simulation.assumptions import Gravity
from services.intake.simulation.truth import Finding, Grade, Truth
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.case import ApplicationReceived
from shared.events.catalogue.office import (
    CallAnswered,
    CallReceived,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
)
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, IntakeChannel
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from tests.browser.conftest import served
from tests.integration.controlling_helpers import (
    SEED_KEY,
    ZONE,
    about,
    apply,
    case_events,
    controlling,
    decision_id,
    holding_of,
    office_events,
    policy,
)
from tests.integration.review_form_helpers import case
from tests.integration.review_helpers import CALENDAR, NAMES

PASSWORD = "correct horse"
ALL = policy("1").model_copy(update={"double_reviews": Decimal("0.4")})
DECISIONS, NEW = 24, 5
"""How many people have dealt with, and how many wait for whoever comes first."""
_AGO = timedelta(days=60)
"""When the reviews were opened: those that are still undone are overdue."""
_THINGS: Mapping[str, str] = {
    "finding": "SELECT number FROM finding ORDER BY state <> 'raised', number LIMIT 1",
    "replied": """SELECT number FROM finding WHERE state <> 'raised'
        ORDER BY state <> 'disagreed', number LIMIT 1""",
    "measure": "SELECT number FROM measure ORDER BY state <> 'done', number LIMIT 1",
    "agreed": "SELECT number FROM measure ORDER BY state <> 'agreed', number LIMIT 1",
    "account": "SELECT id FROM account WHERE login = 'leitung-4'",
}
_REVIEWS: Mapping[str, tuple[str, ...]] = {
    "assigned": ("assigned", "in_review"),
    "begun": ("in_review",),
    "signed": ("signed",),
    "settled": ("closed",),
}
"""In which state each is; who has it is `{assigned_by}`. Chance decides what is left to whom."""
_REVIEW = """SELECT review.id, login FROM review JOIN account ON account.id = account
    WHERE state = ANY($1) AND round < 3 ORDER BY state, round, review.id LIMIT 1"""


@dataclass
class Home:
    """A served workbench, and one of each thing that has a page.

    Attributes:
        things: What addresses name, by what it is.
    """

    app: FastAPI
    address: str
    pool: Pool
    things: Mapping[str, object]
    _kept: dict[str, StorageState] = field(default_factory=dict)

    async def window(self, browser: Browser, login: str) -> BrowserContext:
        """Open a window in which somebody is signed in: each signs in once."""
        if login not in self._kept:
            context = await browser.new_context()
            page = await context.new_page()
            await page.goto(f"{self.address}/sign-in")
            await page.fill("[name=login]", login)
            await page.fill("[name=password]", PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url(lambda url: "sign-in" not in url)
            self._kept[login] = await context.storage_state()
            await context.close()
        return await browser.new_context(
            storage_state=self._kept[login], viewport={"width": 1280, "height": 900}
        )

    def forget(self, login: str) -> None:
        """Let somebody whose sessions have ended sign in anew."""
        self._kept.pop(login, None)

    def of(self, template: str) -> str:
        """Fill in which one: `/findings/{finding}`, or who has it: `{begun_by}`."""
        return template.format(**self.things)


def _events(numbers: range) -> Iterator[Event]:
    """Refusals and permits in three units."""
    for number in numbers:
        for event in case(number):
            change = {
                "unit": f"unit-{number % 3 + 1}",
                "direction": Direction.FAVOURABLE if number % 4 == 0 else Direction.ADVERSE,
            }
            made = hasattr(event.data, "direction")
            yield event._replace(data=event.data.model_copy(update=change)) if made else event


def _truth(number: int) -> Truth:
    findings = {"S1": Finding(Grade.MINOR, Gravity.NONE, 0.3)}
    if number % 5 == 0:
        findings["V5"] = Finding(Grade.SIGNIFICANT, Gravity.NOT_HEALABLE, 0.2)
    return Truth(findings if number % 2 else {})


async def _draw(pool: Pool, numbers: range, at: datetime) -> None:
    await apply(pool, case_events(ALL), *_events(numbers))
    opener = ReviewOpener(pool, CALENDAR, holding_of(pool, Loop.REVIEWS))
    while await opener.open(at):
        pass
    recusal = RecusalFinder(pool, NAMES, ZONE, holding_of(pool, Loop.RECUSAL))
    while await recusal.look():
        pass


async def _serve(pool: Pool, now: datetime) -> None:
    """Let an office have a day: calls, a counter that is overbooked, an application long ago."""
    facts: list[Facts] = [
        CallReceived(line="direct"),
        CallAnswered(line="direct", waited_seconds=75),
        EmergencyWindowOpened(office="kaiserallee", day=CALENDAR.day_of(now), slots=1),
        *[EmergencyWindowSlotBooked(office="kaiserallee", starts=now)] * 2,
    ]
    happened = [
        new_event("urn:gleichfall:test", "kaiserallee", one, time=now)._replace(sequence=number)
        for number, one in enumerate(facts, 1)
    ]
    await apply(pool, office_events(ALL), *happened)
    application = ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2"
    )
    waiting = range(1_000, 1_009)
    came = [about(one, application, now - timedelta(days=100)) for one in waiting]
    await apply(pool, case_events(ALL), *(one._replace(sequence=1) for one in came))
    law = Clocks.of(load_organisation(ORGANISATION))
    await FigureCounter(pool, law, holding_of(pool, Loop.SERVICE_FIGURES)).look()


@asynccontextmanager
async def lived_in(database_url: str, secrets: Path) -> AsyncIterator[Home]:
    """Draw decisions, let invented people do all that they do, and serve the pages."""
    now = datetime.now(UTC)
    organisation = load_organisation(ORGANISATION)
    oracle = Oracle.of(1, load_reviewers(), CALENDAR, CALENDAR.day_of(now))
    truths = {decision_id(number): _truth(number) for number in range(DECISIONS)}
    async with controlling(database_url, secrets) as pool:
        await let_in(pool, PASSWORD)
        await pool.execute("UPDATE account SET staff_number = 'S-' || login")
        await write_articles(pool, now)
        await _draw(pool, range(DECISIONS), now - _AGO)
        async with pool.acquire() as connection:
            everybody = await accounts.every(connection)
        crew = Crew(pool, Practice.of(organisation), oracle, truths, everybody)
        played = await play(crew, lambda *_: None)
        await _draw(pool, range(DECISIONS, DECISIONS + NEW), now)
        await replying.reply(pool, oracle, crew.people)
        await agreeing.agree(pool, oracle, crew, now)
        await apply(pool, case_events(ALL), *appealing.appeals(played.cases, oracle))
        await closing.close(pool, SEED_KEY, ZONE, now)
        await _serve(pool, now)
        things = {name: await pool.fetchval(query) for name, query in _THINGS.items()}
        for name, states in _REVIEWS.items():
            row = await pool.fetchrow(_REVIEW, list(states))
            things |= {name: row["id"], f"{name}_by": row["login"]} if row else {name: None}
        assert None not in things.values(), things
        app = create_app(Settings(database_url=database_url, secrets_directory=secrets))
        async with served(app) as address:
            yield Home(app, address, pool, things)
