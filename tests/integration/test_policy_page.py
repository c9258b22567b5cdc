"""The policy as people read it at the workbench: what holds, and what comes after it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import Call, access_table
from services.controlling.accounts.account import Role
from services.controlling.handlers import CaseEvents
from services.controlling.periods.opening import Periods
from services.controlling.policy.announcing import schedule, withdraw
from services.controlling.policy.calendar import period_of
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy
from shared.configuration.places import POLICY
from shared.events.event import Event
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.web.pages.formats import formats
from shared.web.pages.words import Language
from tests.integration.controlling_helpers import FRAME, SEED_KEY, ZONE, apply, decided
from tests.integration.review_helpers import Desk
from tests.integration.workbench_helpers import Workbench, workbench

pytestmark = pytest.mark.stack

FIRST = load_policy(POLICY)
NOW = datetime.now(UTC)
RUNNING = period_of(NOW.astimezone(ZONE).date())
LATER = RUNNING.next.next  # than any month that may begin meanwhile
READERS = {Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR, Role.STAFF_COUNCIL}


def policy(version: str, rate: str = "0.1", valid_from: date | None = None) -> Policy:
    return Policy(version=version, default_rate=Decimal(rate), valid_from=valid_from)


def said(day: date) -> str:
    return formats(Language.GERMAN, ZONE)["day"](day)


async def announce(pool: Pool, new: Policy, now: datetime = NOW) -> None:
    await schedule(pool, new, first=FIRST, zone=ZONE, now=now)


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        yield running


async def test_who_checks_reads_the_policy_and_is_led_to_it(pages: Workbench) -> None:
    assert access_table(pages.app)[Call("GET", "/policy")] == READERS
    for role in READERS:
        reader = await pages.signed_in(role)
        shown = await reader.get("/policy")
        assert shown.status_code == 200
        assert f"Von Anfang an gilt Fassung {FIRST.version}." in shown.text
        assert "Eine andere ist nicht vorgesehen." in shown.text
        assert all(one.why in shown.text for one in FIRST.priority)
        assert 'href="/policy"' in (await reader.get("/results")).text
        english = (await reader.get("/policy", language="en")).text
        assert f"Version {FIRST.version} has been in force from the beginning." in english
        await reader.get("/policy", language="de")


async def test_what_holds_and_what_comes_is_told_and_what_was_withdrawn_is_not(
    pages: Workbench, desk: Desk
) -> None:
    long_before = NOW - timedelta(days=70)
    await announce(desk.controlling, policy("begun", "0.125", RUNNING.first_day), long_before)
    await announce(desk.controlling, policy("replaced", "0.2", LATER.first_day))
    await announce(desk.controlling, policy("later", "0.25", LATER.first_day))
    await announce(desk.controlling, policy("taken-back", "0.75", LATER.next.first_day))
    await withdraw(desk.controlling, "taken-back", first=FIRST, zone=ZONE, now=NOW)
    shown = (await (await pages.signed_in(Role.STAFF_COUNCIL)).get("/policy")).text
    assert f"Seit dem {said(RUNNING.first_day)} gilt Fassung begun." in shown
    assert f"Ab dem {said(LATER.first_day)} gilt Fassung later." in shown
    assert f"Was ab dem {said(LATER.first_day)} gilt: Fassung later" in shown
    assert "12,5&nbsp;%" in shown
    assert "25&nbsp;%" in shown
    assert "replaced" not in shown
    assert "taken-back" not in shown
    assert "nicht vorgesehen" not in shown


WARNING = "Festgehalten ist eine andere Fassung"


async def opened_elsewhere(desk: Desk, day: date, version: str) -> None:
    """Open the period of a day by a policy that the pages don't know."""
    periods = Periods(SEED_KEY, policy(version))

    async def opening(_: Sequence[Event], tx: Transaction) -> None:
        await periods.draws({day}, tx)

    await apply(desk.controlling, opening)


async def test_a_period_that_is_drawn_by_another_policy_than_the_pages_know_is_told(
    pages: Workbench, desk: Desk
) -> None:
    reader = await pages.signed_in(Role.AUDITOR)
    assert WARNING not in (await reader.get("/policy")).text
    await opened_elsewhere(desk, RUNNING.first_day, "elsewhere")
    shown = (await reader.get("/policy")).text
    assert WARNING in shown
    assert f"Zeitraum {RUNNING.key}, vom {said(RUNNING.first_day)} an: Fassung elsewhere" in shown
    assert "gilt Fassung" not in shown


async def test_also_one_that_ended_long_ago_or_is_opened_ahead_while_none_runs(
    pages: Workbench, desk: Desk
) -> None:
    past = period_of(RUNNING.first_day - timedelta(days=300))
    await opened_elsewhere(desk, past.first_day, "elsewhere")
    await opened_elsewhere(desk, LATER.first_day, "ahead")
    shown = (await (await pages.signed_in(Role.STAFF_COUNCIL)).get("/policy")).text
    assert f"Zeitraum {past.key}, vom {said(past.first_day)} an: Fassung elsewhere" in shown
    assert f"Zeitraum {LATER.key}, vom {said(LATER.first_day)} an: Fassung ahead" in shown


async def test_a_period_of_a_policy_that_held_before_is_drawn_as_it_should_be(
    pages: Workbench, desk: Desk
) -> None:
    await apply(desk.controlling, CaseEvents(FRAME, Periods(SEED_KEY, FIRST)), decided(1, NOW))
    await announce(desk.controlling, policy("later", "0.25", LATER.first_day))
    assert WARNING not in (await (await pages.signed_in(Role.AUDITOR)).get("/policy")).text
