"""`python -m tests.upgrade.fill COMMIT`: let a release fill a database, and keep what it left.

The release's own `gleichfall run` plays two simulated weeks of an invented authority. Then a record
that nobody can read is published, and one behind it in its case, so that there are dead letters
and parked events. What the database holds in the end is written to `COMMIT.sql.xz`, and the keys
that it was sealed with to `COMMIT.json`: they guard nothing else.
"""

import argparse
import asyncio
import json
import lzma
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import asyncpg

from deploy.local.folder import CHECKOUT
from deploy.local.postgres import binaries
from shared.configuration.places import SERVICES
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import new_event
from shared.events.registry import Topic
from shared.events.vocabulary import IntakeChannel
from shared.postgres import outbox
from shared.security.secrets import SecretName, SecretStore
from tests.patience import PATIENCE

HERE = Path(__file__).parent
WORK = CHECKOUT.root / "upgrade"
KEYS = (SecretName.SEED_ENCRYPTION_KEY, SecretName.CONTACT_MASTER_KEY, SecretName.DRAW_SIGNING_KEY)
HOW = ("--no-owner", "--inserts", "--rows-per-insert=500")
SETTLED = """
SELECT NOT EXISTS (SELECT FROM intake.outbox UNION ALL SELECT FROM controlling.outbox
                   UNION ALL SELECT FROM notify.outbox)
   AND EXISTS (SELECT FROM controlling.parked) AND EXISTS (SELECT FROM notify.parked)
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.upgrade.fill", description=__doc__)
    parser.add_argument("commit")
    commit = parser.parse_args().commit
    code, stack = WORK / commit, WORK / "stack"
    if not code.exists():
        subprocess.run(["git", "worktree", "add", "--detach", code, commit], check=True)
    release = os.environ | {"PYTHONPATH": str(code), "GLEICHFALL_STACK_DIR": str(stack)}
    try:
        call(code, release, "run", "--once", "--weeks", "2", "--rate", "0.4")
        call(code, release, "up", "--detach")
        try:
            keep(commit, stack)
        finally:
            call(code, release, "down")
    finally:
        shutil.rmtree(stack, ignore_errors=True)
        subprocess.run(["git", "worktree", "remove", "--force", code], check=True)


def call(code: Path, environment: Mapping[str, str], *words: str) -> None:
    """Run a command of the release."""
    command = [sys.executable, "-m", "deploy.command_line", *words]
    subprocess.run(command, cwd=code, env=environment, check=True)


def keep(commit: str, stack: Path) -> None:
    """Write down what the database of a running stack holds."""
    secrets = SecretStore(stack / "secrets")
    password = secrets.text(SecretName.OWNER_DATABASE_PASSWORD).get_secret_value()
    addresses = json.loads((stack / "stack.json").read_text())["addresses"]
    database_url = addresses["postgres"].replace("@", f":{quote(password)}@", 1)
    asyncio.run(spoil(database_url))
    schemas = [f"--schema={name}" for name in SERVICES]
    dump = subprocess.run(
        [binaries() / "pg_dump", *HOW, *schemas, database_url],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    lines = (one for one in dump.stdout.splitlines() if not one.startswith(("\\", "--")))
    text = "\n".join(one for one in lines if one).encode()
    (HERE / f"{commit}.sql.xz").write_bytes(lzma.compress(text, preset=9))
    keys = {name.value: secrets.text(name).get_secret_value() for name in KEYS}
    (HERE / f"{commit}.json").write_text(json.dumps(keys, indent=2) + "\n")


async def spoil(database_url: str) -> None:
    """Have a record published that nobody can read, and one that comes after it."""
    facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="permit", unit="unit-1")
    owner = await asyncpg.connect(database_url)
    await owner.execute("SET search_path = intake")
    query = "SELECT subject FROM stream_head WHERE topic = $1 ORDER BY subject LIMIT 1"
    case = await owner.fetchval(query, Topic.CASE_EVENTS.value)
    events = [
        new_event("urn:gleichfall:test", case, facts, time=datetime.now(UTC)) for _ in range(2)
    ]
    async with owner.transaction():
        broken, good = map(outbox.record, await outbox.number(owner, events))
        await outbox.write(owner, [broken._replace(value=b"{"), good])
    async with asyncio.timeout(PATIENCE):
        while not await owner.fetchval(SETTLED):
            await asyncio.sleep(0.1)
    await owner.close()


if __name__ == "__main__":
    main()
