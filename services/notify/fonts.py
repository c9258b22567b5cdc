"""The fonts of letters: which characters they have, and how wide these are."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

FONTS = Path("/usr/share/fonts/truetype/noto")
"""Where Debian's fonts-noto-core puts them."""
FONT_FILES = tuple(
    f"{family}-{weight}.ttf"
    for family in ("NotoSans", "NotoSansArabic")
    for weight in ("Regular", "Bold")
)
"""What `letter.css` names."""


@cache
def widths() -> Mapping[int, float]:
    """Give the width of each character that there is, by its number, in parts of the font's size.

    Raises:
        OSError: A font isn't installed.
    """
    from fontTools.ttLib import TTFont

    found: dict[int, float] = {}
    for name in FONT_FILES:
        with TTFont(FONTS / name, lazy=True) as font:
            advances, em = font["hmtx"], font["head"].unitsPerEm
            for character, glyph in font.getBestCmap().items():
                found.setdefault(character, advances[glyph][0] / em)
    return found
