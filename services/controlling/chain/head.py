"""Heads of a register: who keeps one can tell later that nothing before it was changed."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from services.controlling.chain.errors import HeadUnreadable
from services.controlling.chain.linking import beginning

_UNTOLD = "-"
_WRITTEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}):(-|[0-9]+):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries a chain has, and the hash after the last of them."""

    entries: int
    hash: bytes

    @classmethod
    def of_nothing(cls, period: str) -> Self:
        """Give the head before the first entry."""
        return cls(0, beginning(period))


@dataclass(frozen=True, slots=True)
class DailyHead:
    """A head as it was published.

    Attributes:
        day: On which day.
        entries: How many entries came before it; None where that number was withheld.
        hash: The hash after the last of them, 32 bytes.
    """

    day: date
    entries: int | None
    hash: bytes

    def __str__(self) -> str:
        entries = _UNTOLD if self.entries is None else self.entries
        return f"{self.day}:{entries}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Undo `str`.

        Raises:
            HeadUnreadable: it is not such a text.
        """
        parts = _WRITTEN.fullmatch(text.lower())
        if parts is None:
            raise HeadUnreadable(text)
        day, entries, digits = parts.groups()
        try:
            on = date.fromisoformat(day)
        except ValueError:
            raise HeadUnreadable(text) from None
        return cls(on, None if entries == _UNTOLD else int(entries), bytes.fromhex(digits))
