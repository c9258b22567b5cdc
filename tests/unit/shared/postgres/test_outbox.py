"""Headers survive the outbox byte by byte, whatever they hold."""

from hypothesis import given
from hypothesis import strategies as st

from shared.postgres.outbox import pack_headers, unpack_headers

headers = st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=40)), max_size=8)


@given(headers)
def test_headers_come_back_as_they_were(original: list[tuple[str, bytes | None]]) -> None:
    assert unpack_headers(pack_headers(original)) == original
