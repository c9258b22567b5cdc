"""After a failed send the relay deletes only what keeps each case's order intact."""

from typing import cast

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.relay import _acknowledged

sends = st.lists(st.tuples(st.sampled_from([b"a", b"b", None]), st.booleans()), max_size=20)


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
