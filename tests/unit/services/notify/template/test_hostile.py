import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.hostile import has_control, without_links

ADDRESSES = st.from_regex(r"\A(https?://|www\.|ftp://)[a-z0-9./:-]{1,30}\Z")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Anna Öz", "Anna Öz"),
        ("Dr.Maier", "Dr. Maier"),
        ("evil.example", "evil. example"),
        ("anna@evil.example", "anna@evil. example"),
        ("see https://evil.example/x?y now", "see  now"),
        ("https://localhost/a", ""),
        ("http://192.0.2.1/a", ""),
        ("www.evil.example", ""),
        ("evil.example/path", ""),
        ("[x](evil.example)", "[x](evil. example)"),
        ("Straße 1.5", "Straße 1.5"),
    ],
)
def test_a_value_leads_nowhere(value: str, kept: str) -> None:
    assert without_links(value) == kept


@given(st.text(max_size=20), ADDRESSES, st.text(max_size=20))
def test_no_address_stays_whole(before: str, address: str, behind: str) -> None:
    left = without_links(f"{before} {address} {behind}")

    assert not re.search(r"(?i)\bwww\.[a-z0-9]|\bhttps?://[a-z0-9]", left) or address not in left


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\r", "\x1b", "\x7f", "\x85", "\u2028"])
def test_control_characters_are_seen(character: str) -> None:
    assert has_control(f"a{character}b")
    assert not has_control("a\tb\nc äß𝄞")


@pytest.mark.parametrize(
    "value",
    [" " * 1_000_000, "a." * 300_000, "a-" * 300_000, "a.b@" * 200_000, "a://" * 200_000],
)
def test_no_value_makes_it_slow(value: str) -> None:
    assert isinstance(without_links(value), str)
