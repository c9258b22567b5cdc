"""Sends the load over intake's API, and keeps a ledger of what intake acknowledged."""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.intake.client import IntakeClient
from services.intake.outcome import BATCH_LIMIT
from shared.events.event import Event, encode
from shared.events.registry import Topic
from shared.security.secrets import SecretName
from tests.chaos.load import Load, PoisonRecord
from tests.chaos.town import Town

LANES = 3
PATIENCE = timedelta(minutes=3)
PUT_TIMEOUT = 15.0


class Sender(Thread):
    """Sends a load within about `duration`, in a thread of its own.

    Attributes:
        acknowledged: Sequence by event id, as intake's receipts say.
        contradictions: Receipts that differ from an earlier one of the same event.
        error: What ended the thread too early.
    """

    def __init__(self, load: Load, town: Town, *, ledger: Path, duration: timedelta) -> None:
        super().__init__(name="sender", daemon=True)
        self.acknowledged: dict[str, int] = {}
        self.contradictions: list[str] = []
        self.error: BaseException | None = None
        self._load = load
        self._town = town
        self._ledger = ledger.open("a")
        self._duration = duration

    def run(self) -> None:
        try:
            asyncio.run(self._send())
        except BaseException as error:  # noqa: BLE001 - told at the end
            self.error = error
        finally:
            self._ledger.flush()

    def check(self) -> None:
        """Raise what ended the thread too early: without its load, a storm shows nothing."""
        if self.error is not None:
            raise RuntimeError("the load can't be sent") from self.error

    def send_now(self, events: Sequence[Event]) -> None:
        """Send some more events, from the caller's thread."""
        asyncio.run(self._lane(self._load.batches(events), 0))
        self._ledger.flush()

    async def _send(self) -> None:
        contacts = self._load.contacts()
        async with self._client() as client:
            for at in range(0, len(contacts), BATCH_LIMIT):
                await client.send_contacts(contacts[at : at + BATCH_LIMIT])
        lanes = self._load.lanes(LANES)
        seconds = self._duration.total_seconds()
        poison = self._load.poison()
        await asyncio.gather(
            *(self._lane(batches, seconds / len(batches)) for batches in lanes),
            self._poison(poison, seconds / len(poison)),
        )

    async def _lane(self, batches: Iterable[Sequence[Event]], pause: float) -> None:
        began = time.monotonic()
        async with self._client() as client:
            for number, batch in enumerate(batches):
                await asyncio.sleep(began + number * pause - time.monotonic())
                outcome = await client.send_events([encode(event) for event in batch])
                if outcome.errors:
                    raise AssertionError(f"intake refused {outcome.errors[0]}")
                for receipt in outcome.receipts:
                    self._note(receipt.id, receipt.sequence)

    def _note(self, identity: str, sequence: int) -> None:
        if self.acknowledged.setdefault(identity, sequence) != sequence:
            self.contradictions.append(identity)
        self._ledger.write(json.dumps([identity, sequence]) + "\n")

    def _client(self) -> IntakeClient:
        token = self._town.secrets.text(SecretName.CLIENT_TOKEN)
        return IntakeClient(self._town.url("intake"), token, patience=PATIENCE)

    async def _poison(self, records: Sequence[PoisonRecord], pause: float) -> None:
        """Put each record into the topic at least once; the topic itself tells how often."""
        began = time.monotonic()
        for number, record in enumerate(records, start=1):
            await asyncio.sleep(began + number * pause - time.monotonic())  # catches up when late
            while not await self._put(record):
                pass  # a start that fails takes its time

    async def _put(self, record: PoisonRecord) -> bool:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._town.addresses.kafka_bootstrap_servers,
            acks="all",
            request_timeout_ms=5_000,
            max_request_size=2_000_000,
        )
        try:
            async with asyncio.timeout(PUT_TIMEOUT):  # a client may hang when its broker is killed
                await producer.start()
                await producer.send_and_wait(
                    Topic.CASE_EVENTS.value,
                    record.value,
                    key=record.key,
                    headers=list(record.headers),
                )
        except (KafkaError, OSError):  # TimeoutError is an OSError
            return False
        else:
            return True
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(PUT_TIMEOUT):
                    await producer.stop()
