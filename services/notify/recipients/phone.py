"""From what somebody wrote to a phone number, or to the reason why it isn't one. Pure.

The numbering plans are libphonenumber's. It is lenient, so it only sees what was checked before:
it would drop letters, and read "49 171 3920012" as a landline in Leer.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from services.notify.recipients.errors import (
    PhoneAmbiguous,
    PhoneCharacterUnknown,
    PhoneIsShortCode,
    PhoneNumberUnknown,
    PhoneTooLong,
    PhoneTooShort,
    PhoneWithoutSms,
    RecipientRefused,
)
from shared.security.personal import Personal

HOME = "DE"
"""Where a number without a country code belongs (ISO 3166-1)."""

_LONGEST_SHORT_CODE = 6
_TRUNK = "0"

_PLUS = frozenset("+\uff0b")
_BRACKETS_AND_SLASH = frozenset("()/")
_MINUS = "\u2212"

_TAKING_SMS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_Refusals = Mapping[int, type[PhoneTooShort | PhoneTooLong | PhoneNumberUnknown]]
_UNREADABLE: _Refusals = MappingProxyType(
    {
        NumberParseException.NOT_A_NUMBER: PhoneTooShort,
        NumberParseException.TOO_SHORT_AFTER_IDD: PhoneTooShort,
        NumberParseException.TOO_SHORT_NSN: PhoneTooShort,
        NumberParseException.TOO_LONG: PhoneTooLong,
    }
)
_UNUSABLE: _Refusals = MappingProxyType(
    {
        ValidationResult.TOO_SHORT: PhoneTooShort,
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneTooShort,
        ValidationResult.TOO_LONG: PhoneTooLong,
    }
)


class _Reading(Enum):
    """What the digits after the leading + and zeros begin with."""

    AREA_CODE = "area code"
    COUNTRY_CODE = "country code"


_READINGS: Mapping[tuple[bool, int], tuple[_Reading, ...]] = MappingProxyType(
    {
        (True, 0): (_Reading.COUNTRY_CODE,),
        (False, 2): (_Reading.COUNTRY_CODE,),
        (False, 1): (_Reading.AREA_CODE,),
        # One slip of the pen. The beginning is missing, or "+" and "0" stand where only one may.
        (False, 0): (_Reading.AREA_CODE, _Reading.COUNTRY_CODE),
        (True, 1): (_Reading.AREA_CODE, _Reading.COUNTRY_CODE),
        (True, 2): (_Reading.COUNTRY_CODE,),
    }
)
"""How a number may be meant, by whether it has a plus and by its leading zeros.

A leading 0 alone always means an area code: one digit too many must not call another country.
"""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that some network has.

    Attributes:
        e164: With the plus sign (ITU-T E.164).
        takes_sms: Whether it is a mobile number, as far as its numbering plan tells.
    """

    e164: Personal[str]
    takes_sms: bool


def read(text: str, region: str = HOME) -> Phone:
    """Read a phone number of any kind.

    Args:
        text: As it was written: spaces, hyphens, brackets, slashes, invisible marks and the
            digits of any script are fine.
        region: Where a number without a country code belongs; a country that dials 0 before area
            codes and 00 before country codes.

    Raises:
        PhoneCharacterUnknown: There is something else in it, a letter for example.
        PhoneIsShortCode: It is 110, 112, 115 or the like.
        PhoneAmbiguous: It has no + or 0 in front, and both ways of reading it give a number.
        PhoneTooShort, PhoneTooLong, PhoneNumberUnknown: No way of reading it gives a number.
    """
    plain = _plain(text)
    if _is_short_code(plain, region):
        raise PhoneIsShortCode
    tried = [_tried(written, region) for written in _ways(plain)]
    found = {number.e164: number for number in tried if isinstance(number, Phone)}
    if len(found) > 1:
        raise PhoneAmbiguous(tuple(found))
    for number in found.values():
        return number
    raise next(refusal for refusal in tried if isinstance(refusal, RecipientRefused))


def read_for_sms(text: str) -> Phone:
    """Read a phone number that an SMS can be sent to.

    Raises:
        PhoneWithoutSms: It is a landline or a service number.
        RecipientRefused: As `read`.
    """
    number = read(text)
    if not number.takes_sms:
        raise PhoneWithoutSms
    return number


def _plain(text: str) -> str:
    """Keep digits and plus signs; refuse what neither counts nor separates."""
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    plain = ""
    for place, character in enumerate(visible):
        if character.isdecimal():
            plain += str(unicodedata.decimal(character))
        elif character in _PLUS and plain in {"", _TRUNK}:
            plain += "+"
        elif not _separates(character, visible[place - 1 : place], visible[place + 1 : place + 2]):
            raise PhoneCharacterUnknown(place + 1)
    return plain


def _separates(character: str, before: str, after: str) -> bool:
    if character == ".":
        # Several dots or one at the end: the number breaks off.
        return before.isdecimal() and after.isdecimal()
    return (
        character.isspace()
        or character in _BRACKETS_AND_SLASH
        or character == _MINUS
        or unicodedata.category(character) == "Pd"
    )


def _is_short_code(plain: str, region: str) -> bool:
    if "+" in plain or plain.startswith(_TRUNK) or not 0 < len(plain) <= _LONGEST_SHORT_CODE:
        return False
    code = phonenumbers.PhoneNumber(
        country_code=phonenumbers.country_code_for_region(region), national_number=int(plain)
    )
    return phonenumbers.is_valid_short_number_for_region(code, region)


def _ways(plain: str) -> list[str]:
    """Give the ways in which a number may be meant, written out."""
    before_plus, plus, after_plus = plain.rpartition("+")
    digits = after_plus.lstrip(_TRUNK)
    zeros = len(after_plus) - len(digits)
    readings = _READINGS.get((bool(plus), zeros))
    if readings is None or (before_plus and zeros):
        raise PhoneNumberUnknown
    return [
        f"+{digits}" if reading is _Reading.COUNTRY_CODE else f"{_TRUNK}{digits}"
        for reading in readings
    ]


def _tried(written: str, region: str) -> Phone | RecipientRefused:
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException as error:
        return _UNREADABLE.get(error.error_type, PhoneNumberUnknown)()
    if not phonenumbers.is_valid_number(number):
        return _UNUSABLE.get(_length(number), PhoneNumberUnknown)()
    return Phone(
        Personal(phonenumbers.format_number(number, PhoneNumberFormat.E164)),
        takes_sms=phonenumbers.number_type(number) in _TAKING_SMS,
    )


def _length(number: phonenumbers.PhoneNumber) -> int:
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != ValidationResult.INVALID_LENGTH:
        return length
    # Between two lengths of the plan, mostly a person's and a service's: too long for a person.
    return phonenumbers.is_possible_number_for_type_with_reason(
        number, PhoneNumberType.FIXED_LINE_OR_MOBILE
    )
