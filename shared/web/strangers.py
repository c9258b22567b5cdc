"""How often an address may come without anybody being known there.

In the memory of one process, and of so many addresses only. Whoever is known is never limited by
it: others behind the same proxy or router can't keep them out.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from math import ceil

from fastapi import Request

from shared.observe.flood import site_of
from shared.security.token_bucket import TokenBucket
from shared.web.problems import Problem

MOST_ADDRESSES = 10_000
"""Addresses that are remembered; those that came longest ago are forgotten first."""
_MINUTE = 60


class Strangers:
    """One bucket per address; of IPv6 per 64 bits, which one sender can't leave.

    Args:
        per_minute: Calls of unknown callers from one address, at once or over a minute.
        clock: Gives seconds that never go back.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, address: str) -> timedelta:
        """Count one call from an address; zero when it may, else how long it should wait."""
        site, now = site_of(address) or address, self._clock()
        full = TokenBucket.full(self._per_minute / _MINUTE, self._per_minute, now)
        self._buckets[site], wait = self._buckets.pop(site, full).take(1, now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return wait


def refusal(request: Request, problem: Problem) -> Problem:
    """Give what an unknown caller is answered: `problem`, or 429 when its address comes too often.

    Args:
        request: The request of somebody whose token or signature is none of ours.
        problem: What says so.
    """
    strangers: Strangers = request.app.state.strangers
    wait = strangers.take(request.client.host if request.client else "")
    if not wait:
        return problem
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-unknown",
        "Too many calls without a valid token or signature came from this address",
        "Whoever is known is answered as ever. Check the token before calling again.",
        headers={"Retry-After": str(ceil(wait.total_seconds()))},
    )
