"""Whose things a role may open and change: a table, held against the routes, and tried by each."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from httpx import Response

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import access_table
from services.controlling.accounts.account import Role
from shared.postgres.pool import Pool
from tests.integration.finding_helpers import WRONG, account_of, raised, reviewed, signs
from tests.integration.review_form_helpers import taken
from tests.integration.workbench_helpers import Browser, Workbench, add, workbench

pytestmark = pytest.mark.stack


class Whose(StrEnum):
    """Of whom somebody may open a thing: everybody's, or only what is theirs or their unit's."""

    ALL = "all"
    OWN = "own"


class Row(NamedTuple):
    """What a route does with one thing.

    Attributes:
        may: Whose things each role may open; others open none.
        state: How far the thing has come on which it is tried.
        form: What is sent.
    """

    may: Mapping[Role, Whose]
    state: str = ""
    form: Mapping[str, str] = {}


REVIEWER = {Role.LEADERSHIP: Whose.OWN}
DECIDES = {Role.LEADERSHIP: Whose.ALL, Role.CONTROLLING: Whose.ALL}
WORKS = DECIDES | {Role.UNIT_HEAD: Whose.OWN}
READS = WORKS | {Role.AUDITOR: Whose.ALL}
KEEPS = {Role.ADMIN: Whose.ALL}
LEARNS = dict.fromkeys((*READS, Role.STAFF_COUNCIL), Whose.ALL)
WHY = {"reason": "Urlaub"}
NEXT_WEEK = datetime.now(UTC).date() + timedelta(days=7)
TABLE: Mapping[str, Row] = {
    "GET /reviews/{review_id}": Row(REVIEWER, "assigned"),
    "POST /reviews/{review_id}/take": Row(REVIEWER, "assigned"),
    "POST /reviews/{review_id}/decline": Row(REVIEWER, "assigned", WHY),
    "POST /reviews/{review_id}/hand-back": Row(REVIEWER, "in_review", WHY),
    "POST /reviews/{review_id}/hold": Row(
        REVIEWER, "in_review", {"reason": "Akte fehlt", "until": f"{NEXT_WEEK}"}
    ),
    "POST /reviews/{review_id}/resume": Row(REVIEWER, "in_review"),
    "GET /reviews/{review_id}/form": Row(REVIEWER, "in_review"),
    "POST /reviews/{review_id}/answers/{code}": Row(
        REVIEWER, "in_review", {"grade": "correct", "comment": "", "based_on": "0"}
    ),
    "POST /reviews/{review_id}/sign": Row(REVIEWER, "in_review"),
    "POST /reviews/{review_id}/file": Row(REVIEWER, "in_review"),
    "POST /reviews/{review_id}/reopen": Row(REVIEWER, "signed", WHY),
    "GET /reviews/{review_id}/comparison": Row(REVIEWER, "settled"),
    "GET /findings/{number}": Row(READS, "raised"),
    "POST /findings/{number}/reply": Row(
        {Role.UNIT_HEAD: Whose.OWN},
        "raised",
        {"step": "agree", "text": "", "day": "", "based_on": "1"},
    ),
    "POST /findings/{number}/settle": Row({Role.LEADERSHIP: Whose.ALL}),
    "GET /measures/{number}": Row(READS, "agreed"),
    "GET /measures/{number}/done": Row(WORKS, "agreed"),
    "POST /measures/{number}/done": Row(WORKS, "agreed"),
    "POST /measures/{number}/drop": Row(DECIDES),
    "POST /measures/{number}/check": Row(DECIDES),
    "GET /guidance/{key}": Row(LEARNS),
    "GET /guidance/{key}/edit": Row(DECIDES),
    "POST /guidance/{key}": Row(DECIDES),
    "GET /accounts/{account}/lock": Row(KEEPS),
    "POST /accounts/{account}/lock": Row(KEEPS),
    "POST /accounts/{account}/unlock": Row(KEEPS),
}
OF_NOBODY = {"GET /scripts/{name}", "GET /{path:path}"}
OWN = [
    pytest.param(call, role, id=f"{call} by {role}")
    for call, row in TABLE.items()
    for role, whose in row.may.items()
    if whose is Whose.OWN
]
NOTHING, MINE, THEIRS = 0, 1, 2
"""Numbers of decisions: of none, of whoever tries, of somebody else."""


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(
        stack.database_url, secrets, schema, file_url="https://vis.example/akte/{dataref}"
    ) as pages:
        await schema.execute("UPDATE account SET unit = 'unit-2' WHERE login = 'unit_head'")
        await add(schema, "second", Role.LEADERSHIP)
        await add(schema, "third", Role.LEADERSHIP)
        yield pages


@pytest.fixture(scope="module")
async def browsers(running: Workbench) -> Mapping[Role, Browser]:
    """Those who may open only what is their own, signed in."""
    return {role: await running.signed_in(role) for role in (Role.LEADERSHIP, Role.UNIT_HEAD)}


async def review(pages: Workbench, state: str, number: int) -> UUID:
    """A review of a decision, which somebody has: whoever tries, or another reviewer."""
    login = "leadership" if number == MINE else "third"
    account = await account_of(pages, login)
    if state == "settled":
        await reviewed(pages, number, 2)
    found = await taken(pages, account, number=number, takes=state != "assigned")
    if state in {"signed", "settled"}:
        await signs(pages, account, found, WRONG, "correct")
    return found


async def thing(pages: Workbench, call: str, number: int) -> str:
    """The address of one thing; of 0, of what there isn't."""
    path, state = call.split(" ")[1], TABLE[call].state
    if number == NOTHING:
        found: object = uuid4() if path.startswith("/reviews") else 4711
    elif path.startswith("/reviews"):
        found = await review(pages, state, number)
    else:
        found = await raised(pages, number)
        if number == THEIRS:
            await pages.pool.execute("UPDATE finding SET unit = 'unit-3' WHERE number = $1", found)
        if path.startswith("/measures"):
            found = await pages.pool.fetchval(
                "INSERT INTO measure (kind, title, owner, unit, question, due, state, agreed_at)"
                " SELECT 'training', 'Kurs', 'unit_head', unit, question, due, 'agreed', raised_at"
                " FROM finding WHERE number = $1 RETURNING number",
                found,
            )
    parts = path.replace("{code}", "Z1").split("/")
    return "/".join(str(found) if part.startswith("{") else part for part in parts)


async def trying(who: Browser, call: str, address: str) -> Response:
    method = call.split(" ", maxsplit=1)[0]
    form = TABLE[call].form
    return await (who.get(address) if method == "GET" else who.post(address, form))


def test_the_table_names_every_route_to_a_thing_and_its_roles(running: Workbench) -> None:
    declared = {
        f"{call.method} {call.path}": set(roles)
        for call, roles in access_table(running.app).items()
        if "{" in call.path
    }
    assert {call: roles for call, roles in declared.items() if call not in OF_NOBODY} == {
        call: set(row.may) for call, row in TABLE.items()
    }


@pytest.mark.parametrize(("call", "role"), OWN)
async def test_what_is_not_ones_own_is_refused_and_noted_as_what_there_is_not(
    pages: Workbench, browsers: Mapping[Role, Browser], call: str, role: Role
) -> None:
    addresses = [await thing(pages, call, number) for number in (THEIRS, NOTHING)]
    before = await state_of_all(pages)
    noted = await pages.refused(pages.accounts[role])
    theirs, nothing = [await trying(browsers[role], call, one) for one in addresses]
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    assert theirs.text == nothing.text
    assert await state_of_all(pages) == before
    method = call.split(" ", maxsplit=1)[0]
    tried = [f"{method} {address}" for address in addresses]
    assert await pages.refused(pages.accounts[role]) == [*noted, *tried]


@pytest.mark.parametrize(("call", "role"), OWN)
async def test_what_is_ones_own_can_be_opened_and_changed(
    pages: Workbench, browsers: Mapping[Role, Browser], call: str, role: Role
) -> None:
    mine = await thing(pages, call, MINE)
    answer = await trying(browsers[role], call, mine)
    assert answer.status_code not in {403, 404, 422}


async def state_of_all(pages: Workbench) -> list[object]:
    """All that could have been changed."""
    return [
        await pages.pool.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("review", "answer", "finding", "finding_step", "measure")
    ]
