"""German syllables, counted as they are spoken: groups of vowels, and the words that differ."""

import re
from functools import lru_cache

# Longest first. Everything else that looks like two vowels is two: Europä-isch, aktu-ell, O-ase.
_VOWELS = re.compile(r"eau|ie|ei|ai|au|äu|eu|ey|ay|oi|ou|aa|ee|oo|[aeiouyäöüáàâéèêíóôú]")

# Two vowels that the table above would take for one; the bar stands where they part.
_PARTED = (
    *("be|erdig", "be|end", "be|eil", "be|ein", "ge|ehrt", "ge|eig", "ge|ein"),
    *("be|inhalt", "be|urteil", "be|urlaub", "be|urkund", "be|unruh", "ge|impft"),
    *("ko|operat", "ko|ordin", "zo|olog", "ide|en", "arme|en", "muse|um", "muse|en"),
    *("famili|e", "lini|e", "seri|e", "akti|e", "studi|e", "foli|e", "prämi|e", "kategori|en"),
    *("immobili|e", "hygi|ene", "feri|en", "medi|en", "kriteri|en", "materi|e", "prinzipi|e"),
    *("ali|en", "ani|en", "ili|en", "indi|en", "syri|en", "geri|en", "zedoni|en", "serbi|en"),
    *("bosni|en", "argentini|en", "jordani|en", "i|ell", "pati|ent", "kli|ent", "ori|ent"),
    *("gari|en", "mäni|en", "weni|en", "asi|en", "nesi|en", "orgi|en", "belgi|en", "anni|en"),
    *("thiopi|en", "oati|en", "nai|v", "ego|is", "mosa|ik", "ukra|in", "isra|el", "hero|in"),
)
_PARTINGS = {part.replace("|", ""): part for part in _PARTED}
# "Studie" has three syllables, "studieren" has three as well: -ier- stays together.
_PARTING = re.compile("|".join(rf"{word}(?!r)" for word in _PARTINGS))

_FOREIGN = dict.fromkeys(("team", "site", "home", "page", "code", "live"), 1) | dict.fromkeys(
    ("online", "website", "homepage", "service", "office"), 2
)
_SPELLED = re.compile(r"[A-ZÄÖÜ]{2,5}")
_DIGITS = re.compile(r"\d")


@lru_cache(maxsize=16384)
def syllables(word: str) -> int:
    """Count the syllables of a word as it is read aloud; at least one.

    Digits are read one by one, capitals letter by letter ("EU", "FDP"), and the parts of a word
    with hyphens each for itself.
    """
    return max(1, sum(_part(part) for part in re.split(r"[^\w]+|(?<=\d)(?=[^\W\d])", word)))


def _part(part: str) -> int:
    if _DIGITS.search(part):
        return sum(1 + (digit == "7") for digit in _DIGITS.findall(part))
    if _SPELLED.fullmatch(part):
        return len(part) + 2 * part.count("Y")
    lower = part.lower()
    if lower in _FOREIGN:
        return _FOREIGN[lower]
    spoken = re.sub(r"qu|^y(?=[aeiou])", "q", lower)
    parted = _PARTING.sub(lambda found: _PARTINGS[found[0]], spoken)
    return len(_VOWELS.findall(parted))
