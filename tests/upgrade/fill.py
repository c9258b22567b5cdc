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

FOUND = """
WITH one AS (
    SELECT decision_id, review.unit, type_code FROM review JOIN decision USING (decision_id)
    WHERE state IN ('signed', 'closed') ORDER BY review.id LIMIT 1
), raised AS (
    INSERT INTO finding (decision_id, question, norm, asked, severity, unit, type_code, state,
        raised_at, due)
    SELECT decision_id, 'S1', '§ 39 VwVfG', '{}', 'significant_error', unit, type_code, 'raised',
        now(), current_date + 30 FROM one
    ON CONFLICT DO NOTHING RETURNING number, unit
), step AS (
    INSERT INTO finding_step (finding, position, kind, text, at)
    SELECT number, 1, 'raise', 'Die Gründe fehlen.', now() FROM raised
), agreed AS (
    INSERT INTO measure (kind, title, owner, unit, question, due, state, agreed_at)
    SELECT 'training', 'Begründen üben', 'unit_head', unit, 'S1', current_date + 90, 'agreed', now()
    FROM raised RETURNING number
)
INSERT INTO measure_finding (measure, finding)
SELECT agreed.number, raised.number FROM agreed, raised
"""
"""A finding and a measure: invented reviewers don't find something in each run."""
BEGUN = """
UPDATE review SET state = 'in_review', signed_at = NULL, reason = 'Versehen', version = version + 1
WHERE id = (SELECT id FROM review WHERE state = 'signed' AND NOT EXISTS (
        SELECT FROM review AS other WHERE other.decision_id = review.decision_id
          AND other.id <> review.id)
    ORDER BY id DESC LIMIT 1)
"""
"""A review that was signed and is open again: some runs leave none under way."""


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
    await owner.execute(f"SET search_path = controlling; {FOUND}; {BEGUN}")
    await owner.close()


if __name__ == "__main__":
    main()
