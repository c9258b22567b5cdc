"""Alive means progress; ready means able to do all the work now, or at least to answer requests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from shared.observe.gauges import NEED_MISSING
from shared.observe.metrics import LOOP_LAST_PROGRESS, LOOP_SILENCE_LIMIT, Loop, NeedName
from shared.observe.reasons import reason_of

Check = Callable[[], Awaitable[object]]

_CHECK_TIMEOUT = timedelta(seconds=2)


class Heartbeat:
    """A loop's own sign of progress."""

    __slots__ = ("_clock", "_gauge", "_last", "limit", "loop")

    def __init__(self, loop: Loop, limit: timedelta, clock: Callable[[], float]) -> None:
        self.loop = loop
        self.limit = limit
        self._clock = clock
        self._gauge = LOOP_LAST_PROGRESS.of(loop)
        LOOP_SILENCE_LIMIT.of(loop).set(limit.total_seconds())
        self.beat()

    def beat(self) -> None:
        """Say that the loop came round: it worked, or found nothing to do."""
        self._last = self._clock()
        self._gauge.set_to_current_time()

    @property
    def silence(self) -> timedelta:
        """How long ago the loop last made progress."""
        return timedelta(seconds=self._clock() - self._last)


@dataclass(frozen=True, slots=True)
class Stalled:
    """A loop that makes no progress any more."""

    loop: Loop
    reason: str


class Liveness:
    """Watches the loops of a service.

    A process that runs but no longer progresses is dead: a consumer can hang for ever after its
    broker restarted, without an error.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heartbeats: dict[Loop, Heartbeat] = {}
        self._ended: dict[Loop, Stalled] = {}

    def watch(self, loop: Loop, limit: timedelta) -> Heartbeat:
        """Expect a beat of `loop` at least every `limit`, beginning now."""
        heartbeat = self._heartbeats[loop] = Heartbeat(loop, limit, self._clock)
        return heartbeat

    def end(self, loop: Loop, reason: str) -> None:
        """Say that `loop` has ended and won't come back in this process."""
        self._ended[loop] = Stalled(loop, reason)

    def stalled(self) -> list[Stalled]:
        """Give the loops that have ended, or been silent for longer than their limit."""
        silent = [
            Stalled(
                beat.loop,
                f"no progress for {beat.silence.total_seconds():.0f} s, "
                f"the limit is {beat.limit.total_seconds():.0f} s",
            )
            for beat in self._heartbeats.values()
            if beat.silence > beat.limit and beat.loop not in self._ended
        ]
        return [*self._ended.values(), *silent]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the service needs and doesn't have now."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something a service needs; with `for_requests`, also to answer requests."""

    name: str
    check: Check
    timeout: timedelta
    for_requests: bool


class Readiness:
    """What a service needs to do its work: each need has a name and a check that raises.

    Few needs are needed to answer requests, too. Who routes requests asks for those alone: a
    service that can't send mails now must not lose its callers over it.
    """

    def __init__(self) -> None:
        self._needs: dict[str, Need] = {}
        self._lost: list[Missing] = []

    def require(
        self,
        name: str,
        check: Check,
        timeout: timedelta = _CHECK_TIMEOUT,
        *,
        for_requests: bool = False,
    ) -> None:
        """Need `name`; `check` raises, or takes longer than `timeout`, when it's missing."""
        self._needs[name] = Need(name, check, timeout, for_requests)
        NEED_MISSING.of(NeedName(name)).set(0)

    def lose(self, name: str, reason: str) -> None:
        """Be without `name` until the process is started again."""
        self._lost.append(Missing(name, reason))

    async def missing(self) -> list[Missing]:
        """Run all checks at once and give what is missing to do all the work."""
        return [*self._lost, *await _missing(self._needs.values())]

    async def tell(self) -> None:
        """Tell Prometheus what is missing to do all the work."""
        missing = {need.name for need in await self.missing()}
        for name in self._needs.keys() | missing:
            NEED_MISSING.of(NeedName(name)).set(name in missing)

    async def missing_for_requests(self) -> list[Missing]:
        """Give what is missing to answer requests."""
        return await _missing(need for need in self._needs.values() if need.for_requests)


@dataclass(frozen=True, slots=True)
class Health:
    """Both answers of a service about itself."""

    liveness: Liveness = field(default_factory=Liveness)
    readiness: Readiness = field(default_factory=Readiness)

    def loop_ended(self, loop: Loop, error: BaseException | None) -> None:
        """Be neither alive nor ready any more: `loop` has ended though nobody stopped it."""
        reason = f"ended: {reason_of(error)}" if error else "ended by itself"
        self.liveness.end(loop, reason)
        self.readiness.lose(f"{loop} loop", reason)


async def _missing(needs: Iterable[Need]) -> list[Missing]:
    found = await asyncio.gather(*map(_look, needs))
    return [missing for missing in found if missing]


async def _look(need: Need) -> Missing | None:
    limit = need.timeout.total_seconds()
    try:
        async with asyncio.timeout(limit):
            await need.check()
    except TimeoutError:
        return Missing(need.name, f"no answer within {limit:g} s")
    except Exception as error:  # noqa: BLE001 - whatever a check raises means that it's missing
        return Missing(need.name, reason_of(error))
    return None
