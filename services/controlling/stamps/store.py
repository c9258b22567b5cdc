"""What a third party is to state the time of, and what it stated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.controlling.audit.chain import Head
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Commitment:
    """That of a period."""

    key: str
    text: str

    @property
    def item(self) -> str:
        """What it is called when it is held."""
        return self.key

    async def keep(self, connection: Connection, stamp: bytes) -> None:
        """Keep its stamp."""
        await connection.execute(QUERIES["keep_commitment_stamp"], self.key, stamp)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """That of a chain: its hash, hexadecimal; of the audit log with the number of its entry."""

    item: str
    text: str
    audit_number: int | None = None

    async def keep(self, connection: Connection, stamp: bytes) -> None:
        """Keep its stamp."""
        await connection.execute(QUERIES["keep_head_stamp"], self.text, self.audit_number, stamp)


Unstamped = Commitment | ChainHead


async def unstamped(connection: Connection, audit_before: datetime) -> list[Unstamped]:
    """Give what waits for a stamp, the most urgent first.

    Args:
        connection: As the service's role.
        audit_before: The audit log waits only if its last stamp was kept before that.
    """
    found: list[Unstamped] = [
        Commitment(row["key"], row["commitment"])
        for row in await connection.fetch(QUERIES["unstamped_commitments"])
    ]
    found += [
        ChainHead(f"{row['period']} head {row['day']}", row["hash"])
        for row in await connection.fetch(QUERIES["unstamped_heads"])
    ]
    found += [
        ChainHead(f"audit log {row['number']}", row["hash"], row["number"])
        for row in await connection.fetch(QUERIES["unstamped_audit"], audit_before)
    ]
    return found


async def head_stamps(connection: Connection, period: str) -> Mapping[date, bytes]:
    """Give the stamps of a register's heads, by the day on which each was published."""
    rows = await connection.fetch(QUERIES["head_stamps"], period)
    return {row["day"]: row["time_stamp"] for row in rows}


async def head_stamp(connection: Connection, period: str, day: date) -> bytes | None:
    """Give the stamp of the head that was published on a day."""
    stamp: bytes | None = await connection.fetchval(QUERIES["head_stamp"], period, day)
    return stamp


@dataclass(frozen=True, slots=True)
class AuditStamp:
    """A stamp on the audit log as it was; `head` was its end."""

    head: Head
    time_stamp: bytes


async def audit_stamp(connection: Connection) -> AuditStamp | None:
    """Give the last stamp of the audit log; None: it was never stamped."""
    row = await connection.fetchrow(QUERIES["audit_stamp"])
    if row is None:
        return None
    return AuditStamp(Head(row["audit_number"], row["hash"]), row["time_stamp"])
