"""Access to a service with our own credentials (OAuth 2.0, RFC 6749, 4.4)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from services.notify.sending.carrier import ProviderUnreachable

EARLY = timedelta(seconds=60)
"""A token is renewed so long before it ends: a request may be on its way for a while."""


class _Granted(BaseModel):
    access_token: SecretStr
    expires_in: int = Field(gt=0)


class AccessToken:
    """A token that is kept until shortly before it ends, and asked for once, whoever needs it."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: SecretStr,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Wire it; `clock` gives seconds."""
        self._url = url
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renewed_at = 0.0

    async def give(self, client: httpx.AsyncClient, refused: str | None = None) -> str:
        """Give a token, another one than `refused`.

        Raises:
            ProviderUnreachable: None is granted.
        """
        async with self._lock:
            stale = self._token in {None, refused} or self._clock() >= self._renewed_at
            if stale:
                granted = await self._grant(client)
                kept = max(granted.expires_in - EARLY.total_seconds(), granted.expires_in / 2)
                self._renewed_at = self._clock() + kept
                self._token = granted.access_token.get_secret_value()
            assert self._token is not None
            return self._token

    async def _grant(self, client: httpx.AsyncClient) -> _Granted:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        try:
            answer = await client.post(self._url, data=form)
        except httpx.HTTPError as error:
            raise ProviderUnreachable("FIT-Connect's login", type(error).__name__) from None
        if not answer.is_success:
            raise ProviderUnreachable("FIT-Connect's login", f"HTTP status {answer.status_code}")
        try:
            return _Granted.model_validate_json(answer.content)
        except ValidationError:
            raise ProviderUnreachable("FIT-Connect's login", "no token in its answer") from None
