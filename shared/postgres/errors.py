"""What can be wrong with the database."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from shared.errors import PermanentError, TransientError

# The same statement may succeed a moment later: the server is away, restarting, busy, or chose
# us as the victim of a conflict.
TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session ended by the server between two statements
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.CannotConnectNowError,
    asyncpg.QueryCanceledError,
)


def is_transient(error: BaseException) -> bool:
    """Tell whether the same attempt may succeed later, and nothing is wrong with what was done.

    asyncpg counts an argument that it can't encode among the errors of its interface, as it does a
    connection that was closed; only the latter passes.
    """
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return False
    return isinstance(error, (*TRANSIENT, TransientError))


class DatabaseUnreachable(TransientError):
    """PostgreSQL does not answer, or can't keep anything."""

    def __init__(self, where: str, cause: BaseException) -> None:
        if isinstance(cause, asyncpg.DiskFullError):
            super().__init__(
                f"PostgreSQL at {where} has no space left on its disk: make room there"
            )
            return
        super().__init__(
            f"PostgreSQL at {where} does not answer ({type(cause).__name__}: {cause}); "
            "is it running, and is DATABASE_URL right?"
        )


class MigrationChanged(PermanentError):
    """An applied migration file was edited afterwards."""

    def __init__(self, schema: str, name: str) -> None:
        super().__init__(
            f"migration {name} of {schema} was changed after it had been applied; "
            "restore the file and write a new migration instead"
        )


class MigrationSkipped(PermanentError):
    """A file of the other phase, made for an earlier release, is still missing."""

    def __init__(self, schema: str, missing: str, name: str) -> None:
        command = "gleichfall migrate --post" if "_post_" in missing else "gleichfall migrate"
        super().__init__(
            f"migration {name} of {schema} comes after {missing}, which is not applied; "
            f"run '{command}' first. Nothing was changed"
        )


class ReleasesSkipped(PermanentError):
    """Several releases are missing, so that neither phase can come first."""

    def __init__(self, schema: str, missing: str) -> None:
        super().__init__(
            f"{schema} is several releases behind: it lacks {missing} and what later ones took "
            "away and added again, which can't happen beside running processes; stop them all and "
            "run 'gleichfall migrate --stopped'. Nothing was changed"
        )


class ProcessesRun(PermanentError):
    """Both phases at once would take away what processes still need."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"connected to the database: {', '.join(names)}; stop what runs, or run "
            "'gleichfall migrate', start it anew, and run 'gleichfall migrate --post'. "
            "Nothing was changed"
        )


class ReleaseUnfinished(PermanentError):
    """Processes of the release before may still run beside those of this one."""

    def __init__(self, schema: str, missing: str) -> None:
        super().__init__(
            f"the upgrade isn't finished, processes of the release before may still run ({missing} "
            f"of {schema} is not applied): start all of them anew, then run "
            "'gleichfall migrate --post'"
        )


class MigrationBlocked(TransientError):
    """A migration did not get its locks; it was rolled back each time."""

    def __init__(self, schema: str, name: str, patience: timedelta, holders: str) -> None:
        super().__init__(
            f"migration {name} of {schema} did not get its locks within "
            f"{patience.total_seconds():.0f} s and was rolled back. The oldest open transactions: "
            f"{holders}. Let them end, then run the command again"
        )


class MigrationFailed(PermanentError):
    """A migration was refused by PostgreSQL and rolled back."""

    def __init__(self, schema: str, name: str, cause: BaseException) -> None:
        super().__init__(f"migration {name} of {schema} failed and was rolled back: {cause}")
