"""The one loop of a process that reads how things stand, for its gauges.

The database is asked for little and often, and seldom for what costs more.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from shared.observe.gauges import CERTIFICATE_ENDS, SECRET_CHANGED, CertificateUse
from shared.observe.health import Health
from shared.observe.metrics import Loop
from shared.postgres.backlogs import tell_pool
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import every, run_beside

ROUND = timedelta(seconds=10)
OFTEN = timedelta(seconds=30)
SELDOM = timedelta(hours=1)
LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Look:
    """What is read, and how long it stays true enough."""

    cadence: timedelta
    read: Callable[[], Awaitable[object]]


class Looks:
    """Reads each thing at its own cadence; what fails is read again in the next round."""

    def __init__(self, looks: Sequence[Look], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = dict.fromkeys(looks, float("-inf"))

    async def look(self) -> None:
        """Read all that is due; one that fails keeps no other from being read.

        Raises:
            Exception: the first one that a look raised.
        """
        failures = []
        for one, due in self._due.items():
            if self._clock() < due:
                continue
            try:
                await one.read()
            except Exception as error:  # noqa: BLE001 - it is raised behind the others
                failures.append(error)
            else:
                self._due[one] = self._clock() + one.cadence.total_seconds()
        if failures:
            raise failures[0]


@asynccontextmanager
async def looking(
    health: Health, pool: Pool, secrets: SecretStore, looks: Sequence[Look] = ()
) -> AsyncIterator[None]:
    """Read beside the block what every process tells of itself, and what else is given."""
    own = (
        Look(ROUND, health.readiness.tell),
        Look(ROUND, partial(tell_pool, pool)),
        Look(SELDOM, partial(tell_secrets, secrets)),
    )
    rounds = every(ROUND, Looks([*own, *looks]).look, loop=Loop.GAUGES, health=health, limit=LIMIT)
    async with run_beside(health, Loop.GAUGES, rounds.run(), stop=rounds.stop):
        yield


def tell_certificates(files: Mapping[CertificateUse, Path | None]) -> Callable[[], Awaitable[None]]:
    """Give what tells until when the certificates of some files (PEM) are valid."""
    found = {use: path for use, path in files.items() if path is not None}

    async def tell() -> None:
        for use, path in found.items():
            certificates = load_pem_x509_certificates(path.read_bytes())
            ends = max(one.not_valid_after_utc for one in certificates)
            CERTIFICATE_ENDS.of(use).set(ends.timestamp())

    return tell


async def tell_secrets(secrets: SecretStore) -> None:
    """Tell when each secret that this process may read was changed last."""
    for name in SecretName:
        path = secrets.directory / name.value
        if path.exists():
            SECRET_CHANGED.of(name).set(path.stat().st_mtime)
