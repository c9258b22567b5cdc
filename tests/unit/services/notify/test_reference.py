import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.reference import BYTES, code_of, hash_of

CASE = "case-" + "a" * 26


def test_a_code_can_be_read_out_and_heard() -> None:
    code = code_of(CASE)

    assert code == code_of(CASE) != code_of(CASE + "b")
    assert len(code) == 9
    assert not set("ILOU") & set(code)
    assert (
        hash_of(code) == hash_of(code.lower().replace("-", " ")) == hash_of(code.replace("0", "o"))
    )


@pytest.mark.parametrize("said", ["", CASE, "K7M4", "K7M4-2XQP1", "K7M4-2XQU", "K7M4-2XQ!"])
def test_what_is_no_code_finds_no_case(said: str) -> None:
    assert hash_of(said) is None


@given(st.text(min_size=1))
def test_a_code_says_the_beginning_of_its_case_s_hash(case_ref: str) -> None:
    found = hash_of(code_of(case_ref))

    assert found is not None
    assert len(found) == BYTES
