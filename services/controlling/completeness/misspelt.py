"""Types of decisions that the catalogue doesn't list: misspelt, or of another authority. Pure."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import NamedTuple


class UnlistedType(NamedTuple):
    """One of them.

    Attributes:
        nearest: The listed code that looks most like it, if one does.
    """

    code: str
    decisions: int
    nearest: str | None

    @property
    def said(self) -> str:
        """What is to be put right."""
        noun = "decision has" if self.decisions == 1 else "decisions have"
        meant = f"; is {self.nearest} meant?" if self.nearest else ""
        return f"{self.decisions} {noun} the unlisted type {self.code}{meant}"


def unlisted_type(code: str, decisions: int, codes: Collection[str]) -> UnlistedType:
    """Make one; `codes` are those of the catalogue. A type of another day is nearest to itself."""
    close = get_close_matches(code, codes, n=1)
    return UnlistedType(code, decisions, close[0] if close else None)
