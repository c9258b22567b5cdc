"""Lets a third party state when a commitment, or the head of a chain, was there (RFC 3161).

Outside of any transaction of the consumer: a slow service delays no decision. Without a service
configured nobody is called.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx
from cryptography import x509

from services.controlling.stamps import store
from services.controlling.stamps.errors import TimeStampServiceAway
from services.controlling.stamps.store import Unstamped
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool
from shared.security import time_stamps
from shared.security.time_stamps import TimeStampMissing

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=1)
PATIENCE = timedelta(seconds=20)
"""How long a service may take for a whole answer, however it comes."""
LONGEST = 64 * 1024
"""Bytes of an answer; a stamp with its certificates has 2,000 to 20,000. All stamps of a period
stand in the first line of its export, which verifiers read up to a limit."""
_AUDIT_EVERY = timedelta(days=1)
_HEADERS = {
    "content-type": time_stamps.QUERY,
    "accept": time_stamps.REPLY,
    "accept-encoding": "identity",
}


class Stamper:
    """Gets stamps for open periods, the last head of each register, and the audit log once a day.

    Heads are stamped as they are published; one that another followed meanwhile needs no stamp any
    more, since the next one holds all that it held.
    """

    def __init__(
        self, pool: Pool, url: str, roots: Sequence[x509.Certificate], holding: Holding
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            url: The address of the time stamping service.
            roots: Certificates a stamp must be signed under; none: it is kept as it comes.
            holding: Sets aside whose stamp states something else.
        """
        self._pool = pool
        self._url = url
        self._roots = roots
        self._holding = holding

    async def stamp_due(self) -> None:
        """Stamp what has no stamp yet.

        Raises:
            TimeStampServiceAway: the service doesn't answer as it should.
        """
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            waiting = await store.unstamped(connection, datetime.now(UTC) - _AUDIT_EVERY)
        await self.stamp(one for one in waiting if one.item not in passed_over)

    async def stamp(self, waiting: Iterable[Unstamped]) -> None:
        """Stamp some, one after the other.

        Raises:
            TimeStampServiceAway: the service doesn't answer as it should.
        """
        async with httpx.AsyncClient(timeout=PATIENCE.total_seconds()) as client:
            for one in waiting:
                async with self._holding.item(one.item):
                    await self._stamp(client, one)

    async def _stamp(self, client: httpx.AsyncClient, one: Unstamped) -> None:
        stamp = await self._fetch(client, one.text)
        async with self._pool.acquire() as connection:
            await one.keep(connection, stamp)
        logger.info("a time stamp is kept", extra={"stamped": one.item})

    async def _fetch(self, client: httpx.AsyncClient, text: str) -> bytes:
        """Get a stamp; whatever else comes is the service's fault, not the item's."""
        request = time_stamps.request(text)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                stamp = await self._answer(client, request.as_bytes())
            time_stamps.read(stamp, text, self._roots, request.nonce)
        except TimeoutError:
            raise TimeStampServiceAway(self._url, f"not within {PATIENCE.seconds} s") from None
        except httpx.HTTPError as error:
            raise TimeStampServiceAway(self._url, type(error).__name__) from error
        except TimeStampMissing as error:
            raise TimeStampServiceAway(self._url, str(error)) from error
        return stamp

    async def _answer(self, client: httpx.AsyncClient, query: bytes) -> bytes:
        async with client.stream("POST", self._url, content=query, headers=_HEADERS) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise TimeStampServiceAway(self._url, f"HTTP status {answer.status_code}")
            stamp = b""
            async for piece in answer.aiter_raw():
                stamp += piece
                if len(stamp) > LONGEST:
                    raise TimeStampServiceAway(self._url, f"more than {LONGEST:,} bytes")
            return stamp
