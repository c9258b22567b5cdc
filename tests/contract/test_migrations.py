"""Migrations that run beside the old code only add, and each says in its name when it may run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.configuration.places import ROOT, SERVICES
from shared.postgres.migrations import Migration, Phase, migrations_of

SQUAWK = Path(sys.executable).parent / "squawk"
NAME = re.compile(r"[0-9]{4}_(pre|post)_[a-z_]+")


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SQUAWK), "--config", str(ROOT / ".squawk.toml"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_says_when_it_may_run(service: str) -> None:
    assert all(NAME.fullmatch(migration.name) for migration in migrations_of(service))


def test_no_released_migration_takes_anything_away_from_the_old_code() -> None:
    files = [
        *ROOT.glob("shared/postgres/spine/*_pre_*.sql"),
        *ROOT.glob("services/*/migrations/*_pre_*.sql"),
    ]

    found = lint(*(path.relative_to(ROOT) for path in files))

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE outbox DROP COLUMN key;",
        "ALTER TABLE outbox RENAME COLUMN key TO name;",
        "ALTER TABLE outbox ALTER COLUMN key SET NOT NULL;",
        "ALTER TABLE outbox ADD COLUMN tenant text NOT NULL;",
        "DROP TABLE parked;",
        "CREATE INDEX outbox_topic ON outbox (topic);",
    ],
)
def test_what_would_break_or_block_the_old_code_is_found(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "0009_pre_bad.sql"
    path.write_text(statement + "\n")

    assert lint(path).returncode == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE reviewer (key text PRIMARY KEY);",
        "ALTER TABLE outbox ADD COLUMN tenant text;",
        "-- concurrently\nCREATE INDEX CONCURRENTLY one ON outbox (topic);",
    ],
)
def test_what_only_adds_passes(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "0009_pre_good.sql"
    path.write_text(statement + "\n")

    assert lint(path).returncode == 0


def test_a_concurrent_migration_runs_statement_by_statement() -> None:
    sql = "-- concurrently\nDROP INDEX IF EXISTS one;\nCREATE INDEX\n    one ON x (y);\n"
    migration = Migration("0009_post_one", sql)

    assert migration.concurrent
    assert migration.phase is Phase.POST
    assert len(migration.statements) == 2
