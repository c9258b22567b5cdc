"""Each page says so where the data are invented.

What tells is what the demo has marked for good: periods with the clock of an invented authority.
Production refuses a register that has some, and its pages never say it.
"""

from collections.abc import Sequence

from services.controlling.periods.store import simulated
from shared.postgres.pool import Pool
from shared.service.looking import ROUND, Look
from shared.web.pages.page import Pages

NOTICE = "workbench.invented"


def looks(pool: Pool, pages: Pages, *, production: bool) -> Sequence[Look]:
    """Give what lets pages say it as soon as the register tells it."""

    async def look() -> None:
        if pages.notice is None and await simulated(pool):
            pages.notice = NOTICE

    return [] if production else [Look(ROUND, look)]
