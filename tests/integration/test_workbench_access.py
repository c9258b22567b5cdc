"""Every page of the workbench, tried by every role: what isn't allowed is refused, as a page."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import APIRouter

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.access import access_table
from services.controlling.accounts.account import Role
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.postgres.pool import Pool
from shared.web.access import Access, AccessUndeclared, requires
from tests.integration.workbench_helpers import SAME_ORIGIN, Browser, Workbench, workbench

pytestmark = pytest.mark.stack

EVERYWHERE = {
    ("GET", "/"),
    ("GET", "/{path:path}"),
    ("GET", "/scripts/{name}"),
    ("POST", "/sign-out"),
}


@pytest.fixture(scope="module")
async def pages(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, schema) as running:
        yield running


@pytest.fixture(scope="module")
async def browsers(pages: Workbench) -> dict[Role, Browser]:
    """One for each role, signed in."""
    return {role: await pages.signed_in(role) for role in Role}


def some(path: str) -> str:
    """A path with something in the place of each parameter."""
    parts = path.split("/")
    return "/".join(str(uuid4()) if part.startswith("{") else part for part in parts)


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_what_the_table_allows_and_nothing_else(
    pages: Workbench, browsers: dict[Role, Browser], role: Role
) -> None:
    for call, allowed in access_table(pages.app).items():
        if call.path == "/sign-out":
            continue
        send = browsers[role].get if call.method == "GET" else browsers[role].post
        answer = await send(some(call.path))
        refused = answer.status_code == 403 and "Das dürfen Sie hier nicht" in answer.text
        assert refused is (role not in allowed), (call, answer.status_code)
        assert answer.status_code < 500, (call, answer.text)


async def test_who_is_not_signed_in_opens_nothing(pages: Workbench) -> None:
    for call in access_table(pages.app):
        nobody = pages.browser()
        if call.method == "GET":
            answer = await nobody.get(some(call.path))
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in")
        else:
            answer = await nobody.post(some(call.path), {"text": "kept"})
            assert answer.status_code == 401
            assert 'name="kept.text" value="kept"' in answer.text


FOREIGN, UNSAID = "kam von einer fremden Seite", "sagt nicht, woher das Formular kam"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, FOREIGN),
        ({"Sec-Fetch-Site": "same-site"}, FOREIGN),
        ({"Sec-Fetch-Site": "none"}, FOREIGN),
        ({"Origin": "https://elsewhere.example"}, FOREIGN),
        ({"Origin": "null"}, FOREIGN),
        ({}, UNSAID),
    ],
)
async def test_a_form_of_another_page_changes_nothing(
    pages: Workbench, browsers: dict[Role, Browser], headers: dict[str, str], told: str
) -> None:
    admin = browsers[Role.ADMIN]
    path = f"/accounts/{pages.accounts[Role.AUDITOR]}/lock"
    answer = await admin.client.post(path, data={"csrf": admin.csrf}, headers=headers)
    assert answer.status_code == 403
    assert told in answer.text
    assert not await pages.pool.fetchval("SELECT true FROM account WHERE locked_at IS NOT NULL")


@pytest.mark.parametrize("token", ["", "0" * 64, None])
async def test_a_form_of_another_session_changes_nothing(
    pages: Workbench, browsers: dict[Role, Browser], token: str | None
) -> None:
    path = f"/accounts/{pages.accounts[Role.AUDITOR]}/lock"
    given = browsers[Role.LEADERSHIP].csrf if token is None else token
    answer = await browsers[Role.ADMIN].client.post(path, data={"csrf": given}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert ("kam nicht vollständig an" if token == "" else "früheren Anmeldung") in answer.text
    assert not await pages.pool.fetchval("SELECT true FROM account WHERE locked_at IS NOT NULL")


async def test_what_was_written_before_somebody_signed_in_anew_is_still_there(
    pages: Workbench, browsers: dict[Role, Browser]
) -> None:
    path = f"/accounts/{pages.accounts[Role.AUDITOR]}/lock"
    admin, noted = browsers[Role.ADMIN], "SELECT count(*) FROM audit"
    before = await pages.pool.fetchval(noted)
    sent = {"csrf": "0" * 64, "text": "<b>long</b>"}
    answer = await admin.client.post(
        path, data=sent, headers=SAME_ORIGIN | {"Referer": "http://127.0.0.1/accounts?q=a"}
    )
    assert answer.status_code == 403
    assert "Ihre Eingabe ist noch da" in answer.text
    assert f'<form method="post" action="{path}">' in answer.text
    assert f'name="csrf" value="{admin.csrf}"' in answer.text
    assert 'name="text" value="&lt;b&gt;long&lt;/b&gt;"' in answer.text
    assert 'href="/accounts?q=a"' in answer.text
    assert not await pages.pool.fetchval("SELECT true FROM account WHERE locked_at IS NOT NULL")
    assert await pages.pool.fetchval(noted) == before, "nobody tried what they may not"


async def test_a_browser_that_names_only_its_origin_is_let_pass(
    browsers: dict[Role, Browser],
) -> None:
    admin = browsers[Role.ADMIN]
    answer = await admin.client.post(
        f"/accounts/{uuid4()}/lock",
        data={"csrf": admin.csrf},
        headers={"Origin": "http://127.0.0.1"},
    )
    assert answer.status_code == 404


async def test_what_refuses_says_what_to_do(browsers: dict[Role, Browser]) -> None:
    admin = browsers[Role.ADMIN]
    unreadable = await admin.get("/accounts", role="nobody")
    assert "hinter dem Fragezeichen" in unreadable.text
    form = await admin.post("/accounts/x/lock", {"a": "b"})
    assert (form.status_code, "Ihre Eingabe steht dort noch" in form.text) == (422, True)
    method = await admin.get("/sign-out")
    assert "Diese Seite gibt es nicht" in method.text


async def test_operations_are_led_on(browsers: dict[Role, Browser]) -> None:
    page = (await browsers[Role.OPERATIONS].get("/")).text
    assert "gleichfall status" in page
    assert 'href="/readyz"' in page


def test_only_what_holds_no_case_is_for_every_role(pages: Workbench) -> None:
    for_all = {
        (call.method, call.path)
        for call, roles in access_table(pages.app).items()
        if roles == frozenset(Role)
    }
    assert for_all == EVERYWHERE


def test_who_keeps_accounts_sees_no_review(pages: Workbench) -> None:
    opened = {
        call.path
        for call, roles in access_table(pages.app).items()
        if Role.ADMIN in roles and (call.method, call.path) not in EVERYWHERE
    }
    assert {path.split("/")[1] for path in opened} == {"accounts"}


def test_a_page_that_names_no_role_stops_the_start(stack: Addresses, secrets: Path) -> None:
    app = create_app(Settings(database_url=stack.database_url, secrets_directory=secrets))
    router = APIRouter(dependencies=[requires(Access.SESSION)])

    @router.get("/forgotten")
    async def forgotten() -> None: ...

    app.include_router(router)
    with pytest.raises(AccessUndeclared, match="/forgotten"):
        access_table(app)


async def test_every_refusal_is_in_the_log(pages: Workbench, browsers: dict[Role, Browser]) -> None:
    await browsers[Role.OPERATIONS].get("/accounts")
    await browsers[Role.ADMIN].client.post("/sign-out", headers=SAME_ORIGIN)
    rows = await pages.pool.fetch(
        "SELECT account, act, object FROM audit ORDER BY number DESC LIMIT 2"
    )
    assert [tuple(row) for row in rows] == [
        (pages.accounts[Role.ADMIN], "refused", f"account:{pages.accounts[Role.ADMIN]}"),
        (pages.accounts[Role.OPERATIONS], "refused", "GET /accounts"),
    ]
