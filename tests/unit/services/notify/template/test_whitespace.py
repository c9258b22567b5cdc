import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.whitespace import one_line, tidy


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Your tax\tis\n due ", "Your tax is due"),
        ("no\u00a0break", "no break"),
        ("\ufeffin\u200bvisible\u2060", "invisible"),
        ("", ""),
    ],
)
def test_between_words_is_one_space(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_a_line_has_no_break_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert one_line(line) == line


def test_a_text_keeps_its_lines_and_one_blank_one() -> None:
    assert tidy("The   fox.\n\n\n\nJumps.   \nOn.") == "The fox.\n\nJumps.\nOn."
