"""What the window of an envelope shows of an address: who takes one asks the same as its letter.

Pure but for the fonts' files.
"""

import re
import unicodedata
from collections.abc import Sequence
from math import ceil

from services.notify import fonts
from services.notify.recipients.errors import AddressOutgrowsWindow, AddressUnprintable
from services.notify.recipients.postal import MOST_LINES

WIDTH = 80 / 25.4 * 72 / 10
"""80 mm in sizes of the font, which has 10 points; as `letter.css` has both."""

_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})
_JOINED = 0.6
"""Letters of Arabic are drawn joined, narrower than alone."""
_UNTIL_BREAK = re.compile(r"[^ -]*(?:-+(?=[^\W\d_])| +|$|-)")
"""Lines go on behind a blank, and behind a hyphen before a letter."""


def require_shown(lines: Sequence[str]) -> None:
    """Refuse an address that a letter can't show whole.

    Raises:
        AddressUnprintable: A character is in none of the fonts.
        AddressOutgrowsWindow: Long lines go on in the next ones, and the last would be hidden.
        OSError: A font isn't installed.
    """
    if lacking := unprintable("".join(lines)):
        raise AddressUnprintable(lacking)
    if sum(map(rows, lines)) > MOST_LINES:
        raise AddressOutgrowsWindow


def unprintable(text: str) -> int:
    """Count the characters that would be printed as empty boxes, each once.

    Raises:
        OSError: A font isn't installed.
    """
    seen = {one for one in text if unicodedata.category(one) not in _UNSEEN}
    return len(set(map(ord, seen)) - fonts.widths().keys())


def rows(line: str) -> int:
    """Count the rows of the window that a line takes."""
    taken, filled = 1, 0.0
    for part in _UNTIL_BREAK.findall(line):
        seen = _width(part.rstrip(" "))
        if filled and filled + seen > WIDTH:
            taken, filled = taken + 1, 0.0
        beyond = max(ceil(seen / WIDTH) - 1, 0)  # a word that no row holds goes on anywhere
        taken, filled = taken + beyond, filled - beyond * WIDTH + _width(part)
    return taken


def _width(text: str) -> float:
    known = fonts.widths()
    return sum(
        known.get(ord(one), 0) * (_JOINED if unicodedata.bidirectional(one) == "AL" else 1)
        for one in text
    )
