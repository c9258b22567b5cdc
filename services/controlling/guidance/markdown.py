"""The Markdown of articles: paragraphs, lists, emphasis, links. HTML in it stays words."""

from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup

_SCHEMES = frozenset({"", "https", "mailto"})


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's name for it
        """Let pass our own pages, encrypted ones, and addresses of mail; no script, no data."""
        try:
            return urlsplit(url).scheme in _SCHEMES and not url.startswith(("//", "/\\"))
        except ValueError:
            return False


_PARSER = _Parser("zero", {"html": False}).enable(
    ["list", "emphasis", "link", "escape", "newline", "entity"]
)


def as_html(text: str) -> Markup:
    """Write a text as HTML."""
    return Markup(_PARSER.render(text))  # noqa: S704 - html is off: every word is escaped
