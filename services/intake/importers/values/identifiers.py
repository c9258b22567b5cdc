"""Whether an identifier is still one: spreadsheets cut off long numbers, and many look alike then.

Excel keeps 15 digits of a number, and shows six of them where a number of twelve or more stands in
a CSV: `1,23457E+11`, or `#NV` for what it couldn't look up.
"""

import re

LOST = "was lost in a spreadsheet, which cut its number off; export the column as text"

_LOST = re.compile(
    r"\d(?:[.,]\d+)?E\+\d{2,3}|#+|#(?:N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|NUM!|ZAHL!|NULL!)"
)


def is_lost(text: str) -> bool:
    """Tell whether a text is what a spreadsheet left of an identifier."""
    return _LOST.fullmatch(text) is not None
