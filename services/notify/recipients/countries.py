"""Countries as people name them, and as an envelope from Germany does. Pure.

Names are CLDR's, German and English; codes are ISO 3166-1.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

_LANGUAGES = ("de", "en")
_CODE_LENGTH = 2
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Two letters in CLDR, but groups of countries, placeholders or tests."""

_OTHER_NAMES = {
    "AE": ("UAE", "VAE"),
    "BA": ("Bosnien-Herzegowina",),
    "CI": ("Elfenbeinküste", "Ivory Coast"),
    "CZ": ("Czech Republic", "Tschechische Republik"),
    "DE": ("BRD", "Bundesrepublik Deutschland", "D", "Federal Republic of Germany"),
    "GB": ("England", "Great Britain", "Großbritannien", "Northern Ireland", "Scotland", "Wales"),
    "HK": ("Hong Kong", "Hongkong"),
    "MD": ("Moldawien", "Republik Moldau"),
    "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine", "Palästina"),
    "RU": ("Russian Federation", "Russische Föderation"),
    "TR": ("Turkey",),
    "US": ("United States of America", "Vereinigte Staaten von Amerika"),
    "VA": ("Vatikan",),
}
"""Names in use that CLDR doesn't have."""


def country_of(name: str) -> str | None:
    """Give the code (two letters) of a country by a name or code of it, if there is such one."""
    return _codes().get(_folded(name))


def on_envelope(code: str) -> str:
    """Name a country as the last line of a letter from Germany: in German, in capitals.

    Capitals are what the Universal Postal Union and DIN 5008 ask for.
    """
    return str(Locale("de").territories[code]).upper()


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
    for code, names in _OTHER_NAMES.items():
        codes.update((_folded(name), code) for name in names)
    return codes


def _folded(name: str) -> str:
    """Forget case, accents and the kind of apostrophe; "&" is "and"."""
    letters = unicodedata.normalize("NFKD", name.replace("&", "and").replace("\u2019", "'"))
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()
