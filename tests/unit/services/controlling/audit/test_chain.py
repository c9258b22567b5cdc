"""The chain: no two entries have the same bytes, and what is tampered with is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.audit.chain import EMPTY, Head, HeadUnreadable, breaks, link
from services.controlling.audit.entry import Act, Entry, Link

NOON = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)
TEXTS = st.text(max_size=4)
VALUES = st.none() | TEXTS | st.integers()
ENTRIES = st.builds(
    Entry,
    account=st.none() | st.uuids(),
    role=st.none() | TEXTS,
    act=st.sampled_from(Act),
    object=TEXTS,
    detail=st.dictionaries(TEXTS, VALUES, max_size=3),
)


def chain(*entries: Entry) -> list[Link]:
    links: list[Link] = []
    head = EMPTY
    for minute, entry in enumerate(entries):
        links.append(link(head, entry, NOON + timedelta(minutes=minute)))
        head = Head(links[-1].number, links[-1].hash)
    return links


FIVE = chain(*(Entry(UUID(int=n), "leadership", Act.SIGNED, f"review:{n}") for n in range(5)))


@given(st.lists(ENTRIES, max_size=5))
def test_a_chain_that_nobody_touched_holds(entries: list[Entry]) -> None:
    links = chain(*entries)
    assert list(breaks(links)) == []
    assert all(after.previous == before.hash for before, after in pairwise(links))


@given(ENTRIES, ENTRIES)
def test_only_equal_entries_have_equal_hashes(one: Entry, other: Entry) -> None:
    same = link(EMPTY, one, NOON).hash == link(EMPTY, other, NOON).hash
    kinds = [[type(value) for _, value in sorted(each.detail.items())] for each in (one, other)]
    assert same == (one == other and kinds[0] == kinds[1])


def test_fields_that_are_shifted_into_each_other_are_told_apart() -> None:
    split = Entry(None, None, Act.TAKEN, "review:1", {"a": "btc", "d": "e"})
    shifted = Entry(None, None, Act.TAKEN, "review:1", {"a": "b", "ctd": "e"})
    assert link(EMPTY, split, NOON).hash != link(EMPTY, shifted, NOON).hash


def changed(links: list[Link]) -> list[Link]:
    return [*links[:2], replace(links[2], object="review:9"), *links[3:]]


def changed_by_who_knows_how(links: list[Link]) -> list[Link]:
    entry = Entry(links[2].account, links[2].role, Act.REOPENED, links[2].object)
    return [*links[:2], link(Head(2, links[1].hash), entry, links[2].at), *links[3:]]


def dropped(links: list[Link]) -> list[Link]:
    return [*links[:2], *links[3:]]


def swapped(links: list[Link]) -> list[Link]:
    second, third = links[1], links[2]
    return [links[0], replace(third, number=2), replace(second, number=3), *links[3:]]


def inserted(links: list[Link]) -> list[Link]:
    extra = link(Head(2, links[1].hash), Entry(None, None, Act.REFUSED, "x"), NOON)
    return [*links[:2], extra, *links[2:]]


def beheaded(links: list[Link]) -> list[Link]:
    return links[1:]


@pytest.mark.parametrize(
    "tampering", [changed, changed_by_who_knows_how, dropped, swapped, inserted, beheaded]
)
def test_tampering_is_told(tampering: Callable[[list[Link]], list[Link]]) -> None:
    assert list(breaks(tampering(FIVE))) != []


def test_a_break_is_told_once() -> None:
    assert list(breaks(changed(FIVE))) == ["entry 3 was changed"]


def test_a_head_is_read_as_it_is_written() -> None:
    head = Head(5, FIVE[4].hash)
    assert Head.parse(str(head)) == head


@pytest.mark.parametrize("text", ["", "5", "5:", "x:00", "5:00", "5:zz"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(HeadUnreadable, match="no head"):
        Head.parse(text)
