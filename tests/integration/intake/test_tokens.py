"""Tokens come and go while intake runs."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.figures import scraped
from tests.integration.intake.door import PHONE, Service, decision, send
from tests.integration.spine_helpers import gleichfall
from tests.patience import PATIENCE
from tests.runbooks import Follow, Said, console

pytestmark = pytest.mark.stack


async def until(intake: Service, token: str, fits: Callable[[int], bool]) -> int:
    call = decision("hotline-115") | {
        "type": "gleichfall.call.received.v1",
        "source": PHONE,
        "data": {"line": "hotline-115"},
    }
    async with asyncio.timeout(PATIENCE), intake.client(token) as client:
        while not fits(status := (await send(client, call)).status_code):
            await asyncio.sleep(0.5)
    return status


async def test_a_token_is_made_used_and_revoked_without_a_restart(
    intake: Service, environment: dict[str, str], database: asyncpg.Connection
) -> None:
    code, made, told = await gleichfall(
        environment, "tokens", "create", "phone", "--ends", "2099-12-31"
    )
    assert code == 0, told
    token, name = made.strip(), told.split()[1]
    kept = await database.fetchrow("SELECT * FROM source_token WHERE id::text = $1", name)
    assert kept is not None
    assert token not in str(dict(kept))
    assert await until(intake, token, lambda status: status != 401) == 202

    async with asyncio.timeout(PATIENCE):
        while not (shown := await listed(environment, name))["last_used"]:
            await asyncio.sleep(1)
    assert (shown["system"], shown["state"]) == ("phone", "usable")
    assert token not in json.dumps(shown)

    assert (await gleichfall(environment, "tokens", "revoke", name))[0] == 0
    assert await until(intake, token, lambda status: status != 202) == 401
    assert (await gleichfall(environment, "tokens", "revoke", name))[0] == 1
    log = await asyncio.to_thread(Path(environment["GLEICHFALL_SECURITY_LOG"]).read_text)
    acts = [json.loads(line) for line in log.splitlines() if name in line]
    assert [one["reason"] for one in acts] == ["token created", "token revoked"]
    assert token not in log


async def listed(environment: dict[str, str], name: str) -> dict[str, Any]:
    """Give a token as operators see it."""
    _, told, _ = await gleichfall(environment, "tokens", "list", "--json")
    [found] = [one for one in json.loads(told) if one["id"] == name]
    return dict(found)


async def test_a_system_whose_token_has_ended_is_seen_and_gets_a_new_one(
    intake: Service, environment: dict[str, str], follow: Follow
) -> None:
    call, printed = console(environment), list[str]()

    async def noted(words: Sequence[str]) -> Said:
        printed.append((said := await call(words)).text)
        return said

    told, token, *_ = (await call(("tokens", "create", "phone"))).text.splitlines()
    assert await until(intake, token, lambda status: status != 401) == 202
    old = told.split()[1]
    figures = scraped({"intake": intake.figures})
    runbook = await follow("StrangersRefused", noted, figures, SYSTEM="phone")
    await call(("tokens", "revoke", old))
    for _ in range(2):
        assert await until(intake, token, lambda status: status != 202) == 401

    await runbook.look()
    await runbook.do(rf"{old}\W+phone\W.*revoked", "of phone, without end; shown once")
    assert await until(intake, printed[-1].splitlines()[-1], lambda status: status != 401) == 202
    await runbook.prove()


async def test_a_token_is_for_a_system_that_is_described(environment: dict[str, str]) -> None:
    code, _, told = await gleichfall(environment, "tokens", "create", "telephone")
    assert code == 1
    assert "describes no system telephone" in told
