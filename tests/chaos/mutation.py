"""`python -m tests.chaos.mutation dedupe_off serve controlling …`: the product with one fault.

The faults are those of the catalogue; `product` has none.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy.command_line import main as gleichfall
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Connection
from tests.mutants.catalogue import Harness, mutants

PRODUCT = "product"
SLOW = timedelta(milliseconds=100)
SLOW_SHARE = 0.05


def slow_commits(patch: pytest.MonkeyPatch) -> None:
    """Let some transactions commit after later ones, as on a busy disk: no fault of the product."""
    write = outbox.write

    async def write_and_wait(connection: Connection, records: Sequence[OutboxRecord]) -> Any:
        ids = await write(connection, records)
        if ids and random.random() < SLOW_SHARE:
            await asyncio.sleep(SLOW.total_seconds())
        return ids

    patch.setattr(outbox, "write", write_and_wait)


def main() -> None:
    faults = {str(mutant): mutant.breaks for mutant in mutants(Harness.STORM)}
    name = sys.argv.pop(1)
    patch = pytest.MonkeyPatch()
    slow_commits(patch)
    if name != PRODUCT:
        faults[name](patch)
    gleichfall()


if __name__ == "__main__":
    main()
