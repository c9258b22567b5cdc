"""The settlement of dead letters broken on purpose."""

import asyncio
from typing import Any

import pytest

from shared.dead_letters import settlement
from shared.events.event import Event
from shared.kafka.records import Record


def replay_at_a_new_place(patch: pytest.MonkeyPatch) -> None:
    """Send a dead letter as if it had just happened: at the end of its case."""
    repaired = settlement._repaired

    def moved(*arguments: Any) -> tuple[Record, Event]:
        record, event = repaired(*arguments)
        headers = [
            (name, b"%d" % (event.sequence + 1) if name == "ce_sequence" else value)
            for name, value in record.headers
        ]
        return record._replace(headers=headers), event

    patch.setattr(settlement, "_repaired", moved)


def discard_fills_no_place(patch: pytest.MonkeyPatch) -> None:
    """Forget a dead letter without letting its case go on."""

    async def nothing(*_: object) -> None:
        await asyncio.sleep(0)

    patch.setattr(settlement, "_stand_in", nothing)


def letters_settled_in_one_service(patch: pytest.MonkeyPatch) -> None:
    """Settle the letter of the service that was asked about, not those of the others."""
    open_letters = settlement._open_letters

    async def first(*arguments: Any) -> list[Any]:
        return (await open_letters(*arguments))[:1]

    patch.setattr(settlement, "_open_letters", first)
