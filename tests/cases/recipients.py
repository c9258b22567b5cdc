"""Phone numbers, postal addresses and the allow-list against the cases.

The peer is British, and so are its recipients: its region is given to our reader of numbers, and in
addresses its home country and ours change places. Its numbers have no plus sign, ours have one.
"""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.notify.channels.letter.writing import LetterTooLong, typeset
from services.notify.messages.rendering import Rendered
from services.notify.messages.stationery import load_stationery
from services.notify.recipients import allow_list, countries, phone, postal
from services.notify.recipients.errors import (
    AddressLineInvalid,
    AddressTooLong,
    AddressTooShort,
    AllowListEntryInvalid,
    NoFixedAbode,
    PhoneAmbiguous,
    PhoneCharacterUnknown,
    PhoneIsShortCode,
    PhoneNumberUnknown,
    PhoneTooLong,
    PhoneTooShort,
    RecipientRefused,
)
from shared.configuration.places import ROOT
from shared.contacts.contact import PhoneNumber
from shared.organisation.file import load_organisation
from shared.organisation.model import Reception
from tests.cases.case import Case, DecidedAgainst

ZERO_STAYS_AT_HOME = (
    "a leading 0 means an area code: one digit too many must never call another country"
)
SERVICE_NUMBERS_EXIST = (
    "a service number is a number: it can be read, and is refused where an SMS is wanted"
)
BRITISH_FILMS = "British numbers for films are in no plan; the German ones are, and are simulated"
TWO_NUMBERS = "without + or 0 it can mean two numbers: we ask, the peer guesses"
SHORT_CODE = "a short code such as 115 is refused as what it is, not for its length"
LIST_READ_AT_START = "an allow-list with an unreadable entry is refused at the start, not shortened"
NEVER_PASSED_ON = "what is neither a number nor an address is refused, not passed on as it stands"
NEVER_SHOWN = "no page and no message shows a phone number, so none is laid out for people"
SIX_LINES = "the address zone of DIN 5008 has six lines, not seven"
FOREIGN_POSTCODE = "a foreign postcode stands as given: only the German one is known here"

LETTERS_GO_ABROAD = "letters go abroad: applicants may have moved"
NOTHING_IS_UPLOADED = "nobody uploads a PDF: letters are written from texts"

PEERS_REGION = "GB"
"""Numbers without a country code are British in the cases; our reader takes the region."""

NOT_A_MOBILE = "not_a_uk_mobile"

_PEERS_HOME = frozenset(
    {"united kingdom", "uk", "u.k.", "gb", "gbr", "great britain", "britain"}
    | {"england", "scotland", "wales", "cymru", "northern ireland"}
)

_PHONE_NUMBER = TypeAdapter[str](PhoneNumber)


def _phone(case: Case) -> phone.Phone | RecipientRefused:
    text = next(iter(case.input.values()))
    try:
        return phone.read(text, PEERS_REGION)
    except PhoneAmbiguous:
        raise DecidedAgainst(TWO_NUMBERS) from None
    except PhoneIsShortCode:
        raise DecidedAgainst(SHORT_CODE) from None
    except RecipientRefused as refusal:
        if _is_for_films(text):
            raise DecidedAgainst(BRITISH_FILMS) from None
        if _zero_goes_abroad(text, case.expected):
            raise DecidedAgainst(ZERO_STAYS_AT_HOME) from None
        return refusal


def _zero_goes_abroad(text: str, expected: object) -> bool:
    """A number with one leading 0 that the peer reads as if it began with a country code."""
    digits = "".join(filter(str.isdecimal, text))
    return "+" not in text and digits.startswith("0") and digits[1:] == expected


def _is_for_films(number: str) -> bool:
    digits = "".join(filter(str.isdecimal, number))
    return re.fullmatch(r"(?:0|(?:00)?440?)?7700900[0-9]{3}", digits) is not None


def _good_phone(case: Case) -> bool:
    """The same number; ours has the plus sign of E.164."""
    read = _phone(case)
    if isinstance(read, RecipientRefused):
        return False
    number = read.e164.reveal()
    if isinstance(case.expected, str):
        return number == f"+{case.expected}"
    if case.expected.get("kind") == "landline":
        return not read.takes_sms
    return number.startswith("+44") is case.expected["uk"]


def _bad_phone(case: Case) -> bool:
    expected = case.expected["error_code"] if isinstance(case.expected, dict) else case.expected
    read = _phone(case)
    if not isinstance(read, phone.Phone):
        return expected in _PHONE_REFUSALS and isinstance(read, _PHONE_REFUSALS[expected])
    if read.takes_sms or expected == NOT_A_MOBILE:
        return not read.takes_sms
    raise DecidedAgainst(SERVICE_NUMBERS_EXIST)


def _readable_phone(_: Case) -> bool:
    raise DecidedAgainst(NEVER_SHOWN)


def _at_home(text: str) -> str:
    """Exchange the peer's home country and ours, where a line names one of them."""
    return "\n".join(map(_exchanged, text.split("\n")))


def _exchanged(line: str) -> str:
    if line.strip().casefold() in _PEERS_HOME:
        return "Deutschland"
    return "United Kingdom" if countries.country_of(line.strip()) == postal.HOME else line


def _address_refusal(case: Case) -> RecipientRefused | None:
    try:
        postal.read(_at_home(case.input["address"]))
    except RecipientRefused as refusal:
        return refusal
    return None


def _address_lines(case: Case) -> bool:
    refusal = _address_refusal(case)
    if "has_too_many_lines" not in case.subject:
        return (not isinstance(refusal, AddressTooShort)) is case.expected
    too_many = isinstance(refusal, AddressTooLong)
    lines, _ = postal.addressed(_at_home(case.input["address"]))
    if too_many and not case.expected and len(lines) == postal.MOST_LINES + 1:
        raise DecidedAgainst(SIX_LINES)
    return too_many is case.expected


def _address_characters(case: Case) -> bool:
    return isinstance(_address_refusal(case), AddressLineInvalid) is case.expected


def _no_fixed_abode(case: Case) -> bool:
    return isinstance(_address_refusal(case), NoFixedAbode) is case.expected


def _country(case: Case) -> bool:
    _, country = postal.addressed(_at_home(case.input["address"]))
    return country == countries.country_of(_exchanged(case.expected))


def _normal_address(case: Case) -> bool:
    lines, _ = postal.addressed(_at_home(case.input["address"]))
    expected, _ = postal.addressed(_at_home(case.expected["expected_normalised"]))
    if lines == expected:
        return True
    if "".join(lines).replace(" ", "").casefold() == "".join(expected).replace(" ", "").casefold():
        raise DecidedAgainst(FOREIGN_POSTCODE)
    return False


def _allowed(case: Case) -> bool:
    try:
        listed = allow_list.AllowList.of(case.input["list"], PEERS_REGION)
    except AllowListEntryInvalid:
        for_films = any(map(_is_for_films, case.input["list"]))
        raise DecidedAgainst(BRITISH_FILMS if for_films else LIST_READ_AT_START) from None
    return listed.allows(case.input["recipient"]) is case.expected


def _letter(case: Case) -> bool:
    """Of what the peer asks of an uploaded letter, ours is about its address and its length."""
    given = case.input
    if "pages" in given:
        return _too_long(given["pages"]) is (case.expected == "letter-too-long")
    if given.get("international_allowed") is False:
        raise DecidedAgainst(LETTERS_GO_ABROAD)
    if "lines" in given:
        envelope = [f"line {number}" for number in range(1, given["lines"])] + ["76133 Karlsruhe"]
    elif "line1" in given:
        envelope = [given["line1"], "Weg 7", "76133 Karlsruhe"]
    else:
        raise DecidedAgainst(NOTHING_IS_UPLOADED)
    try:
        postal.read("\n".join(envelope))
    except RecipientRefused as refusal:
        return isinstance(refusal, _LETTER_REFUSALS[case.expected])
    return False


def _too_long(pages: int) -> bool:
    """Write a letter of so many pages, and see whether it may go."""
    sheets = '<p style="break-after: page">Text</p>' * (pages - 1) + "<p>Text</p>"
    try:
        typeset(
            Rendered("de", "Betreff", "Text", sheets),
            identity=UUID(int=0),
            stationery=load_stationery(),
            authority=load_organisation(_ORGANISATION).authority,
            recipient=("Anna", "Weg 7", "76133 Karlsruhe"),
            reference="case",
            dated=date(2026, 3, 2),
            reception=Reception(None, {}),
        )
    except LetterTooLong:
        return True
    return False


def _normal_recipient(case: Case) -> bool:
    """What isn't text is nothing to the peer; our contacts refuse it."""
    recipient = case.input["recipient"]
    if not isinstance(recipient, str):
        return case.expected == "" and not _is_phone_number(recipient)
    try:
        normal = allow_list.normal_form(recipient, PEERS_REGION).reveal()
    except RecipientRefused:
        if _is_for_films(recipient):
            raise DecidedAgainst(BRITISH_FILMS) from None
        if case.expected == recipient:
            raise DecidedAgainst(NEVER_PASSED_ON) from None
        return False
    return normal.removeprefix("+") == str(case.expected).casefold()


def _is_phone_number(value: object) -> bool:
    try:
        _PHONE_NUMBER.validate_python(value)
    except ValidationError:
        return False
    return True


_PHONE_REFUSALS: dict[str, type[RecipientRefused]] = {
    "unknown_character": PhoneCharacterUnknown,
    "too_short": PhoneTooShort,
    "too_long": PhoneTooLong,
    "invalid_number": PhoneNumberUnknown,
}

_ORGANISATION = ROOT / "deploy" / "organisation" / "karlsruhe.yaml"

_LETTER_REFUSALS: dict[str, type[RecipientRefused]] = {
    "too-many-address-lines": AddressTooLong,
    "not-enough-address-lines": AddressTooShort,
    "invalid-address-line-1-or-2": AddressLineInvalid,
}

CHECKS: dict[str, Callable[[Case], bool]] = {
    "allowlist": _allowed,
    "letter.validation": _letter,
    "phone.valid": _good_phone,
    "phone.invalid": _bad_phone,
    "phone.normalise": _good_phone,
    "phone.format": _readable_phone,
    "postal.chars": _address_characters,
    "postal.country": _country,
    "postal.lines": _address_lines,
    "postal.nfa": _no_fixed_abode,
    "postal.normalise": _normal_address,
    "recipient.format": _normal_recipient,
}
