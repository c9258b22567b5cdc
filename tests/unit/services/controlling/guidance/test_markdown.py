"""The Markdown of articles, and what hostile hands write into it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.guidance.markdown import as_html

TAGS = re.compile(r"</?(?:p|ul|ol|li|em|strong|br|a)(?: start=\"\d+\"| href=\"[^\"]*\")? ?/?>")


def test_paragraphs_lists_emphasis_and_links_are_written() -> None:
    text = "Erst **hören**.\n\n- die Frist\n- [§ 28](/guidance/anhoerung)"
    assert as_html(text) == (
        "<p>Erst <strong>hören</strong>.</p>\n<ul>\n<li>die Frist</li>\n"
        '<li><a href="/guidance/anhoerung">§ 28</a></li>\n</ul>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<https://elsewhere.example>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](vbscript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](//elsewhere.example)",
        "[x](http://elsewhere.example)",
    ],
)
def test_what_could_run_or_lead_astray_stays_words(text: str) -> None:
    assert set(re.findall(r"<[^>]*>", as_html(text))) == {"<p>", "</p>"}


def test_a_quote_in_an_address_ends_no_attribute() -> None:
    found = as_html('[x](https://elsewhere.example/"onmouseover="alert(1))')
    assert '"onmouseover' not in found


@given(st.text(alphabet="[]()<>*_-\\&;:/ \n\t\"'#javscriptht.s1", max_size=80))
def test_nothing_else_than_its_own_marks_ever_stands_in_a_page(text: str) -> None:
    written = as_html(text)
    assert "<" not in TAGS.sub("", written)
    for address in re.findall(r'href="([^"]*)"', written):
        assert re.match(r"(https:|mailto:|[^:]*$|[^:/?#]*[/?#])", address), address
