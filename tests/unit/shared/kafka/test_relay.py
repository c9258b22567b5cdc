"""After a failed send the relay deletes only what keeps each case's order intact."""

from typing import cast

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.held_items.holding import Holding
from shared.kafka.brokers import Brokers
from shared.kafka.errors import RecordTooLarge
from shared.kafka.relay import Relay, _acknowledged, _never
from shared.observe.metrics import Loop
from tests.shelf import Shelf

sends = st.lists(st.tuples(st.sampled_from([b"a", b"b", None]), st.booleans()), max_size=20)


async def test_an_error_that_nobody_had_foreseen_doesn_t_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Exception] = []

    async def session(_: Relay) -> None:
        raise ValueError("Anna Muster")

    async def rest(relay: Relay) -> None:
        if len(heard) == 3:
            relay.stop()

    monkeypatch.setattr(Relay, "_session", session)
    monkeypatch.setattr(Relay, "_back_off", rest)
    holding = Holding(Shelf(), Loop.RELAY)
    await Relay(
        Brokers("127.0.0.1:9"), "", service="intake", holding=holding, on_failure=heard.append
    ).run()
    assert list(map(type, heard)) == [ValueError] * 3


def test_only_what_stands_first_of_its_key_is_given_up() -> None:
    keys = (b"a", b"a", b"b", b"b", b"c")
    rows = [{"id": n, "topic": "t", "key": key} for n, key in enumerate(keys)]
    large = RecordTooLarge("t", 9)
    outcomes = [ConnectionError(), large, None, large, large]
    never = _never(cast("list[asyncpg.Record]", rows), outcomes)
    assert set(never) == {3, 4}


@given(sends)
def test_nothing_is_deleted_behind_a_failure_of_its_key(
    sent: list[tuple[bytes | None, bool]],
) -> None:
    rows = [{"id": n, "topic": "t", "key": key} for n, (key, _) in enumerate(sent)]
    outcomes = [None if ok else ConnectionError() for _, ok in sent]
    deleted = set(_acknowledged(cast("list[asyncpg.Record]", rows), outcomes))
    for key in (b"a", b"b", None):
        mine = [(n, ok) for n, (found, ok) in enumerate(sent) if found == key]
        good = [n for n, ok in mine]
        first_failure = next((n for n, ok in mine if not ok), len(sent))
        assert deleted & set(good) == {n for n in good if n < first_failure}
