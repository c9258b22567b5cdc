"""Lets a third party state when a period's commitment was there (RFC 3161).

Outside of any transaction of the consumer: a slow service delays no decision. Without a service
configured nobody is called.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from http import HTTPStatus

import httpx
from cryptography import x509

from services.controlling.periods import store
from shared.postgres.errors import TRANSIENT
from shared.postgres.pool import Pool
from shared.security import time_stamps
from shared.security.time_stamps import TimeStampInvalid

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=1)
PATIENCE = timedelta(seconds=20)


class Stamper:
    """Gets a stamp for every open period that has none."""

    def __init__(self, pool: Pool, url: str, roots: Sequence[x509.Certificate]) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            url: The address of the time stamping service.
            roots: Certificates a stamp must be signed under; none: it is kept as it comes.
        """
        self._pool = pool
        self._url = url
        self._roots = roots

    async def stamp_open(self) -> list[str]:
        """Stamp what has no stamp yet; gives the keys of the periods.

        Raises:
            TimeStampInvalid, httpx.HTTPError: the service didn't give a stamp.
        """
        async with self._pool.acquire() as connection:
            waiting = await store.unstamped(connection)
        async with httpx.AsyncClient(timeout=PATIENCE.total_seconds()) as client:
            for key, commitment in waiting.items():
                stamp = await self._fetch(client, commitment)
                async with self._pool.acquire() as connection:
                    await store.keep_stamp(connection, key, stamp)
                logger.info("the commitment is time stamped", extra={"period": key})
        return list(waiting)

    async def run(self, progressed: Callable[[], None]) -> None:
        """Stamp periods as they open, until cancelled; what failed is tried again."""
        while True:
            try:
                await self.stamp_open()
            except (*TRANSIENT, httpx.HTTPError, TimeStampInvalid) as error:
                logger.warning("no time stamp can be had now", exc_info=error)
            progressed()
            await asyncio.sleep(LOOK.total_seconds())

    async def _fetch(self, client: httpx.AsyncClient, commitment: str) -> bytes:
        request = time_stamps.request(commitment)
        headers = {"content-type": time_stamps.QUERY, "accept": time_stamps.REPLY}
        answer = await client.post(self._url, content=request.as_bytes(), headers=headers)
        if answer.status_code != HTTPStatus.OK:
            raise TimeStampInvalid(f"the service answered {answer.status_code}")
        time_stamps.read(answer.content, commitment, self._roots, request.nonce)
        return answer.content
