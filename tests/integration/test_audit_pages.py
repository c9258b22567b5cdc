"""Who saw a case: what a data-protection request asks, answered out of the log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import decision_id
from tests.integration.finding_helpers import account_of, raised
from tests.integration.review_form_helpers import taken
from tests.integration.workbench_helpers import Workbench, add, cells, workbench

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, schema) as pages:
        await add(schema, "second", Role.LEADERSHIP)
        await add(schema, "third", Role.LEADERSHIP)
        await schema.execute("UPDATE account SET unit = 'unit-2' WHERE login = 'unit_head'")
        yield pages


async def told_at_the_desk(pages: Workbench, case: str) -> None:
    """Somebody reads there what a case was told."""
    async with changing(pages.app.state.pool) as change:
        desk = pages.accounts[Role.FRONT_DESK]
        change.note(Entry(desk, Role.FRONT_DESK.value, Act.MESSAGES_READ, f"messages:{case}"))


async def test_a_case_finds_everybody_who_saw_it_and_nobody_else(pages: Workbench) -> None:
    number = await raised(pages, 1)
    head = await pages.signed_in(Role.UNIT_HEAD)
    assert (await head.get(f"/findings/{number}")).status_code == 200
    third = pages.browser()
    await third.sign_in("third")
    of_another = await taken(pages, await account_of(pages, "third"), number=2)
    assert (await third.get(f"/reviews/{of_another}/form")).status_code == 200
    cases = [
        await pages.pool.fetchval(
            "SELECT case_ref FROM decision WHERE decision_id = $1", decision_id(one)
        )
        for one in (1, 2)
    ]
    for case in cases:
        await told_at_the_desk(pages, case)

    auditor = await pages.signed_in(Role.AUDITOR)
    saw = {"Maria leadership", "Maria second", "Maria unit_head", "Maria front_desk"}
    for name in (cases[0], decision_id(1)):
        heads, *lines = cells(await auditor.get("/audit/list.csv", q=name))
        found = [dict(zip(heads, line, strict=True)) for line in lines]
        assert {one["Wer"] for one in found} == saw
        assert {f"Befund {number}", f"Entscheidung {decision_id(1).removeprefix('decision-')}"} <= {
            one["Was"] for one in found
        }
        page = (await auditor.get("/audit", q=name)).text
        assert all(who in page for who in saw)
        assert "Maria third" not in page
    lines = cells(await auditor.get("/audit/list.csv", q=cases[1]))[1:]
    assert {line[2] for line in lines} == {"Maria third", "Maria front_desk"}


async def test_messages_of_a_case_without_a_decision_are_found_by_the_case(
    pages: Workbench,
) -> None:
    case = f"case-{'z' * 26}"
    await told_at_the_desk(pages, case)
    auditor = await pages.signed_in(Role.AUDITOR)
    lines = cells(await auditor.get("/audit/list.csv", q=case))[1:]
    assert [line[2] for line in lines] == ["Maria front_desk"]
    assert "Dazu passt nichts." in (await auditor.get("/audit", q=f"case-{'y' * 26}")).text
