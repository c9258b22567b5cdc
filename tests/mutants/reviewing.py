"""The workbench broken on purpose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

import pytest

from services.controlling.audit.store import Change, changing
from services.controlling.reviews.form import pages
from shared.postgres.pool import Pool

ONE_IN = 7


class _Refused(Exception):
    """What a commit may end with."""


def told_before_it_is_committed(patch: pytest.MonkeyPatch) -> None:
    """Tell somebody that their answer is saved before it is, and say nothing when that fails."""
    numbers = count(1)

    @asynccontextmanager
    async def careless(pool: Pool) -> AsyncIterator[Change]:
        with suppress(_Refused):
            async with changing(pool) as change:
                yield change
                if next(numbers) % ONE_IN == 0:
                    raise _Refused

    patch.setattr(pages, "changing", careless)
