"""The chain of a register: what is hashed is told apart, and can be computed by anyone."""

from hashlib import sha256
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.chain.linking import (
    Registered,
    beginning,
    hashes_after,
    linked,
)

TEXTS = st.text(max_size=5)
ENTRIES = st.builds(Registered, *[TEXTS] * 6)
START = beginning("2026-05")


def by_hand(before: bytes, *texts: str) -> bytes:
    """As the auditors' page describes it."""
    for text in texts:
        before += len(text.encode()).to_bytes(8, "big") + text.encode()
    return sha256(before).digest()


def test_the_chain_of_a_period_begins_with_its_name() -> None:
    assert by_hand(b"", "gleichfall-register-1", "2026-05") == START
    assert beginning("2026-06") != START


@given(st.lists(ENTRIES, max_size=5))
def test_each_hash_is_of_the_one_before_and_the_entry(entries: list[Registered]) -> None:
    before, expected = START, []
    for entry in entries:
        before = by_hand(before, *entry)
        expected.append(before)
    assert hashes_after(START, entries) == expected


@given(ENTRIES, ENTRIES)
def test_only_equal_entries_have_equal_hashes(one: Registered, other: Registered) -> None:
    assert (linked(START, one) == linked(START, other)) == (one == other)


def test_texts_that_are_shifted_into_each_other_are_told_apart() -> None:
    shifted = [
        Registered("ab", "c", "", "", "", ""),
        Registered("a", "bc", "", "", "", ""),
        Registered("", "abc", "", "", "", ""),
        Registered("abc", "", "", "", "", ""),
    ]
    hashes = [linked(START, one) for one in shifted]
    assert all(one != other for one, other in combinations(hashes, 2))


@given(st.lists(ENTRIES, min_size=2, max_size=6, unique=True), st.randoms())
def test_another_order_has_another_end(entries: list[Registered], chance: object) -> None:
    turned = [*entries[1:], entries[0]]
    assert hashes_after(START, entries)[-1] != hashes_after(START, turned)[-1]
