"""Heads are written down and read again as they were published."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.chain.errors import HeadUnreadable
from services.controlling.chain.head import DailyHead

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@given(
    st.builds(
        DailyHead,
        st.dates(date(1000, 1, 1)),
        st.none() | st.integers(0),
        st.binary(min_size=32, max_size=32),
    )
)
def test_a_head_is_read_as_it_was_written(head: DailyHead) -> None:
    assert DailyHead.parse(str(head)) == head


def test_a_head_stands_in_one_line() -> None:
    head = DailyHead(date(2026, 5, 3), 1204, bytes.fromhex(HASH))
    assert str(head) == f"2026-05-03:1204:{HASH}"
    assert DailyHead.parse(f"2026-05-03:-:{HASH.upper()}").entries is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        HASH,
        f"2026-05-03:{HASH}",
        f"2026-05-03::{HASH}",
        f"2026-05-03:-1:{HASH}",
        f"2026-13-03:1:{HASH}",
        f"2026-05-03:1:{HASH[:-2]}",
        f"2026-05-03:1:{HASH}00",
        f"2026-05-03:1:{HASH[:-1]}g",
        f"2026-05-03:1:{HASH}\n",
    ],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(HeadUnreadable, match="as published"):
        DailyHead.parse(text)
