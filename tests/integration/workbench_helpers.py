"""The workbench as people use it: who signs in with which role, and what their browser sends."""

import csv
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.controlling.accounts import store
from services.controlling.accounts.access import access_table
from services.controlling.accounts.account import Role
from services.controlling.accounts.joining import Joining
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.postgres.pool import Pool
from shared.web.sign_in.local import hash_password

ADDRESS = "http://127.0.0.1"
PASSWORD = "correct horse"
_HASH = hash_password(PASSWORD)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Browser:
    """Somebody's browser: keeps cookies, follows nothing by itself, says where forms come from."""

    client: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **options: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, params=options)

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """Send a form of one of our pages."""
        fields = {"csrf": self.csrf} | dict(form or {})
        return await self.client.post(path, data=fields, headers=SAME_ORIGIN | headers)

    async def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Send the form on which one signs in."""
        return await self.post("/sign-in", {"login": login, "password": password} | fields)


@dataclass(frozen=True)
class Workbench:
    """The running pages, and the accounts of all roles."""

    app: FastAPI
    pool: Pool
    accounts: Mapping[Role, UUID]

    def browser(self, address: str = ADDRESS) -> Browser:
        """Give a browser in which nobody is signed in."""
        transport = httpx.ASGITransport(self.app)
        return Browser(httpx.AsyncClient(transport=transport, base_url=address))

    async def signed_in(self, role: Role) -> Browser:
        """Give a browser in which somebody with a role is signed in."""
        browser = self.browser()
        answer = await browser.sign_in(role.value)
        assert answer.status_code == 303, answer.text
        browser.csrf = await self.pool.fetchval(
            "SELECT encode(csrf, 'hex') FROM session WHERE account = $1 ORDER BY created_at DESC",
            self.accounts[role],
        )
        return browser

    async def refused(self, account: UUID) -> list[str]:
        """Tell what somebody tried in vain, as the log has it."""
        rows = await self.pool.fetch(
            "SELECT object FROM audit WHERE act = 'refused' AND account = $1 ORDER BY number",
            account,
        )
        return [row["object"] for row in rows]


def cells(answer: httpx.Response, separator: str = ";") -> list[list[str]]:
    """Read a list that was taken as a file, its heads first; by itself as a German page has it."""
    assert answer.status_code == 200, answer.text
    mark, text = answer.text[:1], answer.text[1:]
    assert mark == "\ufeff"
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator))


def open_to(running: Workbench, role: Role) -> list[str]:
    """Give all that a role may open without naming a thing."""
    return [
        call.path
        for call, roles in access_table(running.app).items()
        if call.method == "GET" and role in roles and "{" not in call.path
    ]


@asynccontextmanager
async def workbench(
    database_url: str, secrets: Path, pool: Pool, **settings: object
) -> AsyncIterator[Workbench]:
    """Run the pages with an account for each role; `pool` is controlling's own."""
    app = create_app(
        Settings(database_url=database_url, secrets_directory=secrets, **settings)  # type: ignore[arg-type]
    )
    async with peopled(app, pool) as running:
        yield running


@asynccontextmanager
async def peopled(app: FastAPI, pool: Pool) -> AsyncIterator[Workbench]:
    """Run an application at which people sign in, with an account for each role."""
    accounts = {role: await add(pool, role.value, role) for role in Role}
    async with app.router.lifespan_context(app):
        yield Workbench(app, pool, accounts)


async def add(pool: Pool, login: str, role: Role, unit: str | None = "unit-1") -> UUID:
    """Give somebody an account with the password of all tests."""
    joining = Joining(login, f"Maria {login}", role, unit, password_hash=_HASH)
    async with pool.acquire() as connection:
        return await store.add(connection, joining, datetime.now(UTC))
