"""The tokens that intake knows: those of the secret, and those that commands make while it runs."""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from services.intake.tokens import store
from services.intake.tokens.token import Usable
from shared.postgres.pool import Pool
from shared.security.bearer import hash_of
from shared.security.identity import SourceSystem, SourceTokens

LOOK = timedelta(seconds=5)
"""How long a new token isn't known, and a revoked one still is."""


class TokenBook:
    """Recognises source systems by their tokens; looks for changes every few seconds.

    Args:
        fixed: The tokens of the secret.
        systems: What systems may do, by name.
        now: Gives the time.
    """

    def __init__(
        self,
        fixed: SourceTokens,
        systems: Mapping[str, SourceSystem],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fixed = fixed
        self._systems = systems
        self._now = now
        self._known: list[Usable] = []
        self._used: set[str] = set()

    def authenticate(self, token: str) -> SourceSystem | None:
        """Find the system of a bearer token, in a time that tells nothing about the tokens."""
        found = self._fixed.authenticate(token)
        presented, now = hash_of(token), self._now()
        for known in self._known:
            if hmac.compare_digest(known.hash, presented) and known.is_valid(now):
                found = self._systems.get(known.system)
                self._used.add(known.id)
        return found

    async def look(self, pool: Pool) -> None:
        """Learn which tokens there are, and note which were used; a write per token and day."""
        async with pool.acquire() as connection:
            self._known = await store.usable(connection)
            if self._used:
                used, self._used = self._used, set()
                await store.note_use(connection, used, self._now().date())
