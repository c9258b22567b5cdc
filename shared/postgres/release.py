"""Whether a release is finished: until then processes of the one before may run beside this one."""

import logging
from collections.abc import Awaitable, Callable

from shared.observe.metrics import Loop
from shared.postgres.errors import ReleaseUnfinished
from shared.postgres.migrations import Phase, migrations_of
from shared.postgres.pool import Pool
from shared.postgres.queries import load

logger = logging.getLogger(__name__)
QUERIES = load(__file__)
_Work = Callable[[], Awaitable[bool | None]]


class Release:
    """Holds back what processes of the release before couldn't follow, or would contradict.

    The operator says that none of them runs any more by `gleichfall migrate --post`; so this asks
    whether everything of that phase is applied. What was finished once stays so.
    """

    def __init__(self, pool: Pool, service: str) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            service: Whose schema.
        """
        self._pool = pool
        self._service = service
        self._finished = False

    async def require(self) -> None:
        """Look whether the release is finished.

        Raises:
            ReleaseUnfinished: it isn't.
        """
        if self._finished:
            return
        applied = {row["name"] for row in await self._pool.fetch(QUERIES["applied"])}
        for one in migrations_of(self._service):
            if one.phase is Phase.POST and one.name not in applied:
                raise ReleaseUnfinished(self._service, one.name)
        self._finished = True

    def finished(self, loop: Loop, work: _Work) -> _Work:
        """Let a loop rest until the release is finished; it says so once, and nothing is wrong."""
        told = False

        async def when_finished() -> bool | None:
            nonlocal told
            try:
                await self.require()
            except ReleaseUnfinished as error:
                if not told:
                    logger.warning("the %s loop waits: %s", loop, error)
                    told = True
                return None
            return await work()

        return when_finished
