"""Retention: rows lose their content at an age that `deploy/postgres/retention.yaml` declares.

Rows stay, because what they are needed for lasts: to know a repeat, to keep an order, to balance
the books. Each service empties its own rows, a small batch at a time, and never waits for a lock.
"""

import asyncio
import logging
import os
from collections.abc import KeysView, Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from shared.configuration.places import ROOT
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.postgres import queries
from shared.postgres.pool import Pool

logger = logging.getLogger(__name__)

DECLARATION = ROOT / "deploy" / "postgres" / "retention.yaml"
SPINE_STATEMENTS = {"dead_letter": queries.load(__file__)["empty_dead_letters"]}
BATCH = 500
PAUSE = timedelta(milliseconds=50)


class RetentionInvalid(FileInvalid):
    """The retention file can't be used."""


class Rule(Section):
    """What one table keeps."""

    after: timedelta | None = Field(default=None, gt=timedelta(0))
    reason: str


class Retention(Section):
    """The whole file: the tables of the spine, and each service's own."""

    spine: dict[str, Rule]
    intake: dict[str, Rule]
    controlling: dict[str, Rule]
    notify: dict[str, Rule]

    def of(self, service: str) -> dict[str, Rule]:
        """Give the rules of one service's schema by table."""
        own: dict[str, Rule] = getattr(self, service)
        return self.spine | own


def declared_retention() -> Retention:
    """Read the declaration.

    Raises:
        RetentionInvalid: with everything that is wrong, by line and field.
    """
    path = Path(os.environ.get("GLEICHFALL_RETENTION", DECLARATION))
    return load(path, Retention, invalid=RetentionInvalid)


class Janitor:
    """Empties the rows of one service that are too old.

    Several processes of a service may do it at once: each skips what another one holds.
    """

    def __init__(
        self, pool: Pool, rules: Mapping[str, Rule], statements: Mapping[str, str]
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            rules: What is declared, by table.
            statements: By table: empties at most $2 rows older than $1, gives how many it did.
        """
        self._pool = pool
        self._work = {
            table: (rule.after, statements[table])
            for table, rule in rules.items()
            if rule.after is not None
        }

    @property
    def tables(self) -> KeysView[str]:
        """Give the tables that lose something at some age."""
        return self._work.keys()

    async def enforce(self, table: str) -> int:
        """Empty what of a table is due now; gives how many rows."""
        after, statement = self._work[table]
        emptied = await self._empty(statement, after)
        if emptied:
            logger.info("retention: %d rows of %s emptied", emptied, table)
        return emptied

    async def _empty(self, statement: str, after: timedelta) -> int:
        total = 0
        while True:
            done: int = await self._pool.fetchval(statement, after, BATCH)
            total += done
            if done < BATCH:
                return total
            await asyncio.sleep(PAUSE.total_seconds())
