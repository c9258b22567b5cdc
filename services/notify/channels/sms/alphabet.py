"""How a text travels as SMS: its alphabet and the parts that are paid for. Pure.

GSM-7 (3GPP TS 23.038) carries 160 units alone and 153 in each of several parts; UCS-2 carries 70
and 67. A letter outside of GSM-7 is never replaced: names, Cyrillic and Arabic stay what they are,
and the text costs more parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum

from services.notify.template.whitespace import tidy

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Sent with an escape before them, so each takes two units."""

# Typography that means the same in plain characters; a single one would make all of it UCS-2.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2013\u2014", "-"),
        **dict.fromkeys("\t\u00a0\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\ufeff", ""),
        "\u2026": "...",
    }
)


class Alphabet(Enum):
    """What a part can hold: alone, and as one of several.

    A character is never torn apart between two parts.
    """

    GSM_7 = (160, 153)
    UCS_2 = (70, 67)


class CostClass(StrEnum):
    """What a part costs by where it goes, as contracts with gateways set prices: never less."""

    HOME = "home"
    EUROPE = "EU and EEA"
    WORLD = "world"

    @classmethod
    def of(cls, country: str) -> "CostClass":
        """Give the class of a country (ISO 3166-1, two letters)."""
        if country == HOME:
            return cls.HOME
        return cls.EUROPE if country in _EUROPE else cls.WORLD


HOME = "DE"
_EUROPE = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS"}
    | {"IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
"""The European Economic Area: the Union's members (Art. 52 TEU), Iceland, Liechtenstein, Norway."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A text as it is sent.

    Attributes:
        text: With plain typography.
        alphabet: GSM-7 if every character has a place there.
        parts: How many messages a provider charges; at least 1.
    """

    text: str
    alphabet: Alphabet
    parts: int


def as_sms(text: str) -> Sms:
    """Prepare a filled text for SMS; white space that says nothing is not paid for."""
    plain = tidy(text.translate(_PLAIN))
    alphabet = Alphabet.UCS_2 if outside_gsm_7(plain) else Alphabet.GSM_7
    return Sms(plain, alphabet, _parts([_units(one, alphabet) for one in plain], alphabet))


def outside_gsm_7(text: str) -> frozenset[str]:
    """Give the characters that make a text UCS-2."""
    return frozenset(text.translate(_PLAIN)) - _BASIC - _EXTENDED


def _units(character: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM_7:
        return 2 if character in _EXTENDED else 1
    return len(character.encode("utf-16-be")) // 2


def _parts(units: Iterable[int], alphabet: Alphabet) -> int:
    alone, of_several = alphabet.value
    units = list(units)
    if sum(units) <= alone:
        return 1
    parts, used = 1, 0
    for unit in units:
        if used + unit > of_several:
            parts, used = parts + 1, 0
        used += unit
    return parts
