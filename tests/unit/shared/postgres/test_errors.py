"""What counts as transient: the same work may succeed on another connection."""

import asyncpg
import pytest

from shared.postgres.errors import TRANSIENT


@pytest.mark.parametrize(
    "error",
    [
        # Seed 1 of `make chaos`: a terminated session left asyncpg's protocol in a "failed" state,
        # the next COMMIT raised this, and notify's delivery loop ended for good.
        asyncpg.InternalClientError("cannot switch to state; protocol is in the 'failed' state"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CrashShutdownError("terminating connection because of crash"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        ConnectionResetError(),
    ],
)
def test_a_lost_session_is_tried_again(error: Exception) -> None:
    assert isinstance(error, TRANSIENT)


@pytest.mark.parametrize(
    "error", [asyncpg.UniqueViolationError("twice"), asyncpg.UndefinedTableError("no such table")]
)
def test_what_would_fail_again_is_not(error: Exception) -> None:
    assert not isinstance(error, TRANSIENT)
