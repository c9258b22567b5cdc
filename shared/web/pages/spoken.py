"""What commands say to people: words of a catalogue, and numbers as the language writes them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.numbers import format_decimal
from babel.support import Translations

from shared.web.pages.words import Language, load_words

UNKNOWN = "–"
_LOCALES = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Says on a terminal what a catalogue has, as plain text."""

    language: Language
    words: Translations

    def __call__(self, key: str, /, **values: object) -> str:
        """Give what a key says, with values in it."""
        return str(self.words.gettext(key)) % values

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number, thousands apart, with so many digits."""
        form = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, form, locale=_LOCALES[self.language]))

    def percent(self, share: float | None) -> str:
        """Write a share."""
        return UNKNOWN if share is None else f"{self.number(100 * share, 1)} %"


@lru_cache
def spoken(language: str, *folders: Path) -> Spoken:
    """Read the catalogues of rooms.

    Raises:
        WordsInvalid: one of them can't be used.
    """
    which = Language(language)
    return Spoken(which, load_words(folders)[which])
