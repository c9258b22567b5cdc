"""Who may open what at the desk, and how people come to it."""

from pathlib import Path
from uuid import uuid4

import pytest

from deploy.desk.app import create_app
from deploy.desk.settings import Settings
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import Call, access_table
from services.controlling.accounts.account import Role
from services.controlling.entrance.navigation import AT_DESK
from services.controlling.workbench.app import create_app as create_workbench
from services.controlling.workbench.settings import Settings as WorkbenchSettings
from shared.security.secrets import SecretMissing
from tests.integration.desk.parts import Desk
from tests.integration.workbench_helpers import SAME_ORIGIN, Browser, Workbench

pytestmark = pytest.mark.stack

EVERYWHERE = {"/", "/{path:path}", "/scripts/{name}", "/sign-out"}
SETTLING = ("/operations/dead-letters", "/operations/held-items", "/operations/parked")


@pytest.fixture(scope="module")
async def browsers(standing: Desk) -> dict[Role, Browser]:
    """One for each role, signed in."""
    return {role: await standing.pages.signed_in(role) for role in Role}


def some(path: str) -> str:
    """A path with something in the place of each parameter."""
    return "/".join(str(uuid4()) if one.startswith("{") else one for one in path.split("/"))


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_what_the_table_allows_and_nothing_else(
    standing: Desk, browsers: dict[Role, Browser], role: Role
) -> None:
    for call, allowed in access_table(standing.pages.app).items():
        if call.path == "/sign-out":
            continue
        send = browsers[role].get if call.method == "GET" else browsers[role].post
        answer = await send(some(call.path))
        refused = answer.status_code == 403 and "Das dürfen Sie hier nicht" in answer.text
        assert refused is (role not in allowed), (call, answer.status_code)
        assert answer.status_code < 500, (call, answer.text)


def test_only_operations_settle_and_read_what_others_wrote(standing: Desk) -> None:
    table = access_table(standing.pages.app)
    inside = {call: roles for call, roles in table.items() if call.path.startswith(SETTLING)}
    assert len(inside) >= 10
    assert set(inside.values()) == {frozenset({Role.OPERATIONS})}


def test_what_leads_here_from_the_workbench_is_for_whom_the_page_is(standing: Desk) -> None:
    table = access_table(standing.pages.app)
    assert {one.path: table[Call("GET", one.path)] for one in AT_DESK} == {
        one.path: one.roles for one in AT_DESK
    }


async def test_who_is_not_signed_in_opens_nothing(standing: Desk) -> None:
    for call in access_table(standing.pages.app):
        nobody = standing.pages.browser()
        send = nobody.get if call.method == "GET" else nobody.post
        answer = await send(some(call.path))
        assert answer.status_code == (303 if call.method == "GET" else 401)


async def test_a_refused_try_is_in_the_log(standing: Desk, browsers: dict[Role, Browser]) -> None:
    await browsers[Role.AUDITOR].post(f"/operations/dead-letters/{uuid4()}/discard")
    [last] = await standing.owner.fetch(
        "SELECT act, account FROM controlling.audit ORDER BY number DESC LIMIT 1"
    )
    assert tuple(last) == ("refused", standing.pages.accounts[Role.AUDITOR])


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_forged_form_settles_nothing(desk: Desk, token: str) -> None:
    lost = await desk.gives_up()
    answer = await desk.operations.client.post(
        f"/operations/dead-letters/{lost.letter}/discard",
        data={"csrf": token, "reason": "forged"},
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 403
    assert await desk.states(lost.letter) == {("open", None, None)}


async def test_who_signed_in_at_the_workbench_is_known_at_the_desk_and_led_back(
    standing: Desk, stack: Addresses, secrets: Path
) -> None:
    app = create_workbench(
        WorkbenchSettings(
            database_url=stack.database_url,
            secrets_directory=secrets,
            desk_url="http://127.0.0.1:8084",
        )
    )
    async with app.router.lifespan_context(app):
        workbench = Workbench(app, standing.pages.pool, standing.pages.accounts)
        there = await workbench.signed_in(Role.OPERATIONS)
        assert 'href="http://127.0.0.1:8084/operations"' in (await there.get("/")).text
        here = standing.pages.browser()
        here.client.cookies = there.client.cookies
        page = await here.get("/operations")
        assert page.status_code == 200
        assert 'href="http://workbench.example/"' in page.text
        await here.client.post("/sign-out", data={"csrf": there.csrf}, headers=SAME_ORIGIN)
        assert (await there.get("/today")).status_code == 303, "signed out at both"


async def test_whose_pages_are_elsewhere_is_told_so(browsers: dict[Role, Browser]) -> None:
    page = await browsers[Role.LEADERSHIP].get("/")
    assert page.status_code == 200
    assert "Ihre Seiten stehen am Arbeitsplatz" in page.text


async def test_the_desk_may_read_nothing_that_is_about_people(standing: Desk) -> None:
    async with standing.owner.transaction():
        await standing.owner.execute("SET LOCAL ROLE gleichfall_desk")
        rows = await standing.owner.fetch(
            """
            SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
            WHERE table_schema IN ('intake', 'controlling', 'notify') AND table_name <> 'account'
              AND has_any_column_privilege(format('%I.%I', table_schema, table_name), 'SELECT')
            """
        )
    spine = {"migration", "outbox", "parked", "inbox", "stream_head", "dead_letter", "held_item"}
    own = {"controlling.session", "controlling.sign_in_attempt", "controlling.audit"}
    told = {"message", "task", "intervention", "submission", "case_recipient", "case_standing"}
    how_to_reach = {"contact", "contact_key", "bounce"}  # no address and no key among their columns
    told_of_all = {"controlling.reconciliation", "controlling.period"}
    assert {row["name"] for row in rows} == own | told_of_all | {
        f"{schema}.{table}" for schema in ("intake", "controlling", "notify") for table in spine
    } | {f"notify.{table}" for table in told | how_to_reach}


@pytest.mark.parametrize(
    ("table", "columns"),
    [("audit", {"number", "hash"}), ("period", {"key", "first_day", "simulated"})],
)
async def test_of_log_and_draws_the_desk_reads_what_it_tells_of_and_no_seed(
    standing: Desk, table: str, columns: set[str]
) -> None:
    rows = await standing.owner.fetch(
        """
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = 'controlling' AND table_name = $1
          AND has_column_privilege('gleichfall_desk', 'controlling.' || $1, column_name, 'SELECT')
        """,
        table,
    )
    assert {row["name"] for row in rows} == columns


def test_a_start_without_its_password_says_what_is_missing(tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://h/d", secrets_directory=tmp_path)
    with pytest.raises(SecretMissing, match="desk_database_password"):
        create_app(settings)
