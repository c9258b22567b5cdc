"""A large request lets others have their turn while it is looked at."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from services.intake.door import Backlog, Door
from services.intake.plausibility import Reach
from services.intake.receipts import Receipt
from services.intake.screening import Candidate, Refusal
from services.intake.store import Ledger
from shared.security.identity import SourceSystem
from tests.listed import KEYS

SYSTEM = SourceSystem("permits", ("urn:test",), ("*",), counts=("urn:test",))


class NoLedger:
    """Has nothing, and takes nothing."""

    async def backlog(self, _: int) -> int:
        return 0

    async def accept(
        self, candidates: Sequence[Candidate], _: SourceSystem
    ) -> tuple[list[Receipt], list[Refusal]]:
        assert not candidates
        return [], []


async def test_others_have_their_turn_while_a_batch_is_screened() -> None:
    ledger = cast(Ledger, NoLedger())
    door = Door(
        ledger,
        Backlog(ledger, 1),
        future_tolerance=timedelta(),
        reach=Reach(),
        keys=KEYS,
        on_commit=lambda: None,
    )
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    documents: list[Any] = [{"id": str(number)} for number in range(1_000)]
    admission = await door.admit(documents, SYSTEM)
    beside.cancel()
    assert [one.place for one in admission.refusals] == list(range(1_000))
    assert turns >= 40
