"""Processes as they tell of themselves: whether they can work, and their figures."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from deploy.standing.series import Series, read

PATIENCE = 5
"""How many seconds a process may take to answer."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process and what it says of itself.

    Attributes:
        name: What people call it.
        address: Where its HTTP side is.
        missing: What it needs and doesn't have, each with the reason; empty when it is ready.
        silent: It doesn't answer at all.
    """

    name: str
    address: str
    missing: tuple[str, ...]
    silent: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can do its work now."""
        return not self.missing


async def ask(client: httpx.AsyncClient, addresses: Mapping[str, str]) -> list[Process]:
    """Ask every process, by its name and address, whether it is ready."""
    return await asyncio.gather(*(_ask(client, name, url) for name, url in addresses.items()))


async def told(client: httpx.AsyncClient, addresses: Mapping[str, str]) -> dict[str, Series]:
    """Read the figures of every process that tells them, by its name and their address."""
    found = await asyncio.gather(*(_told(client, url) for url in addresses.values()))
    return {name: one for name, one in zip(addresses, found, strict=True) if one is not None}


async def _ask(client: httpx.AsyncClient, name: str, url: str) -> Process:
    try:
        answer = await client.get(f"{url}/readyz")
    except httpx.HTTPError as error:
        return Process(name, url, (f"no answer ({type(error).__name__})",), silent=True)
    return Process(name, url, () if answer.is_success else _missing(answer))


def _missing(answer: httpx.Response) -> tuple[str, ...]:
    try:
        return tuple(f"{need['name']}: {need['reason']}" for need in answer.json()["errors"])
    except (ValueError, KeyError, TypeError):  # not one of ours
        return (f"HTTP status {answer.status_code}",)


async def _told(client: httpx.AsyncClient, url: str) -> Series | None:
    try:
        answer = await client.get(url)
    except httpx.HTTPError:
        return None
    return read(answer.text) if answer.is_success else None
