"""Where the simulated stream goes: to intake, or into a file."""

import asyncio
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from services.intake.client import IntakeClient
from services.intake.outcome import BatchOutcome
from services.intake.simulation.batch import Batch

Delivered = Callable[[Batch, BatchOutcome], None]


class Destination(Protocol):
    """Takes batches, one after the other."""

    async def take(self, batch: Batch) -> BatchOutcome:
        """Take a batch; say what became of its events."""


class ToIntake:
    """Sends batches over intake's API."""

    def __init__(self, client: IntakeClient) -> None:
        self._client = client

    async def take(self, batch: Batch) -> BatchOutcome:
        """Hand over the contacts, then send the events."""
        if batch.contacts:
            await self._client.send_contacts(batch.contacts)
        return await self._client.send_events(batch.events) if batch.events else BatchOutcome()


class ToFile:
    """Writes events as CloudEvents, one JSON document per line; contacts stay out of files."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def take(self, batch: Batch) -> BatchOutcome:
        """Write the events."""
        self._file.writelines(document + b"\n" for document in batch.events)
        return BatchOutcome()


async def deliver(stream: Iterator[Batch], destination: Destination, delivered: Delivered) -> None:
    """Deliver a stream in order, inventing the next batch while one is on its way."""
    batch = await asyncio.to_thread(next, stream, None)
    while batch is not None:
        outcome, following = await asyncio.gather(
            destination.take(batch), asyncio.to_thread(next, stream, None)
        )
        delivered(batch, outcome)
        batch = following
