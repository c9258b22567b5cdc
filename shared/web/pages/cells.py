"""The cells of a list that is taken as a file, in the reader's words. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Said:
    """A cell in the reader's words: what the catalogues say for some keys."""

    keys: tuple[str, ...]


def said(*keys: str) -> Said:
    """Give a cell that is written in the reader's language."""
    return Said(keys)


def in_words(row: Row, say: Callable[[str], str], zone: ZoneInfo) -> Row:
    """Write the cells of a row as people read them: in words, and by the clock that hangs there.

    Days stay as spreadsheets know them, moments say how far their clock is from the world's.
    """
    return [_in_words(cell, say, zone) for cell in row]


def _in_words(cell: object, say: Callable[[str], str], zone: ZoneInfo) -> object:
    if isinstance(cell, Said):
        return ", ".join(map(say, cell.keys))
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat(timespec="seconds")
    return cell
