"""The books know which SMS wait because of the hour alone."""

from datetime import timedelta

import pytest

from deploy.summary.store import QUERIES
from shared.postgres.pool import Pool
from tests.integration.delivery.parts import plan

pytestmark = pytest.mark.stack

HELD = """
UPDATE message SET channel = 'sms', state = 'held', due_at = now() + $1
"""


@pytest.mark.parametrize(
    ("otherwise", "waiting"),
    [
        ("TRUE", 2),
        ("channel = 'email'", 0),
        ("wanted_at = now()", 0),
        ("name = 'appointment_reminder'", 0),
        ("state = 'planned'", 0),
        ("due_at = now()", 0),
    ],
    ids=["the hour", "a mail", "contact data", "a day of its own", "nothing", "no more"],
)
async def test_what_waits_for_the_hour_alone_is_counted(
    pool: Pool, otherwise: str, waiting: int
) -> None:
    await plan(pool, 2)
    await pool.execute(HELD, timedelta(hours=8))
    if otherwise != "TRUE":
        await pool.execute(f"UPDATE message SET {otherwise}")
    [(amount, until)] = await pool.fetch(QUERIES["resting"], ["appointment_reminder"])
    assert amount == waiting
    assert (until is not None) == bool(waiting)
