import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.sealing import SealBroken, new_sealing_pair, seal, unseal

PUBLIC, PRIVATE = new_sealing_pair()


@given(st.binary(), st.binary(max_size=100))
def test_the_receiver_reads_what_was_sealed(plaintext: bytes, context: bytes) -> None:
    assert unseal(PRIVATE, seal(PUBLIC, plaintext, context), context) == plaintext


def test_two_boxes_of_the_same_text_cannot_be_told_to_be_the_same() -> None:
    assert seal(PUBLIC, b"anna@example.org", b"") != seal(PUBLIC, b"anna@example.org", b"")


def test_a_box_is_bound_to_its_context() -> None:
    with pytest.raises(SealBroken):
        unseal(PRIVATE, seal(PUBLIC, b"anna@example.org", b"contact-a"), b"contact-b")


def test_another_private_key_opens_nothing() -> None:
    _, other = new_sealing_pair()

    with pytest.raises(SealBroken):
        unseal(other, seal(PUBLIC, b"anna@example.org", b""), b"")


@given(st.data())
def test_a_box_changed_in_one_bit_stays_closed(data: st.DataObject) -> None:
    box = bytearray(seal(PUBLIC, b"anna@example.org", b""))
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        unseal(PRIVATE, bytes(box), b"")


@given(st.integers(0, 63))
def test_a_box_that_was_cut_stays_closed(length: int) -> None:
    box = seal(PUBLIC, b"anna@example.org", b"")

    with pytest.raises(SealBroken):
        unseal(PRIVATE, box[:length], b"")
