"""Values that strangers give: no link, no line of their own in a header. Pure.

Markdown and HTML need no rule here: a text's layout is settled before values come into it.
"""

import re

# Lengths are bounded (RFC 1035), so that no value makes the search slow.
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}://|\bwww\.)[^\s<]*"
    r"|(?<![\w@.-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,63}(?![\w@])[/?#][^\s<]*",
    re.IGNORECASE,
)
_DOT_IN_A_NAME = re.compile(r"(?<=\w)\.(?=[a-z]{2})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def without_links(value: str) -> str:
    """Take links out: a message from an authority must not lead where a stranger wants.

    Something like `name.tld` may be a name (`Dr.Maier`): it keeps its words, and a space keeps mail
    programs from making a link of it.
    """
    return _DOT_IN_A_NAME.sub(". ", _LINK.sub("", value))


def has_control(text: str) -> bool:
    """Tell whether a text holds a control character other than tab and line feed."""
    return _CONTROL.search(text) is not None
