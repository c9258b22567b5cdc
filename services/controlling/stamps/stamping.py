"""Lets a third party state when a commitment, or the head of a chain, was there (RFC 3161).

Outside of any transaction of the consumer: a slow service delays no decision. Without a service
configured nobody is called.
"""

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

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=1)
PATIENCE = timedelta(seconds=20)
_AUDIT_EVERY = timedelta(days=1)


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
        request = time_stamps.request(text)
        headers = {"content-type": time_stamps.QUERY, "accept": time_stamps.REPLY}
        try:
            answer = await client.post(self._url, content=request.as_bytes(), headers=headers)
        except httpx.HTTPError as error:
            raise TimeStampServiceAway(self._url, type(error).__name__) from error
        if answer.status_code != HTTPStatus.OK:
            raise TimeStampServiceAway(self._url, f"HTTP status {answer.status_code}")
        time_stamps.read(answer.content, text, self._roots, request.nonce)
        return answer.content
