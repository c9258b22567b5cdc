"""From what somebody wrote to the lines of an envelope, or to the reason why it can't be. Pure.

The window of a DIN 5008 letter shows three lines of annotations, which are not ours here, and six
lines of address.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from services.notify.recipients.countries import country_of, on_envelope
from services.notify.recipients.errors import (
    AddressLineInvalid,
    AddressTooLong,
    AddressTooShort,
    NoFixedAbode,
    PostcodeMissing,
)
from shared.security.personal import Personal

HOME = "DE"
"""Letters are posted here (ISO 3166-1): this country is not named on an envelope."""

LEAST_LINES = 3
"""Name, street and place; name, place and country. An applicant has no postcode of their own."""
MOST_LINES = 6
"""DIN 5008: the address zone, country included."""

_NEVER_FIRST = tuple('@()=[]"\\/,<>~')
"""Sorting machines and people take a line that begins so for something else."""
_JOINERS = frozenset("\u200c\u200d")
"""Invisible too, but letters of Persian and Indic names depend on them."""

# No postcode begins with 00. "D-" before it is an old habit that DIN 5008 ended.
_PLACE = re.compile(r"(?:DE?[ -]{1,3})?(?P<code>(?!00)[0-9]{5}) (?P<place>[^\W\d_].*)")

_SIGNS: Mapping[str, str] = MappingProxyType(
    {"A": "AT", "AT": "AT", "CH": "CH", "FL": "LI", "LI": "LI"}
)
_NEIGHBOUR = re.compile(
    r"(?P<sign>A|AT|CH|FL|LI) ?[-\u2013] ?(?P<code>[1-9][0-9]{3}) (?P<place>[^\W\d_].*)"
)
"""Austria, Switzerland and Liechtenstein by their sign for cars before the postcode: an old habit
that names the country."""

_NO_FIXED_ABODE = re.compile(
    r"\bohne (?:einen )?(?:festen? )?(?:wohnsitz|wohnung|unterkunft)\b"
    r"|\b(?:wohnsitz|wohnungs|obdach)los\b"
    r"|\bno (?:fixed|permanent) (?:abode|address|residence)\b"
    r"|^(?:nfa|o\. ?f\. ?w\.?|ofw)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address that a letter can be sent to.

    Attributes:
        lines: As on the envelope: a German address ends with postcode and place, another one with
            its country in capitals. Foreign places and postcodes stand as they were given.
        country: ISO 3166-1, two letters.
    """

    lines: Personal[tuple[str, ...]]
    country: str

    @property
    def single_line(self) -> Personal[str]:
        """The address for lists and comparisons."""
        return Personal(", ".join(self.lines.reveal()))


def read(text: str) -> PostalAddress:
    """Read an address written in lines; without a country in the last one it is in Germany.

    Raises:
        AddressLineInvalid: A line begins with a bracket, a comma or the like, or has no word in it.
        NoFixedAbode: It says that the person has no fixed abode.
        AddressTooShort, AddressTooLong: It has fewer than three or more than six lines.
        PostcodeMissing: The last line is no country, and no German postcode with its place.
    """
    lines, country = addressed(text)
    for number, line in enumerate(lines, start=1):
        words = any(map(str.isalnum, line))
        if line.startswith(_NEVER_FIRST) or any(map(_is_unprintable, line)) or not words:
            raise AddressLineInvalid(number)
    if any(map(_NO_FIXED_ABODE.search, lines)):
        raise NoFixedAbode
    if len(lines) < LEAST_LINES:
        raise AddressTooShort(LEAST_LINES)
    if len(lines) > MOST_LINES:
        raise AddressTooLong(MOST_LINES)
    if country == HOME:
        lines = (*lines[:-1], _place(lines[-1]))
    return PostalAddress(Personal(lines), country)


def addressed(text: str) -> tuple[tuple[str, ...], str]:
    """Give the lines of an envelope and the country, whether a letter would arrive or not.

    White space is made single, empty lines and commas at the end of lines go.
    """
    lines = [line for line in map(_tidy, text.splitlines()) if line]
    country = country_of(lines[-1]) if lines else None
    if country == HOME:
        return _without_home(lines), HOME
    above = lines if country is None else lines[:-1]
    neighbour = _NEIGHBOUR.fullmatch(above[-1]) if above else None
    if neighbour is not None and country in {None, _SIGNS[neighbour["sign"]]}:
        country = _SIGNS[neighbour["sign"]]
        above = [*above[:-1], f"{neighbour['code']} {neighbour['place']}"]
    if country is None:
        return tuple(lines), HOME
    return (*above, on_envelope(country)), country


def _without_home(lines: Sequence[str]) -> tuple[str, ...]:
    """Leave the home country away, also when it is named twice, in two languages."""
    kept = len(lines)
    while kept and country_of(lines[kept - 1]) == HOME:
        kept -= 1
    return tuple(lines[:kept])


def _tidy(line: str) -> str:
    visible = "".join(one for one in line if unicodedata.category(one) != "Cf" or one in _JOINERS)
    return " ".join(visible.split()).replace(" ,", ",").rstrip(", ")


def _is_unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"}


def _place(line: str) -> str:
    found = _PLACE.fullmatch(line)
    if found is None:
        raise PostcodeMissing
    return f"{found['code']} {found['place']}"
