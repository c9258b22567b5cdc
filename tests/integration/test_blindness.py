"""Until the first of two reviews is signed, no way out tells that there is a second.

Each who could want to know looks at all that they may open, with a second review and without one:
whoever reviews, and whoever assigns. What does tell of it is closed to both.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from shared.events.registry import Topic
from shared.kafka.grants import declared_access
from tests.integration.controlling_helpers import decision_id
from tests.integration.review_helpers import Desk, Person, by
from tests.integration.test_reviews import TWICE, new, save, take
from tests.integration.test_signed_reviews import asked_as_today, given, somebody
from tests.integration.workbench_helpers import Browser, Workbench, open_to, workbench

pytestmark = pytest.mark.stack

WHO = (Role.LEADERSHIP, Role.CONTROLLING)
SEARCHED = ("", decision_id(1), "zweit", "double", "unit-2")
MOMENT = re.compile(r"\d\d:\d\d(:\d\d)?")


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    """The pages on a database in which two decisions that are alike wait, for two reviews each."""
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.drawn(*(by(50, number, unit="unit-2") for number in (1, 2)), in_force=TWICE)
        yield running


@asynccontextmanager
async def no_second(desk: Desk) -> AsyncIterator[None]:
    """Let the first decision have one review only for a while."""
    kept = await desk.owner.fetchval(
        "DELETE FROM controlling.review WHERE decision_id = $1 AND round = 2"
        " RETURNING to_jsonb(review)",
        decision_id(1),
    )
    await desk.owner.execute(
        "UPDATE controlling.draw SET twice = false WHERE decision_id = $1", decision_id(1)
    )
    yield
    await desk.owner.execute(
        "INSERT INTO controlling.review SELECT * FROM"
        " jsonb_populate_record(NULL::controlling.review, $1::jsonb)",
        kept,
    )
    await desk.owner.execute(
        "UPDATE controlling.draw SET twice = true WHERE decision_id = $1", decision_id(1)
    )


async def everything(
    pages: Workbench, role: Role, who: Browser, review: UUID | None
) -> Mapping[str, str]:
    """All that a role may open without naming a thing, searched too, and one's own review."""
    calls = open_to(pages, role)
    asked = [f"{path}?q={text}" if text else path for path in calls for text in SEARCHED]
    asked += [f"{path}?state=all" for path in calls]
    if role is Role.LEADERSHIP and review is not None:
        asked += [f"/reviews/{review}", f"/reviews/{review}/form", f"/reviews/{review}/comparison"]
    return {path: MOMENT.sub("", (await who.get(path)).text) for path in asked}


async def alike(pages: Workbench, desk: Desk, who: Mapping[Role, Browser], review: UUID) -> None:
    for role, browser in who.items():
        seen = await everything(pages, role, browser, review)
        async with no_second(desk):
            assert await everything(pages, role, browser, review) == seen, role
        assert any("unit-2" in text or "Sachgebiet" in text for text in seen.values())


async def test_no_page_list_count_search_or_file_tells_of_a_second_review(
    pages: Workbench, desk: Desk
) -> None:
    leader = Person(pages.accounts[Role.LEADERSHIP])
    who = {role: await pages.signed_in(role) for role in WHO}
    waiting = await desk.owner.fetchval(
        "SELECT id FROM controlling.review WHERE decision_id = $1 AND round = 1", decision_id(1)
    )
    await alike(pages, desk, who, waiting)
    first = await given(desk, leader, 1)
    await alike(pages, desk, who, first)
    await take(desk, leader, first)
    await asked_as_today(desk, first)
    await save(desk, leader, first, new("V1", "significant_error", comment="why"))
    await alike(pages, desk, who, first)


async def test_somebody_else_s_part_in_it_tells_neither_who_reviews_nor_who_assigns(
    pages: Workbench, desk: Desk
) -> None:
    """A second reviewer who begins changes nothing on any page of the first or the assigner."""
    leader = Person(pages.accounts[Role.LEADERSHIP])
    who = {role: await pages.signed_in(role) for role in WHO}
    first = await given(desk, leader, 1)
    second, _ = await somebody(desk, pages, "second")
    before = {role: await everything(pages, role, window, first) for role, window in who.items()}

    theirs = await given(desk, second, 1, a_round=2)
    await take(desk, second, theirs)
    await save(desk, second, theirs, new("V1", "significant_error", comment="why"))

    for role, window in who.items():
        assert await everything(pages, role, window, first) == before[role]


@pytest.mark.parametrize("role", WHO)
async def test_the_log_and_the_metrics_are_closed_to_them(pages: Workbench, role: Role) -> None:
    window = await pages.signed_in(role)
    for path, status in {"/audit": 403, "/audit/list.csv": 403, "/metrics": 404}.items():
        assert (await window.get(path)).status_code == status


def test_only_services_read_the_topic_that_says_what_is_reviewed_twice() -> None:
    readers = {
        name for name, user in declared_access().items() if Topic.REVIEW_EVENTS in user.reads
    }
    assert readers == {"notify"}
