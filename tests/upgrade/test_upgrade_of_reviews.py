"""An upgrade keeps reviews, findings, measures and the log, and who is in the midst goes on."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.postgres.migrations import migrate
from shared.web.sign_in.local import hash_password
from tests.integration.workbench_helpers import ADDRESS, PASSWORD, Browser
from tests.upgrade.left_behind import calling, contents, lay_out_secrets, restore

pytestmark = pytest.mark.stack

RELEASE = "562a7d8"


@pytest.fixture(scope="module")
async def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out_secrets(tmp_path_factory.mktemp("secrets"), RELEASE)


@pytest.fixture(scope="module")
async def rows(stack: Addresses, secrets: Path) -> Mapping[str, tuple[int, int]]:
    """How many rows each table had, and has after the upgrade."""
    url = await restore(stack, RELEASE)
    before = await contents(url)
    await migrate(url, secrets)
    after = await contents(url)
    return {name: (count, after[name]) for name, count in before.items()}


@pytest.fixture
async def operator(
    stack: Addresses, rows: Mapping[str, tuple[int, int]]
) -> AsyncIterator[asyncpg.Connection]:
    """The upgraded database, as its operator sees it."""
    url = stack.database_url.rpartition("/")[0] + "/upgrade"
    owner = await asyncpg.connect(url, server_settings={"search_path": "controlling"})
    yield owner
    await owner.close()


def test_no_row_is_lost(rows: Mapping[str, tuple[int, int]]) -> None:
    for name, (before, after) in rows.items():
        if not name.endswith(".migration"):
            assert (name, after) == (name, before)
    for name in (
        *("review", "answer", "finding", "finding_step", "measure", "guidance", "audit"),
        *("account", "recusal", "released_review", "register_block", "register_head"),
        *("case_event", "service_fact", "service_figure", "service_alarm"),
    ):
        assert rows[f"controlling.{name}"][0] > 0, f"{name} proves nothing"


async def test_a_review_under_way_is_answered_and_signed(
    stack: Addresses, secrets: Path, operator: asyncpg.Connection
) -> None:
    """Whoever had begun before the upgrade finds each answer, gives the rest, and signs."""
    [(review, login, account)] = await operator.fetch(
        "SELECT review.id, login, account.id FROM review JOIN account ON account.id = account"
        " WHERE state = 'in_review' ORDER BY review.id LIMIT 1"
    )
    await operator.execute(
        "UPDATE account SET password_hash = $2 WHERE id = $1", account, hash_password(PASSWORD)
    )
    url = stack.database_url.rpartition("/")[0] + "/upgrade"
    app = create_app(Settings(database_url=url, secrets_directory=secrets))
    async with app.router.lifespan_context(app):
        me = Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS))
        assert (await me.sign_in(login)).status_code == 303
        me.csrf = await operator.fetchval(
            "SELECT encode(csrf, 'hex') FROM session WHERE account = $1", account
        )
        page = (await me.get(f"/reviews/{review}/form")).text
        given = await operator.fetch(
            "SELECT question, max(version) AS version FROM answer WHERE review = $1 GROUP BY 1",
            review,
        )
        versions = {row["question"]: row["version"] for row in given}
        for code in set(re.findall(r"(?:form\?q=|/answers/)([A-Za-z0-9_]+)", page)):
            answer = {"grade": "correct", "comment": "Akte gelesen"}
            answer["based_on"] = str(versions.get(code, 0))
            kept = await me.post(f"/reviews/{review}/answers/{code}", answer)
            assert kept.status_code == 303, kept.text
        done = await me.post(f"/reviews/{review}/sign", {"confirmed": "true"})
        assert done.headers["location"].endswith("done=signed"), done.headers
    assert await operator.fetchval("SELECT state FROM review WHERE id = $1", review) == "signed"


async def test_the_log_is_still_one_chain(
    stack: Addresses, secrets: Path, operator: asyncpg.Connection
) -> None:
    command = calling(stack.database_url.rpartition("/")[0] + "/upgrade", secrets, stack)
    assert "each entry follows on the one before it" in await command("audit", "verify")
