import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.markup import as_edited, escaped, linked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b > c & d", "a &lt; b &gt; c &amp; d"),
        ("&amp;", "&amp;"),
        ("2&minus;1", "2\u22121"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("200&micro g", "200&amp;micro g"),
        ("&nothing;", "&amp;nothing;"),
        ("\"quotes\" and 'more'", "\"quotes\" and 'more'"),
    ],
)
def test_html_is_escaped_once(text: str, html: str) -> None:
    assert escaped(text) == html
    assert escaped(html) == html


@given(st.text())
def test_no_text_brings_an_element(text: str) -> None:
    assert "<" not in escaped(text)


@pytest.mark.parametrize(
    ("text", "address", "behind"),
    [
        ("https://example.org", "https://example.org", ""),
        ("https://example.org/a.", "https://example.org/a", "."),
        ("https://example.org/a).", "https://example.org/a", ")."),
        ("https://example.org/a_(b)", "https://example.org/a_(b)", ""),
        ("http://example.org/?a=1:", "http://example.org/?a=1", ":"),
    ],
)
def test_marks_behind_an_address_are_no_part_of_it(text: str, address: str, behind: str) -> None:
    assert linked(text).endswith(f">{address}</a>{behind}")


@pytest.mark.parametrize(
    "text", ["example.org", "usw.Das", "anna@example.org", "ftp://example.org"]
)
def test_only_a_complete_address_of_the_web_is_a_link(text: str) -> None:
    assert linked(text) == text


def test_a_quote_in_an_address_cannot_leave_its_attribute() -> None:
    assert linked('https://example.org/"onload="x') == (
        '<a href="https://example.org/%22onload=%22x">https://example.org/"onload="x</a>'
    )


def test_who_edits_sees_which_values_are_still_to_come() -> None:
    assert as_edited("((name)): ((due??by ((day))))((due!!soon))", {"name": "<Jo>"}) == (
        "&lt;Jo&gt;: "
        "<span class='placeholder-conditional'>&#40;&#40;due??</span>by "
        "<span class='placeholder'>&#40;&#40;day&#41;&#41;</span>&#41;&#41;"
        "<span class='placeholder-conditional'>&#40;&#40;due!!</span>soon&#41;&#41;"
    )
