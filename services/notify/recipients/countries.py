"""Countries as people name them, and as an envelope from Germany does. Pure.

Names are CLDR's, German and English, and those that German authorities use (`countries.yaml`);
codes are ISO 3166-1.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from babel import Locale
from babel.core import get_global

_LANGUAGES = ("de", "en")
_CODE_LENGTH = 2
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Two letters in CLDR, but groups of countries, placeholders or tests."""

_TABLE = Path(__file__).with_name("countries.yaml")
_BEHIND = re.compile(r"(?P<name>[^,(]*[^,( ])(?:, ?(?P<kind>[^,]+)|\s?\((?P<other>[^)]+)\))")
"""A name with its kind behind it, as registers sort them: `Korea, Republik`."""


def country_of(name: str) -> str | None:
    """Give the code (two letters) of a country by a name or code of it, if there is such one."""
    known = _codes()
    if (code := known.get(_folded(name))) is not None:
        return code
    found = _BEHIND.fullmatch(name.strip())
    if found is None:
        return None
    return known.get(_folded(f"{found['kind'] or found['other']} {found['name']}"))


def on_envelope(code: str) -> str:
    """Name a country as the last line of a letter from Germany: in German, in capitals.

    Capitals are what the Universal Postal Union and DIN 5008 ask for.
    """
    official = _names().get(code)
    return (official[0] if official else str(Locale("de").territories[code])).upper()


@cache
def _names() -> Mapping[str, Sequence[str]]:
    """Read what countries are called in Germany, the official name first."""
    table: Mapping[str, Sequence[str]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


@cache
def _codes() -> Mapping[str, str]:
    codes = {
        _folded(spelling): code
        for language in _LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == _CODE_LENGTH and code not in _NO_COUNTRIES
        for spelling in (code, name)
    }
    for alias, replacements in get_global("territory_aliases").items():
        if alias.isalpha() and len(replacements) == 1:
            codes.setdefault(_folded(alias), replacements[0])
    for code, names in _names().items():
        codes.update((_folded(name), code) for name in names)
    return codes


def _folded(name: str) -> str:
    """Forget case, accents and the kind of apostrophe; "&" is "and"."""
    letters = unicodedata.normalize("NFKD", name.replace("&", "and").replace("\u2019", "'"))
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()
