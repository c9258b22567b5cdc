"""White space that people see, and characters that only look like none. Pure."""

import re

_ZERO_WIDTH = "\u180e\u200b\u200c\u200d\u2060\ufeff\u2028\u2029"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns the direction of text around (UAX 9): in a stranger's name it would turn ours."""
_NO_BREAK = "\u00a0\u202f"
_PLAIN = str.maketrans(
    {**dict.fromkeys(_ZERO_WIDTH + _DIRECTIONS, ""), **dict.fromkeys(_NO_BREAK, " ")}
)
_BLANK_LINES = re.compile(r"\n{3,}")


def one_line(text: str) -> str:
    """Put one plain space between words and none around them; what nobody sees is taken out."""
    return " ".join(text.translate(_PLAIN).split())


def tidy(text: str) -> str:
    """Tidy each line, and leave one blank line where there were several."""
    lines = "\n".join(one_line(line) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines)
