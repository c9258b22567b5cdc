"""The small Markdown of the texts: headings, lists, links, a rule, paragraphs. Pure.

No bold, no italics, no pictures, no HTML: a text that needs them isn't plain. The same text is
written as HTML and as plain text; letters and mails say the same.
"""

from collections.abc import Iterator, Sequence
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.notify.template.markup import anchor, escaped, linked

_PARSER = MarkdownIt("zero", {"html": False}).enable(
    ["heading", "list", "hr", "link", "escape", "newline"]
)
_RULE_WIDTH = 60
_HTML = {
    "paragraph_open": "<p>",
    "paragraph_close": "</p>\n",
    "bullet_list_open": "<ul>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_open": "<ol>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_open": "<li>",
    "list_item_close": "</li>\n",
    "hr": "<hr>\n",
}


def as_html(text: str) -> str:
    """Write a text as HTML; what is no Markdown of ours stays words."""
    return "".join(_html(_PARSER.parse(text)))


def _html(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_inline_html(token.children or []))
        elif token.type in {"heading_open", "heading_close"}:
            # The subject is the one heading above all others.
            level = min(int(token.tag[1]) + 1, 6)
            yield f"<h{level}>" if token.nesting > 0 else f"</h{level}>\n"
        elif not token.hidden:
            yield _HTML[token.type]


def _inline_html(tokens: Sequence[Token]) -> Iterator[str]:
    address: str | None = None
    words: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            address, words = str(token.attrGet("href")), []
        elif token.type == "link_close":
            yield anchor(address or "", "".join(words))
            address = None
        elif address is not None:
            words.append(escaped(token.content))
        elif token.type in {"softbreak", "hardbreak"}:
            yield "<br>"
        else:
            yield linked(escaped(token.content))


def as_text(text: str) -> str:
    """Write a text for mail programs that show none of it, and for SMS."""
    return "".join(_text(_PARSER.parse(text))).strip("\n") + "\n"


def _text(tokens: Sequence[Token]) -> Iterator[str]:
    lists: list[Iterator[int] | None] = []
    for token in tokens:
        match token.type:
            case "inline":
                yield "".join(_inline_text(token.children or []))
            case "ordered_list_open":
                lists.append(count(int(token.attrGet("start") or 1)))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
                yield "" if lists else "\n"
            case "list_item_open":
                number = lists[-1]
                yield f"{'  ' * (len(lists) - 1)}{'-' if number is None else f'{next(number)}.'} "
            case "paragraph_close":
                yield "\n" if token.hidden else "\n\n"
            case "heading_close":
                yield "\n\n"
            case "hr":
                yield f"{'-' * _RULE_WIDTH}\n\n"


def _inline_text(tokens: Sequence[Token]) -> Iterator[str]:
    address: str | None = None
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrGet("href"))
        elif token.type == "link_close":
            yield f": {address}"
            address = None
        elif token.type in {"softbreak", "hardbreak"}:
            yield "\n"
        else:
            yield token.content
