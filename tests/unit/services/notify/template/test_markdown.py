import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.markdown import as_html, as_text

TEXT = """# What happens next

We write to you.
Please wait.

- First
- Then [read this](https://example.org/a)

1. One
2. Two

---

See https://example.org/b.
"""


def test_a_text_as_html_has_its_structure() -> None:
    assert as_html(TEXT) == (
        "<h2>What happens next</h2>\n"
        "<p>We write to you.<br>Please wait.</p>\n"
        '<ul>\n<li>First</li>\n<li>Then <a href="https://example.org/a">read this</a></li>\n</ul>\n'
        "<ol>\n<li>One</li>\n<li>Two</li>\n</ol>\n"
        "<hr>\n"
        '<p>See <a href="https://example.org/b">https://example.org/b</a>.</p>\n'
    )


def test_the_same_text_as_plain_text_says_the_same() -> None:
    assert as_text(TEXT) == (
        "What happens next\n\n"
        "We write to you.\nPlease wait.\n\n"
        "- First\n- Then read this: https://example.org/a\n\n"
        "1. One\n2. Two\n\n"
        f"{'-' * 60}\n\n"
        "See https://example.org/b.\n"
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *italic* `code`", "<p>**bold** *italic* `code`</p>\n"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("> quoted", "<p>&gt; quoted</p>\n"),
        ("    four spaces", "<p>four spaces</p>\n"),
        ("a | b\n--|--", "<p>a | b<br>--|--</p>\n"),
    ],
)
def test_nothing_but_the_small_markdown_is_read(text: str, html: str) -> None:
    assert as_html(text) == html


@given(st.text(max_size=200))
def test_no_text_makes_an_element_of_its_own(text: str) -> None:
    html = as_html(text.replace("[", "").replace("http", ""))
    for element in ("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li"):
        html = html.replace(f"<{element}>", "").replace(f"</{element}>", "")

    assert "<" not in html.replace("<br>", "").replace("<hr>", "")


@pytest.mark.parametrize("text", [" " * 1_000_000, "- " * 100_000, "# " * 100_000, "\\" * 100_000])
def test_no_text_makes_it_slow(text: str) -> None:
    assert isinstance(as_html(text), str)
