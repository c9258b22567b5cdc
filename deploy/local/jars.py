"""Jars that are named and hashed in a lock, downloaded once into the checkout: Kafka's.

`python -m deploy.local.jars` writes the lock anew after a change of `WANTED`.
"""

import errno
import hashlib
import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn

from deploy.local import disk
from deploy.local.errors import JarRejected, NoNetwork, NoSpace
from deploy.local.folder import CHECKOUT
from deploy.local.lock import FileLock
from shared.console import screen

WANTED = (
    "org.apache.kafka:kafka_2.13:4.3.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.26.1",  # without a binding Kafka is silent
    "org.apache.logging.log4j:log4j-core:2.26.1",
)
_AT_ONCE = 8
_PATIENCE = timedelta(minutes=10)
_HTTP_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock.

    Attributes:
        coordinate: Maven's `group:artifact:version`, with `:zip` behind it where it is no jar.
        sha256: Hash of the file, hexadecimal.
        size: Bytes.
    """

    coordinate: str
    sha256: str
    size: int

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Group, artifact, version and packaging."""
        group, artifact, version, *packaging = self.coordinate.split(":")
        return group, artifact, version, packaging[0] if packaging else "jar"

    def path(self, repository: Path) -> Path:
        """Where Maven's layout puts it below `repository`."""
        group, artifact, version, packaging = self.parts
        folder = repository.joinpath(*group.split("."), artifact, version)
        return folder / f"{artifact}-{version}.{packaging}"

    def is_intact(self, repository: Path) -> bool:
        """Whether the file is there and is the one that was locked."""
        path = self.path(repository)
        return path.is_file() and _sha256(path) == self.sha256


@dataclass(frozen=True, slots=True)
class Lock:
    """A committed list of jars.

    Attributes:
        software: What they are together, as people call it.
        file: The list.
    """

    software: str
    file: Path

    @property
    def jars(self) -> list[Jar]:
        """The jars, in class path order."""
        lines = (line.split() for line in self.file.read_text().splitlines() if line[0] != "#")
        return [Jar(coordinate, sha256, int(size)) for coordinate, sha256, size in lines]

    def missing(self, repository: Path) -> list[Jar]:
        """The jars that are not there, or not as they were locked."""
        return [jar for jar in self.jars if not jar.is_intact(repository)]


KAFKA = Lock("Apache Kafka", Path(__file__).with_name("kafka.lock"))


def class_path(lock: Lock, repository: Path) -> list[Path]:
    """All jars as files, each with the hash of the lock; downloads what is missing.

    Raises:
        NoNetwork: when something is missing and can't be downloaded.
        NoSpace: when the disk can't hold it.
        JarRejected: when what came is not what the lock names.
    """
    if lock.missing(repository):
        with FileLock(repository.parent / f"{repository.name}.lock", patience=_PATIENCE):
            _download(lock.software, lock.missing(repository), repository)
    return [jar.path(repository) for jar in lock.jars]


def _download(software: str, jars: Sequence[Jar], repository: Path) -> None:
    from requests import RequestException

    _trust_whom_the_machine_trusts()
    total = sum(jar.size for jar in jars)
    disk.require(repository, total // disk.MEGABYTE)
    with _progress(software, total) as advance, ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            list(pool.map(lambda jar: _download_one(jar, repository, advance), jars))
        except (RequestException, RuntimeError) as error:
            pool.shutdown(cancel_futures=True)
            raise NoNetwork(f"the jars of {software}", type(error).__name__) from error
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise NoSpace(repository, total // disk.MEGABYTE, 0) from error


def _download_one(jar: Jar, repository: Path, advance: Callable[[int], None]) -> None:
    from jgo.maven import MavenContext, PythonResolver

    path = jar.path(repository)
    path.unlink(missing_ok=True)  # a torso of an interrupted download

    @contextmanager
    def report(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield advance

    group, artifact, version, packaging = jar.parts
    maven = MavenContext(
        resolver=PythonResolver(progress_callback=report),
        repo_cache=repository,
        timeout=_HTTP_TIMEOUT_SECONDS,
    )
    maven.project(group, artifact).at_version(version).artifact(packaging=packaging).resolve()
    if not jar.is_intact(repository):
        path.unlink()
        raise JarRejected(jar.coordinate, path)


def require_network() -> None:
    """Look whether the Maven repository answers.

    Raises:
        NoNetwork: when it doesn't.
    """
    from jgo.constants import MAVEN_CENTRAL_URL
    from requests import RequestException, head

    _trust_whom_the_machine_trusts()
    try:
        head(MAVEN_CENTRAL_URL, timeout=5)
    except RequestException as error:
        raise NoNetwork("jars", type(error).__name__) from error


def _trust_whom_the_machine_trusts() -> None:
    """Let `requests` accept the certificates that the machine's administrator has installed."""
    paths = ssl.get_default_verify_paths()
    if trusted := paths.cafile or paths.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)


@contextmanager
def _progress(software: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn(software),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with screen.progress(*columns) as progress:
        task = progress.add_task("download", total=total)
        yield lambda count: progress.advance(task, count)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolve(repository: Path) -> list[Jar]:
    """Ask Maven for `WANTED` with all it needs at run time; what the lock is made of."""
    from jgo.maven import MavenContext
    from jgo.parse import Coordinate

    maven = MavenContext(repo_cache=repository, timeout=_HTTP_TIMEOUT_SECONDS)
    # Raw: else jgo takes log4j's managed versions as ours, and mixes an old client into Kafka.
    wanted = [
        maven.create_dependency(replace(Coordinate.parse(text), raw=True, scope="compile"))
        for text in WANTED
    ]
    direct, transitive = maven.resolver.resolve(wanted)
    found = [*direct, *(one for one in transitive if one.scope in {"compile", "runtime"})]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = list(pool.map(lambda one: one.artifact.resolve(), found))
    return [
        Jar(f"{one.groupId}:{one.artifactId}:{one.version}", _sha256(file), file.stat().st_size)
        for one, file in zip(found, files, strict=True)
    ]


def _write_lock() -> None:
    jars = resolve(CHECKOUT.jars)
    header = "# Written by `python -m deploy.local.jars`: coordinate, SHA-256, bytes.\n"
    lines = [f"{jar.coordinate} {jar.sha256} {jar.size}\n" for jar in jars]
    KAFKA.file.write_text(header + "".join(lines))


if __name__ == "__main__":
    _write_lock()
