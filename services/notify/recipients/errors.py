"""Why somebody can't be written to in the way that was given.

No message repeats what was given: it may be logged.
"""

import re

from shared.errors import PermanentError
from shared.security.personal import Personal

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


class RecipientRefused(PermanentError):
    """A recipient can't be used as given."""

    @property
    def condition(self) -> str:
        """What is wrong, for programs: `phone-without-sms`."""
        return _WORDS.sub("-", type(self).__name__).lower()


class PhoneCharacterUnknown(RecipientRefused):
    """A phone number has a character that no phone number has, such as an O for a 0."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"character {place} of the phone number belongs to no phone number; write digits, "
            "spaces and hyphens, with + or 0 in front"
        )


class PhoneTooShort(RecipientRefused):
    """A phone number lacks digits."""

    def __init__(self) -> None:
        super().__init__("the phone number lacks digits; ask for all of it, with its area code")


class PhoneTooLong(RecipientRefused):
    """A phone number has too many digits, or two numbers stand in one field."""

    def __init__(self) -> None:
        super().__init__("the phone number has too many digits; ask for it again, one number only")


class PhoneNumberUnknown(RecipientRefused):
    """A phone number has a length that occurs, but no network has such numbers."""

    def __init__(self) -> None:
        super().__init__(
            "no network has such a phone number; a digit is wrong, missing or too many: ask for it "
            "again"
        )


class PhoneAmbiguous(RecipientRefused):
    """A phone number can be read as two that both exist; only its owner knows which is meant.

    Attributes:
        readings: The numbers (E.164), to ask with.
    """

    def __init__(self, readings: tuple[Personal[str], ...]) -> None:
        super().__init__(
            "the phone number can mean two numbers; ask, and write it with + and the country code, "
            "or with 0 and the area code"
        )
        self.readings = readings


class PhoneIsShortCode(RecipientRefused):
    """A phone number is a service such as 110 or 115, not a person's."""

    def __init__(self) -> None:
        super().__init__(
            "a short number such as 110 or 115 is nobody's own; ask for a phone number"
        )


class PhoneWithoutSms(RecipientRefused):
    """A phone number exists but takes no SMS."""

    def __init__(self) -> None:
        super().__init__(
            "a landline or a service number (0800, 0900, 0180) takes no SMS; ask for a mobile "
            "number, or write an e-mail or a letter"
        )


class AddressTooShort(RecipientRefused):
    """A postal address has fewer lines than a letter needs."""

    def __init__(self, least: int) -> None:
        super().__init__(
            f"the postal address has fewer than {least} lines; a letter needs a name, a street "
            "and a place, and abroad a country"
        )


class AddressTooLong(RecipientRefused):
    """A postal address has more lines than an envelope's window shows."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"the postal address has more than {most} lines, the country included; put two of "
            "them into one"
        )


class AddressOutgrowsWindow(RecipientRefused):
    """A postal address takes more room than the window shows."""

    def __init__(self) -> None:
        super().__init__(
            "the postal address takes more than the window of the envelope shows: shorten its lines"
        )


class AddressUnprintable(RecipientRefused):
    """A postal address has characters that letters can't show."""

    def __init__(self, characters: int) -> None:
        super().__init__(
            f"{characters} characters of the postal address are in none of the fonts of letters; "
            "write them in Latin letters"
        )


class AddressLineInvalid(RecipientRefused):
    """A line of a postal address begins as no line does, holds a control character or no word."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"line {line} of the postal address begins with a sign that no line begins with, holds "
            "a control character or no word; write it anew"
        )


class PostcodeMissing(RecipientRefused):
    """The last line of a postal address names neither a German place nor a country."""

    def __init__(self) -> None:
        super().__init__(
            "the last line of the postal address is neither a German postcode with its place "
            "(76133 Karlsruhe) nor a country; mend that line"
        )


class NoFixedAbode(RecipientRefused):
    """A postal address says that the person has none."""

    def __init__(self) -> None:
        super().__init__(
            "the person has no fixed abode, so no letter can be delivered; ask for an address "
            "in care of somebody (c/o), or hand the letter over in person"
        )


class EmailAddressInvalid(RecipientRefused):
    """An e-mail address can't be used."""

    def __init__(self) -> None:
        super().__init__("the e-mail address can't be used; ask for it again")


class MailboxHandleInvalid(RecipientRefused):
    """The handle of a mailbox has not the form of one."""

    def __init__(self) -> None:
        super().__init__(
            "the mailbox's handle is no UUID; take it from the BundID account as it stands there "
            "(Postkorb-Handle)"
        )


class AllowListEntryInvalid(PermanentError):
    """An entry of the trial mode's allow-list is no recipient."""

    def __init__(self, position: int, cause: RecipientRefused) -> None:
        super().__init__(f"entry {position} of the allow-list can't be used: {cause}")
