"""The clients of the guide speak with a real intake, and lose nothing while it can't take it."""

import asyncio
from pathlib import Path

import pytest

from tests.clients import CLIENTS, JAVASCRIPT, PYTHON, environment, write_secrets
from tests.integration.intake.door import TOKEN, Notify, Service
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack


async def run(client: list[str], file: str, intake: Service, secrets: Path) -> str:
    """Run a client to its end; give what it said."""
    write_secrets(secrets, TOKEN)
    process = await asyncio.create_subprocess_exec(
        *client,
        file,
        env=environment(intake.url, secrets),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_sends_a_contact_and_two_events_and_reads_their_receipts(
    client: list[str], intake: Service, notify: Notify, tmp_path: Path
) -> None:
    before = len(notify.taken)
    file = f"sent by {Path(client[1]).name}"

    first = await run(client, file, intake, tmp_path)
    again = await run(client, file, intake, tmp_path)

    assert first.count("'accepted'") == 2, first
    assert again.count("duplicate") == 2, again
    assert first.count("published") == 2
    assert len(notify.taken) == before + 2


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_waits_while_notify_is_away(
    client: list[str], intake: Service, notify: Notify, tmp_path: Path
) -> None:
    asked = len(notify.asked)
    notify.status = 503
    running = asyncio.create_task(run(client, f"late {client[1]}", intake, tmp_path))
    try:
        async with asyncio.timeout(PATIENCE):
            while len(notify.asked) == asked and not running.done():
                await asyncio.sleep(0.05)
    finally:
        notify.status = 202

    said = await running

    assert said.count("published") == 2


async def test_both_clients_state_the_same_facts(intake: Service, tmp_path: Path) -> None:
    """So that whoever changes from one to the other sends nothing twice."""
    first = await run(PYTHON, "4711/2026", intake, tmp_path)
    second = await run(JAVASCRIPT, "4711/2026", intake, tmp_path)

    assert first.count("'accepted'") == 2
    assert second.count("duplicate") == 2
