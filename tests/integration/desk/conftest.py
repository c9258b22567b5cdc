"""The running desk; `desk` has nothing of earlier tests in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from shared.configuration.places import SERVICES
from shared.postgres.pool import Pool
from tests.integration.desk import parts
from tests.integration.desk.parts import Desk

_SPINE = ("outbox", "stream_head", "inbox", "parked", "dead_letter", "held_item")


@pytest.fixture(scope="module")
async def standing(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Desk]:
    """The desk, and somebody of operations in a browser."""
    async with parts.standing(stack.database_url, secrets, schema) as running:
        yield running


@pytest.fixture
async def desk(standing: Desk) -> Desk:
    """The same, with nothing of earlier tests in it."""
    tables = [f"{schema}.{table}" for schema in SERVICES for table in _SPINE]
    tables += ["controlling.audit", "controlling.reconciliation"]
    await standing.owner.execute(f"TRUNCATE {', '.join(tables)}")
    return standing
