"""Roles, schemas and migrations of all services, applied by the operator's role.

A file named `NNNN_pre_…` only adds, so that the code of the release before runs on; `NNNN_post_…`
takes away what no process needs any more, once all of them run the new code.

Each file runs in a transaction of its own with a short lock timeout and is tried again: it may wait
long for its locks, but nobody ever waits long behind it. Building an index takes no such lock and
can't run in a transaction: a file that begins with `-- concurrently` runs statement by statement,
and each of them may be repeated after a crash.

What is due is worked out for all schemas before anything is changed in one.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import groupby, takewhile
from pathlib import Path

import asyncpg

from shared.configuration.places import ROOT, SERVICES
from shared.crash_points import CrashPoint, crash_point
from shared.postgres.errors import (
    MigrationBlocked,
    MigrationChanged,
    MigrationFailed,
    MigrationSkipped,
    ProcessesRun,
    ReleasesSkipped,
)
from shared.postgres.pool import Connection, reaching, role_name
from shared.postgres.queries import load
from shared.security.key_ring import read_keys
from shared.security.secrets import SecretName, SecretStore

GUESTS: Mapping[str, Sequence[str]] = {"workbench": ("controlling",), "desk": SERVICES}
"""Processes with a role of their own in services' schemas; each right is granted by name."""
SPINE = Path(__file__).parent / "spine"
# Any constant will do, as long as nobody else in this database uses it.
_MIGRATION_LOCK = 0x6C656963
LOCK_TIMEOUT = timedelta(seconds=1)
FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=10)
PATIENCE = timedelta(minutes=5)
QUERIES = load(__file__)
_SET_LOCK_TIMEOUT = f"SET lock_timeout = '{LOCK_TIMEOUT.total_seconds():.0f}s'"
_CONCURRENT = "-- concurrently\n"


class Phase(StrEnum):
    """When a file may run: before any process runs the new code, or after all do."""

    PRE = "pre"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to try to get a lock for one file, and who hears of it."""

    patience: timedelta = PATIENCE
    report: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Migration:
    """One file to apply to one schema."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, to notice later edits."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def phase(self) -> Phase:
        """Which phase its name says."""
        return Phase(self.name.split("_")[1])

    @property
    def concurrent(self) -> bool:
        """Whether it runs statement by statement, without a transaction."""
        return self.sql.startswith(_CONCURRENT)

    @property
    def statements(self) -> list[str]:
        """Its statements; none holds a semicolon at the end of a line."""
        return [text for text in re.split(r";\s*\n", self.sql) if text.strip()]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a schema lacks, in order; a new one is closed to its role yet: nothing runs on it."""

    new: bool
    missing: Sequence[Migration]

    @property
    def phases(self) -> list[Phase]:
        """The phases of what it lacks, as they follow on each other."""
        return [phase for phase, _ in groupby(one.phase for one in self.missing)]

    def leading(self, phase: Phase) -> list[Migration]:
        """Give what comes before anything of the other phase; of a new schema everything."""
        if self.new:
            return list(self.missing)
        return list(takewhile(lambda one: one.phase is phase, self.missing))


def migrations_of(service: str) -> Sequence[Migration]:
    """Give the spine's and the service's own migrations in order."""
    own = ROOT / "services" / service / "migrations"
    files = [*sorted(SPINE.glob("*.sql")), *sorted(own.glob("*.sql"))]
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in files]


async def lacking(connection: Connection, service: str) -> Sequence[Migration]:
    """Give what isn't applied to a service's schema yet, in order.

    Raises:
        MigrationChanged: an applied file was edited.
    """
    known = await _known(connection, service)
    return standing(service, migrations_of(service), known).missing


async def migrate(
    database_url: str,
    secrets_directory: Path,
    phase: Phase | None = None,
    waits: Waits | None = None,
) -> list[str]:
    """Bring every service's role and schema up to date.

    Args:
        database_url: The operator's.
        secrets_directory: Where the passwords of the roles are.
        phase: Which; None for both, in order, while nothing runs.
        waits: How patiently.

    Returns:
        The migrations applied now, as `schema/name`.

    Raises:
        DatabaseUnreachable: the server does not answer.
        SecretMissing: the password of a role is not there.
        MigrationChanged: an applied file was edited; nothing was changed.
        MigrationSkipped: a file of the other phase must be applied before; nothing was changed.
        ReleasesSkipped: the phases of several releases are missing; nothing was changed.
        ProcessesRun: both phases were asked for, and something runs; nothing was changed.
        MigrationBlocked: others kept a lock for too long; nothing of the file remains.
        MigrationFailed: PostgreSQL refused a file; nothing of it remains.
    """
    with reaching(database_url):
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await connection.execute(_SET_LOCK_TIMEOUT)
        secrets = SecretStore(secrets_directory)
        plan = await _plan(connection, phase)
        applied: list[str] = []
        await _keep_out(connection)
        for service, missing in plan.items():
            await _prepare(connection, service, secrets)
            for migration in missing:
                await _apply_patiently(connection, service, migration, waits or Waits())
                applied.append(f"{service}/{migration.name}")
            await _let_in(connection, service)
        return applied
    finally:
        await connection.close()


async def _keep_out(connection: asyncpg.Connection) -> None:
    """Let no role make tables, views or functions of its own, not even for a session.

    With them, names that a function of ours looks for could be made to mean something else.
    """
    change = await connection.fetchval(
        "SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())"
    )
    await connection.execute(change)


async def _prepare(connection: asyncpg.Connection, service: str, secrets: SecretStore) -> None:
    """Create the schema, the role that may only read and write rows in it, and guests' roles."""
    role = await _make_role(connection, service, secrets)
    await connection.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS {service};
        CREATE TABLE IF NOT EXISTS {service}.migration (
            name text PRIMARY KEY, checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now());
        GRANT SELECT ON {service}.migration TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {service}
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE ON SEQUENCES TO {role};
        """
    )
    for guest in _guests(service):
        await _make_role(connection, guest, secrets)


async def _let_in(connection: asyncpg.Connection, service: str) -> None:
    """Let processes use a schema, now that all is applied: one that was killed goes on as new."""
    for process in (service, *_guests(service)):
        await connection.execute(f"GRANT USAGE ON SCHEMA {service} TO {role_name(process)}")


def _guests(service: str) -> Sequence[str]:
    return [guest for guest, hosts in GUESTS.items() if service in hosts]


async def _make_role(connection: asyncpg.Connection, process: str, secrets: SecretStore) -> str:
    """Create the role with which a process signs in; gives its name."""
    password = read_keys(secrets, SecretName(f"{process}_database_password")).current.decode()
    role = role_name(process)
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    # DDL takes no parameters: the server quotes the password for us.
    change = await connection.fetchval(
        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, password
    )
    await connection.execute(change)
    return role


async def _plan(
    connection: asyncpg.Connection, phase: Phase | None
) -> Mapping[str, Sequence[Migration]]:
    """Work out what to apply to which schema, all of them."""
    found = {service: await _standing(connection, service) for service in SERVICES}
    if phase is not None:
        return due(found, phase)
    if any(one.missing and not one.new for one in found.values()):
        await _require_stopped(connection)
    return {service: one.missing for service, one in found.items()}


async def _standing(connection: asyncpg.Connection, service: str) -> Standing:
    found = standing(service, migrations_of(service), await _known(connection, service))
    in_use = await connection.fetchval(QUERIES["in_use"], service, role_name(service))
    return replace(found, new=not in_use)


async def _known(connection: Connection, service: str) -> Mapping[str, str]:
    """Give the checksums of the files that are applied to a schema, by name."""
    if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{service}.migration"):
        return {}
    rows = await connection.fetch(f"SELECT name, checksum FROM {service}.migration")  # noqa: S608 - a constant
    return {row["name"]: row["checksum"] for row in rows}


async def _require_stopped(connection: asyncpg.Connection) -> None:
    roles = [role_name(process) for process in (*SERVICES, *GUESTS)]
    rows = await connection.fetch(QUERIES["sessions"], roles)
    if rows:
        raise ProcessesRun([row["who"] for row in rows])


def standing(service: str, all_of_them: Sequence[Migration], known: Mapping[str, str]) -> Standing:
    """Tell what a schema lacks. Pure.

    Args:
        service: Whose schema, for messages.
        all_of_them: The files in order.
        known: Checksums of the applied ones by name.

    Raises:
        MigrationChanged: an applied file was edited.
    """
    for migration in all_of_them:
        if known.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationChanged(service, migration.name)
    return Standing(not known, [one for one in all_of_them if one.name not in known])


def due(schemas: Mapping[str, Standing], phase: Phase) -> dict[str, list[Migration]]:
    """Tell which files to apply now, by schema. Pure.

    A new schema gets both phases at once. Of the others a release is finished before the next one
    begins: in any schema, what an earlier release takes away comes before what a later one adds.

    Raises:
        MigrationSkipped: something of the other phase comes first.
        ReleasesSkipped: so it is whichever phase comes first.
    """
    found = {service: one.leading(phase) for service, one in schemas.items()}
    for service, one in schemas.items():
        if one.new:
            continue
        if one.phases[:3] == [Phase.PRE, Phase.POST, Phase.PRE]:
            raise ReleasesSkipped(service, one.missing[0].name)
        held_up = phase in one.phases and not found[service]
        if held_up and (phase is Phase.PRE or not any(found.values())):
            behind = next(file for file in one.missing if file.phase is phase)
            raise MigrationSkipped(service, one.missing[0].name, behind.name)
    return found


async def _apply_patiently(
    connection: asyncpg.Connection, service: str, migration: Migration, waits: Waits
) -> None:
    """Try until the locks are free; nobody ever waits behind us for longer than LOCK_TIMEOUT."""
    deadline = time.monotonic() + waits.patience.total_seconds()
    pause = FIRST_PAUSE
    while True:
        try:
            await _apply(connection, service, migration)
        except asyncpg.LockNotAvailableError:
            holders = await _holders(connection)
            if time.monotonic() > deadline:
                raise MigrationBlocked(service, migration.name, waits.patience, holders) from None
            waits.report(f"{service}/{migration.name} waits for a lock; the oldest open: {holders}")
            await asyncio.sleep(pause.total_seconds())
            pause = min(2 * pause, LONGEST_PAUSE)
        except asyncpg.PostgresError as error:
            raise MigrationFailed(service, migration.name, error) from error
        else:
            return


async def _apply(connection: asyncpg.Connection, service: str, migration: Migration) -> None:
    """Apply one file whole or not at all; a concurrent one in steps that can be repeated."""
    if migration.concurrent:
        await connection.execute(f"SET search_path = {service}")
        await connection.execute("SET lock_timeout = 0")  # it waits for others, never they for it
        try:
            for statement in migration.statements:
                await connection.execute(statement)
        finally:
            await connection.execute("RESET search_path")
            await connection.execute(_SET_LOCK_TIMEOUT)
    async with connection.transaction():
        if not migration.concurrent:
            await connection.execute(f"SET LOCAL search_path = {service}")
            await connection.execute(migration.sql)
        crash_point(CrashPoint.MIGRATION)
        await connection.execute(
            f"INSERT INTO {service}.migration (name, checksum) VALUES ($1, $2)",  # noqa: S608 - a constant
            migration.name,
            migration.checksum,
        )


async def _holders(connection: asyncpg.Connection) -> str:
    rows = await connection.fetch(QUERIES["oldest_transactions"])
    told = [f"{row['who']} (process {row['pid']}, since {row['seconds']:.0f} s)" for row in rows]
    return ", ".join(told) or "none any more"
