"""A register that nobody touched fits its chain; what was done to one is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.chain.faults import Block, Fault, Following, Kind
from services.controlling.chain.gap import Gap
from services.controlling.chain.head import DailyHead
from services.controlling.chain.linking import Registered, beginning, hashes_after

PERIOD = "2026-05"
SIZES = (3, 1, 4)


def entry(number: int) -> Registered:
    moment = f"2026-05-01T08:00:00.{number:06}Z"
    return Registered(f"decision-{number}", "type", "work/adverse/unit-1", moment, moment, "0.5")


@dataclass
class Books:
    """A register, its chain and what was published of it."""

    register: dict[str, Registered]
    blocks: list[Block]
    heads: list[DailyHead] = field(default_factory=list)
    closed: int | None = None
    unchained: list[str] = field(default_factory=list)

    def faults(self) -> list[Fault]:
        following = Following(PERIOD, self.heads)
        found = [fault for one in self.blocks for fault in following.take(one, self.register)]
        return [*found, *following.end(self.unchained, self.closed)]


def chained(entries: Sequence[Registered], sizes: Sequence[int]) -> list[Block]:
    """Chain entries in blocks of these sizes."""
    hashes = hashes_after(beginning(PERIOD), entries)
    blocks, done = [], 0
    for size in sizes:
        part = slice(done, done + size)
        names = [one.decision for one in entries[part]]
        blocks.append(Block(done, names, b"".join(hashes[part])))
        done += size
    return blocks


def books(sizes: Sequence[int] = SIZES) -> Books:
    entries = [entry(number) for number in range(1, sum(sizes) + 1)]
    blocks = chained(entries, sizes)
    heads = [
        DailyHead(date(2026, 5, day), block.preceding + len(block.decisions), block.hashes[-32:])
        for day, block in enumerate(blocks, start=1)
    ]
    register = {one.decision: one for one in entries}
    return Books(register, blocks, heads, closed=len(entries))


def change(one: Books, number: int, **facts: str) -> None:
    name = f"decision-{number}"
    one.register[name] = one.register[name]._replace(**facts)


def drop(one: Books) -> None:
    del one.register["decision-5"]


def drop_with_its_block(one: Books) -> None:
    del one.register["decision-4"]
    del one.blocks[1]


def insert(one: Books) -> None:
    one.unchained.append("decision-99")


def exchange_stratum(one: Books) -> None:
    change(one, 2, stratum="work/favourable/unit-1")


def exchange_ticket(one: Books) -> None:
    change(one, 8, ticket="0.9")


def backdate(one: Books) -> None:
    change(one, 4, decided="2026-04-30T08:00:00.000000Z")


def list_twice(one: Books) -> None:
    first, *rest = one.blocks
    names = [*first.decisions[:2], "decision-1"]
    one.blocks = [replace(first, decisions=names), *rest]


def cut(one: Books) -> None:
    del one.blocks[-1]


def rewrite(one: Books) -> None:
    """Change a decision and chain all anew, as who has the whole database can."""
    change(one, 2, ticket="0.1")
    one.blocks = chained([*one.register.values()], SIZES)


def rewrite_all_but_the_last_head(one: Books) -> None:
    rewrite(one)
    one.heads = one.heads[-1:]


TAMPERINGS: dict[Callable[[Books], None], list[tuple[Kind, int | None, str]]] = {
    drop: [(Kind.DROPPED, 5, "entry 5: decision-5 is not in the register any more")],
    drop_with_its_block: [
        (Kind.BROKEN, 3, "after entry 3 comes entry 5: a block was taken out or put in"),
        (Kind.CHANGED, 5, "entry 5: decision-5 was changed, or moved from another place"),
        (Kind.HEAD, 4, "the head of 2026-05-02, entry 4, is not in the chain"),
    ],
    insert: [
        (
            Kind.INSERTED,
            None,
            "decision-99 stands in the register and not in its chain: it was put in",
        )
    ],
    exchange_stratum: [(Kind.CHANGED, 2, "entry 2: decision-2 was changed")],
    exchange_ticket: [(Kind.CHANGED, 8, "entry 8: decision-8 was changed")],
    backdate: [(Kind.CHANGED, 4, "entry 4: decision-4 was changed")],
    list_twice: [
        (Kind.DOUBLED, 3, "entry 3: decision-1 stands in the chain twice"),
        (Kind.CHANGED, 3, "entry 3: decision-1 was changed"),
    ],
    cut: [
        (Kind.BROKEN, 4, "the chain ends with entry 4, at the close there were 8"),
        (Kind.HEAD, 8, "the head of 2026-05-03, entry 8, is not in the chain"),
    ],
    rewrite: [
        (Kind.HEAD, 3, "the head of 2026-05-01, entry 3, is not in the chain"),
        (Kind.HEAD, 4, "the head of 2026-05-02, entry 4, is not in the chain"),
        (Kind.HEAD, 8, "the head of 2026-05-03, entry 8, is not in the chain"),
    ],
    rewrite_all_but_the_last_head: [
        (Kind.HEAD, 8, "the head of 2026-05-03, entry 8, is not in the chain")
    ],
}


@given(st.lists(st.integers(1, 5), max_size=4))
def test_a_register_that_nobody_touched_fits(sizes: list[int]) -> None:
    assert books(sizes).faults() == []


@pytest.mark.parametrize(
    ("tamper", "told"), TAMPERINGS.items(), ids=lambda one: getattr(one, "__name__", "")
)
def test_what_was_done_is_named(
    tamper: Callable[[Books], None], told: list[tuple[Kind, int | None, str]]
) -> None:
    one = books()
    tamper(one)
    found = one.faults()
    assert [(fault.kind, fault.entry) for fault in found] == [(kind, at) for kind, at, _ in told]
    assert all(fault.said.startswith(said) for fault, (_, _, said) in zip(found, told, strict=True))


def test_a_head_whose_number_was_withheld_is_found_by_its_hash() -> None:
    one = books()
    one.heads = [replace(head, entries=None) for head in one.heads]
    assert one.faults() == []
    exchanged = DailyHead(date(2026, 5, 9), None, bytes(32))
    one.heads.append(exchanged)
    assert [fault.said for fault in one.faults()] == ["the head of 2026-05-09 is not in the chain"]


def test_a_right_head_at_a_wrong_number_is_none() -> None:
    one = books()
    one.heads = [replace(one.heads[0], entries=4)]
    assert [fault.kind for fault in one.faults()] == [Kind.HEAD]


@given(
    st.integers(1, 8),
    st.sampled_from([name for name in Registered._fields if name != "decision"]),
    st.text(min_size=1, max_size=5),
)
def test_any_change_of_any_entry_is_found_where_it_is(number: int, part: str, text: str) -> None:
    one = books()
    change(one, number, **{part: getattr(entry(number), part) + text})
    [fault] = one.faults()
    assert (fault.kind, fault.entry, fault.decision) == (
        Kind.CHANGED,
        number,
        f"decision-{number}",
    )


def test_what_was_noted_as_gone_fits_with_its_id_and_its_time_alone() -> None:
    gap = Gap.at(2, "decision-2", datetime(2026, 5, 2, tzinfo=UTC))
    entries = [entry(1), gap.registered, entry(3)]
    [block] = chained(entries, [3])
    register = {one.decision: one for one in (entry(1), entry(3))}

    def faults(*gaps: Gap) -> list[Kind]:
        return [one.kind for one in Following(PERIOD, gaps=gaps).take(block, register)]

    assert faults(gap) == []
    assert faults() == [Kind.DROPPED]
    assert faults(replace(gap, noted="2026-05-03T00:00:00.000000Z")) == [Kind.CHANGED]
    assert faults(replace(gap, decision="decision-4")) == [Kind.CHANGED]


def test_what_came_again_after_it_was_gone_stands_in_the_chain_once() -> None:
    gap = Gap.at(1, "decision-2", datetime(2026, 5, 2, tzinfo=UTC))
    [block] = chained([gap.registered, entry(2)], [2])
    assert list(Following(PERIOD, gaps=[gap]).take(block, {"decision-2": entry(2)})) == []
