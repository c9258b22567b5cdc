"""Measures as people agree, carry out and read them, without script."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import access_table
from services.controlling.accounts.account import Role
from tests.integration.controlling_helpers import decided
from tests.integration.review_helpers import TODAY, Desk
from tests.integration.test_measures import AFTER, BEFORE, agreed, done, finding, reviewed
from tests.integration.workbench_helpers import Browser, Workbench, add, workbench

pytestmark = pytest.mark.stack


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.person(50)
        yield running


async def head_of(pages: Workbench, unit: str) -> Browser:
    """Somebody who heads a unit, at their browser."""
    account = await add(pages.pool, f"head-{unit}", Role.UNIT_HEAD, unit)
    browser = pages.browser()
    assert (await browser.sign_in(f"head-{unit}")).status_code == 303
    browser.csrf = await pages.pool.fetchval(
        "SELECT encode(csrf, 'hex') FROM session WHERE account = $1", account
    )
    return browser


def form(on: int, **changed: str) -> dict[str, str]:
    due = str(TODAY.replace(year=TODAY.year + 3))
    return {
        "on": str(on), "finding": str(on), "kind": "training", "title": "Anhörung üben",
        "owner": "unit_head", "unit": "unit-2", "due": due,
    } | changed  # fmt: skip


def test_who_may_do_what(pages: Workbench) -> None:
    agrees = {Role.LEADERSHIP, Role.CONTROLLING}
    may = {
        call: roles
        for call, roles in access_table(pages.app).items()
        if call.path.startswith("/measures")
    }
    assert {roles for call, roles in may.items() if call.method == "GET"} == {
        frozenset({*agrees, Role.UNIT_HEAD, Role.AUDITOR}),
        frozenset({*agrees, Role.UNIT_HEAD}),
        frozenset(agrees),
    }
    changing = {call.path: set(roles) for call, roles in may.items() if call.method == "POST"}
    assert changing == {
        "/measures": agrees,
        "/measures/{number}/done": {*agrees, Role.UNIT_HEAD},
        "/measures/{number}/drop": agrees,
        "/measures/{number}/check": agrees,
    }


async def test_from_a_finding_to_its_effect(pages: Workbench, desk: Desk) -> None:
    on = await finding(desk, 1)
    controller = await pages.signed_in(Role.CONTROLLING)
    asked = (await controller.get("/measures/new", finding=str(on))).text
    assert "Wurde die betroffene Person angehört" in asked
    kept = await controller.post("/measures", form(on))
    address = kept.headers["location"].split("?")[0]
    assert (await controller.post("/measures", form(on))).headers["location"].startswith(address)

    head = await head_of(pages, "unit-2")
    assert "Eine Maßnahme ist offen" in (await head.get("/measures")).text
    assert address in (await head.get("/measures", finding=str(on))).text
    assert address not in (await head.get("/measures", finding="999999")).text
    page = (await head.get(address)).text
    assert f'action="{address}/done"' in page
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = (await leader.get(address)).text
    assert f'href="{address}/done"' in page
    assert f'action="{address}/done"' not in page, "for others it asks first"
    asked = (await leader.get(f"{address}/done")).text
    assert "Diese Maßnahme erledigt: Sachgebietsleitung" in asked
    assert f'action="{address}/done"' in asked
    assert (await head.post(f"{address}/done")).headers["location"] == f"{address}?told=done"
    assert (await head.post(f"{address}/check")).status_code == 403

    assert (await controller.post(f"{address}/check")).status_code == 303
    few = (await controller.get(address, told="checked")).text
    assert "noch zu wenige" in few
    assert "<svg" not in few
    acts = [act for act in await desk.acts() if act.startswith("measure")]
    assert acts == ["measure_agreed", "measure_done", "measure_checked"]


async def test_what_became_of_the_rate_is_told_drawn_and_tabulated(
    pages: Workbench, desk: Desk
) -> None:
    await reviewed(desk, range(40), 12, BEFORE)
    await reviewed(desk, range(40, 80), 1, AFTER)
    number = await agreed(desk, await finding(desk, 1))
    await done(desk, number)
    leader = await pages.signed_in(Role.LEADERSHIP)
    await leader.post(f"/measures/{number}/check")
    page = (await leader.get(f"/measures/{number}")).text
    said = "Besser: Fehlerquote vorher 16,5–46,6 %, nachher 0–13,2 %."
    assert page.count(said) == 2
    assert "um 10,2 bis 44,3 Prozentpunkte gesunken" in page
    late = "Nicht jedes Los dieser Zeit stand vor seinem ersten Tag fest."
    assert late in page
    assert "Geprüft" in page
    table = (await leader.get("/measures/list.csv", state="checked")).text
    assert table.splitlines()[1].endswith(";besser")
    await pages.pool.execute("UPDATE period SET opened_at = first_day - 20")
    assert late not in (await leader.get(f"/measures/{number}")).text


async def test_what_has_no_answer_stands_beside_and_takes_the_word_back(
    pages: Workbench, desk: Desk
) -> None:
    await reviewed(desk, range(40), 12, BEFORE)
    await reviewed(desk, range(40, 80), 1, AFTER)
    await desk.drawn(
        *(decided(number, AFTER, unit="unit-2", direction="adverse") for number in range(80, 110))
    )
    number = await agreed(desk, await finding(desk, 1))
    await done(desk, number)
    leader = await pages.signed_in(Role.LEADERSHIP)
    await leader.post(f"/measures/{number}/check")
    page = (await leader.get(f"/measures/{number}")).text
    assert "Kein Unterschied gezeigt: vorher 16,5–46,6 %, nachher 0–13,2 %." in page
    assert "Allein nach den geprüften Entscheidungen wäre ein Unterschied gezeigt." in page
    assert "1,4–44,3 %" in page


async def test_a_unit_sees_its_own_measures_and_everybodys(pages: Workbench, desk: Desk) -> None:
    on = await finding(desk, 1)
    own, everybodys = await agreed(desk, on), await agreed(desk, on, unit=None)
    other = await head_of(pages, "unit-1")
    assert (await other.get(f"/measures/{own}")).status_code == 404
    assert (await other.post(f"/measures/{own}/done")).status_code == 404
    assert (await other.get(f"/measures/{own}/done")).status_code == 404
    assert (await other.get(f"/measures/{everybodys + 1}")).status_code == 404
    account = await pages.pool.fetchval("SELECT id FROM account WHERE login = 'head-unit-1'")
    assert await pages.refused(account) == [
        f"GET /measures/{own}", f"POST /measures/{own}/done", f"GET /measures/{own}/done",
        f"GET /measures/{everybodys + 1}",
    ]  # fmt: skip
    assert (await other.get(f"/measures/{everybodys}/done")).status_code == 303
    page = await other.get(f"/measures/{everybodys}")
    assert page.status_code == 200
    assert "Als erledigt melden" not in page.text
    assert "Befund 1" not in page.text
    assert (await other.post(f"/measures/{everybodys}/done")).status_code == 404
    listed = (await other.get("/measures")).text
    assert f"/measures/{everybodys}" in listed
    assert f'/measures/{own}"' not in listed
    assert len((await other.get("/measures/list.csv")).text.splitlines()) == 2
    assert f"/measures/{everybodys}" not in (await other.get("/measures", finding=str(on))).text
    asked = await other.get("/measures/list.csv", finding=str(on))
    assert len(asked.text.splitlines()) == 1, "what another unit's finding led to isn't told"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"title": " "}, "title"),
        ({"owner": "auditor"}, "owner"),
        ({"unit": ""}, "unit"),
        ({"unit": "unit-77"}, "unit"),
        ({"due": "2020-01-01"}, "due"),
        ({"finding": "999999"}, "finding"),
    ],
)
async def test_what_is_to_be_mended_is_named_at_its_field(
    pages: Workbench, desk: Desk, changed: dict[str, str], field: str
) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    answer = await controller.post("/measures", form(await finding(desk, 1), **changed))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text


async def test_bad_input_is_a_page_and_changes_nothing(pages: Workbench, desk: Desk) -> None:
    on = await finding(desk, 1)
    controller = await pages.signed_in(Role.CONTROLLING)
    for path in ("/measures/999999", "/measures/new?finding=999999"):
        assert (await controller.client.get(path)).status_code == 404
    for path in ("/measures/0", "/measures/x", "/measures/new", "/measures?state=x"):
        assert (await controller.client.get(path)).status_code == 422
    assert (await controller.post("/measures", form(on, kind="bribe"))).status_code == 422
    titled = form(on, title="Herr Müller soll üben")
    assert "<mark>Herr Müller</mark>" in (await controller.post("/measures", titled)).text
    number = await agreed(desk, on)
    assert (await controller.post(f"/measures/{number}/check")).status_code == 409
    told = await controller.post(f"/measures/{number}/drop", {"reason": ""})
    assert told.headers["location"].endswith("told=reason")
    named = {"reason": "Frau Kaya hat schon geübt"}
    asked = await controller.post(f"/measures/{number}/drop", named)
    assert (asked.status_code, "<mark>Frau Kaya</mark>" in asked.text) == (422, True)
    auditor = await pages.signed_in(Role.AUDITOR)
    assert (await auditor.get(f"/measures/{number}")).status_code == 200
    assert (await auditor.post(f"/measures/{number}/done")).status_code == 403
    assert await desk.owner.fetchval("SELECT count(*) FROM controlling.measure") == 1


@pytest.mark.parametrize("sort", ["due", "-number"])
async def test_a_long_list_is_found_page_by_page_and_taken_whole(
    pages: Workbench, desk: Desk, sort: str
) -> None:
    await desk.owner.execute(
        "INSERT INTO controlling.measure (kind, title, owner, question, due, state, agreed_at)"
        " SELECT 'training', '=' || n, 'controlling', 'V1', date '2026-01-01' + n % 7, 'agreed',"
        " now() FROM generate_series(1, 120) AS n"
    )
    leader = await pages.signed_in(Role.LEADERSHIP)
    seen: list[str] = []
    address: str | None = f"/measures?sort={sort}&kind=training"
    while address is not None:
        page = (await leader.client.get(address)).text
        seen += re.findall(r'href="/measures/(\d+)"', page)
        further = re.search(r'href="(/measures\?[^"]+)"[^>]*rel="next"', page)
        address = further and further[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    table = (await leader.get("/measures/list.csv")).text.splitlines()
    assert len(table) == 121
    assert all(";'=" in line for line in table[1:])
    assert "Dazu passt nichts." in (await leader.get("/measures", q="gibt es nicht")).text
    assert (await desk.acts())[-1] == "exported"
