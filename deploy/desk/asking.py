"""How the desk asks the processes it watches: all at once, and none that is dead for long."""

from collections.abc import Mapping

import httpx

from deploy.desk.settings import Watched
from deploy.standing import processes
from deploy.standing.processes import Process
from deploy.standing.series import Series

PATIENCE = 2
"""Seconds: who looks at a page doesn't wait for a process that is dead."""


async def ready(watched: Mapping[str, Watched]) -> list[Process]:
    """Ask whether they can work."""
    addresses = {name: str(one.url).rstrip("/") for name, one in watched.items()}
    async with _client() as client:
        return await processes.ask(client, addresses)


async def told(watched: Mapping[str, Watched]) -> dict[str, Series]:
    """Read their figures, by their names; who doesn't tell any isn't among them."""
    async with _client() as client:
        return await processes.told(
            client, {name: str(one.metrics) for name, one in watched.items()}
        )


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
