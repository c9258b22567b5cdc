"""A command asks for the database and its password, and for nothing else."""

from pathlib import Path

import pytest

from shared.postgres.command_pool import DatabaseUnnamed, on_database
from shared.postgres.errors import DatabaseUnreachable
from shared.postgres.pool import Pool
from shared.security.secrets import DIRECTORY_VARIABLE


async def _work(_: Pool) -> None:
    pytest.fail("there is no database")


async def test_without_a_database_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(DatabaseUnnamed, match="DATABASE_URL is not set; start the local stack"):
        await on_database("controlling", _work)


async def test_nothing_else_of_the_service_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "controlling_database_password").write_text("a word")
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/gleichfall")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with pytest.raises(DatabaseUnreachable):
        await on_database("controlling", _work)
