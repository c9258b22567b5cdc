"""Of a flood a few lines are written, and the rest is counted."""

import pytest

from shared.observe.flood import MOST_EACH, MOST_IN_ALL, MOST_KINDS, Flood, Kind, site_of


def kind(address: str | None, who: str | None = None, reason: str = "unauthenticated") -> Kind:
    return Kind("refused", reason, who, address)


def test_a_few_lines_of_one_kind_are_written_and_the_others_counted() -> None:
    flood = Flood()
    written = [flood.take(kind("192.0.2.1")) for _ in range(MOST_EACH + 5)]
    assert written == [True] * MOST_EACH + [False] * 5
    assert flood.end() == {kind("192.0.2.1"): 5}


@pytest.mark.parametrize(
    "other",
    [kind("192.0.2.2"), kind("192.0.2.1", who="permits"), kind("192.0.2.1", reason="too-fast")],
    ids=["another address", "another system", "another reason"],
)
def test_one_kind_takes_nothing_from_another(other: Kind) -> None:
    flood = Flood()
    for _ in range(MOST_EACH * 2):
        flood.take(kind("192.0.2.1"))
    assert flood.take(other)


def test_who_has_many_addresses_fills_no_disk_either() -> None:
    flood = Flood()
    sent = 100_000
    written = sum(flood.take(kind(str(number))) for number in range(sent))
    left_out = flood.end()
    assert written == MOST_IN_ALL
    assert len(left_out) == MOST_KINDS + 1
    assert sum(left_out.values()) == sent - written
    assert left_out[kind(None, reason="others")] == sent - written - MOST_KINDS


def test_a_new_period_begins_with_nothing() -> None:
    flood = Flood()
    for number in range(MOST_IN_ALL * 2):
        flood.take(kind(str(number)))
    flood.end()
    assert flood.take(kind("0"))
    assert flood.end() == {}


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:202", "192.0.2.2"),
        ("[half", "[half"),
        ("a:b", "a:b"),
        (None, None),
    ],
)
def test_of_an_ipv6_address_only_what_its_owner_was_given_counts(
    address: str | None, site: str | None
) -> None:
    assert site_of(address) == site
