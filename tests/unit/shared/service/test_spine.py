from datetime import timedelta

import pytest

from shared.held_items.holding import Holding
from shared.kafka.brokers import Brokers
from shared.kafka.errors import PublishingHeldUp
from shared.kafka.relay import Relay, RelayReport
from shared.observe.health import Liveness
from shared.observe.metrics import RELAY_FAILURES, Loop
from shared.service.spine import RelaySigns
from tests.shelf import Shelf

NOWHERE = "127.0.0.1:1"


async def test_a_relay_without_its_database_counts_its_failures_and_stays_alive() -> None:
    before = RELAY_FAILURES._value.get()
    now = 0.0
    liveness = Liveness(lambda: now)
    heartbeat = liveness.watch(Loop.RELAY, timedelta(seconds=60))
    signs = RelaySigns(heartbeat)
    now = 61.0

    def failed(error: Exception) -> None:
        signs.count_failure(error)
        relay.stop()

    database = f"postgresql://nobody@{NOWHERE}/nothing"
    relay = Relay(
        Brokers(NOWHERE),
        database,
        service="intake",
        holding=Holding(Shelf(), Loop.RELAY),
        on_failure=failed,
    )
    await relay.run()

    assert RELAY_FAILURES._value.get() == before + 1
    assert liveness.stalled() == []
    with pytest.raises(PublishingHeldUp, match=r"ConnectionRefusedError.*wait in the outbox"):
        await signs.check()
    signs.count_round(RelayReport(0, timedelta(0)))
    await signs.check()
