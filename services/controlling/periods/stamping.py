"""Lets a third party state when a period's commitment was there (RFC 3161).

Outside of any transaction of the consumer: a slow service delays no decision. Without a service
configured nobody is called.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus

import httpx
from cryptography import x509

from services.controlling.periods import store
from services.controlling.periods.errors import TimeStampServiceAway
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool
from shared.security import time_stamps

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=1)
PATIENCE = timedelta(seconds=20)


class Stamper:
    """Gets a stamp for every open period that has none."""

    def __init__(
        self, pool: Pool, url: str, roots: Sequence[x509.Certificate], holding: Holding
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            url: The address of the time stamping service.
            roots: Certificates a stamp must be signed under; none: it is kept as it comes.
            holding: Sets periods aside whose stamp states something else.
        """
        self._pool = pool
        self._url = url
        self._roots = roots
        self._holding = holding

    async def stamp_open(self) -> None:
        """Stamp what has no stamp yet.

        Raises:
            TimeStampServiceAway: the service doesn't answer as it should.
        """
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            waiting = await store.unstamped(connection)
        await self.stamp({key: waiting[key] for key in waiting.keys() - passed_over})

    async def stamp(self, commitments: Mapping[str, str]) -> None:
        """Stamp commitments, given by period.

        Raises:
            TimeStampServiceAway: the service doesn't answer as it should.
        """
        async with httpx.AsyncClient(timeout=PATIENCE.total_seconds()) as client:
            for key, commitment in commitments.items():
                async with self._holding.item(key):
                    await self._stamp(client, key, commitment)

    async def _stamp(self, client: httpx.AsyncClient, key: str, commitment: str) -> None:
        stamp = await self._fetch(client, commitment)
        async with self._pool.acquire() as connection:
            await store.keep_stamp(connection, key, stamp)
        logger.info("the commitment is time stamped", extra={"period": key})

    async def _fetch(self, client: httpx.AsyncClient, commitment: str) -> bytes:
        request = time_stamps.request(commitment)
        headers = {"content-type": time_stamps.QUERY, "accept": time_stamps.REPLY}
        try:
            answer = await client.post(self._url, content=request.as_bytes(), headers=headers)
        except httpx.HTTPError as error:
            raise TimeStampServiceAway(self._url, type(error).__name__) from error
        if answer.status_code != HTTPStatus.OK:
            raise TimeStampServiceAway(self._url, f"HTTP status {answer.status_code}")
        time_stamps.read(answer.content, commitment, self._roots, request.nonce)
        return answer.content
