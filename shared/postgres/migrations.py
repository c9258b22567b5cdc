"""Roles, schemas and migrations of all services, applied by the operator's role.

Each file runs in a transaction of its own with a lock timeout, so that a migration waits for
nobody and a running system never waits long for a migration.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from shared.failure.crash_points import CrashPoint, crash_point
from shared.postgres.errors import (
    TRANSIENT,
    DatabaseUnreachable,
    MigrationChanged,
    MigrationFailed,
)
from shared.postgres.pool import address, role_name
from shared.security.secrets import SecretName, SecretStore

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "controlling", "notify")
SPINE = Path(__file__).parent / "spine"
# Any constant will do, as long as nobody else in this database uses it.
_MIGRATION_LOCK = 0x6C656963


@dataclass(frozen=True, slots=True)
class Migration:
    """One file to apply to one schema."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, to notice later edits."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations_of(service: str) -> Sequence[Migration]:
    """Give the spine's and the service's own migrations in order."""
    own = ROOT / "services" / service / "migrations"
    files = [*sorted(SPINE.glob("*.sql")), *sorted(own.glob("*.sql"))]
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in files]


async def migrate(database_url: str, secrets_directory: Path) -> list[str]:
    """Bring every service's role and schema up to date.

    Returns:
        The migrations applied now, as `schema/name`.

    Raises:
        DatabaseUnreachable: the server does not answer.
        SecretMissing: the password of a role is not there.
        MigrationChanged: an applied file was edited.
        MigrationFailed: PostgreSQL refused a file; nothing of it remains.
    """
    try:
        connection = await asyncpg.connect(database_url, timeout=10)
    except (*TRANSIENT, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise DatabaseUnreachable(address(database_url), error) from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await connection.execute("SET lock_timeout = '5s'")
        secrets = SecretStore(secrets_directory)
        applied: list[str] = []
        for service in SERVICES:
            password = secrets.text(SecretName(f"{service}_database_password"))
            await _prepare(connection, service, password.get_secret_value())
            applied += await _apply_missing(connection, service)
        return applied
    finally:
        await connection.close()


async def _prepare(connection: asyncpg.Connection, service: str, password: str) -> None:
    """Create the schema and the role that may only read and write rows in it."""
    role = role_name(service)
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    # DDL takes no parameters: the server quotes the password for us.
    change = await connection.fetchval(
        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password
    )
    await connection.execute(change)
    await connection.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS {service};
        CREATE TABLE IF NOT EXISTS {service}.migration (
            name text PRIMARY KEY, checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now());
        GRANT USAGE ON SCHEMA {service} TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {service}
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE ON SEQUENCES TO {role};
        """
    )


async def _apply_missing(connection: asyncpg.Connection, service: str) -> list[str]:
    rows = await connection.fetch(f"SELECT name, checksum FROM {service}.migration")  # noqa: S608 - a constant
    known = {row["name"]: row["checksum"] for row in rows}
    applied = []
    for migration in migrations_of(service):
        if migration.name not in known:
            await _apply(connection, service, migration)
            applied.append(f"{service}/{migration.name}")
        elif known[migration.name] != migration.checksum:
            raise MigrationChanged(service, migration.name)
    return applied


async def _apply(connection: asyncpg.Connection, service: str, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL search_path = {service}")
            await connection.execute(migration.sql)
            crash_point(CrashPoint.MIGRATION)
            await connection.execute(
                f"INSERT INTO {service}.migration (name, checksum) VALUES ($1, $2)",  # noqa: S608 - a constant
                migration.name,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationFailed(service, migration.name, error) from error
