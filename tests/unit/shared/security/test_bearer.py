"""What opens something for whoever holds it."""

from shared.security.bearer import hash_of, new_bearer


def test_a_new_one_is_long_and_its_hash_alone_is_kept() -> None:
    one, other = new_bearer(), new_bearer()
    assert one.text != other.text
    assert len(one.text) >= 43
    assert one.hash == hash_of(one.text)
    assert one.text not in repr(one.hash)
