"""From a rendered message to a letter. The same message always gives the same bytes.

DIN 5008, form B; its measures stand in `letter.css`.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from uuid import UUID

from babel.dates import format_date
from markupsafe import Markup

from services.notify.cases.standing import UNIT
from services.notify.channels.letter.print_run import PrintRun
from services.notify.channels.letter.typesetting import (
    Sheets,
    require_address,
    require_characters,
    to_pdf,
)
from services.notify.errors import TextUnavailable
from services.notify.message import Claim
from services.notify.messages.materials import Materials
from services.notify.messages.opening_hours import hours_in_words
from services.notify.messages.rendering import REFERENCE, Rendered, isolated, locale_of
from services.notify.messages.stationery import SheetWords, Stationery
from services.notify.recipients.errors import AddressOutgrowsWindow
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from services.notify.states import State
from shared.contacts.contact import Contact
from shared.errors import PermanentError
from shared.organisation.calendar import Calendar
from shared.organisation.model import Authority, Reception

MOST_PAGES = 10
"""GOV.UK Notify's limit: five sheets fit into a window envelope of the lowest weight but one."""
WINDOW_ENDS = 90.0
"""DIN 5008, form B: the lower edge of the address zone, in millimetres from the upper edge."""
RETURN_ADDRESS_ENDS = 62.75
"""Two lines above the address zone, and what rounding adds."""
RECEPTION_ENDS = 98.0
"""Below it the subject begins."""
_NUMBER = re.compile(r"\{(page|pages)\}")


class ReturnAddressTooLong(PermanentError):
    """The authority's name and address don't fit above the window of a letter."""

    def __init__(self, authority: str) -> None:
        super().__init__(
            f"the return address of {authority} needs more than two lines above the window; "
            "shorten name or contact.address in the organisation file"
        )


class ReceptionTooLong(PermanentError):
    """Room and hours don't fit into the block beside the address."""

    def __init__(self, authority: str) -> None:
        super().__init__(
            f"reference, contact, room and hours of {authority} take more room than there is "
            "beside the address; shorten rooms and hours in the organisation file"
        )


class LetterTooLong(PermanentError):
    """A letter has more pages than go into one envelope."""

    def __init__(self, pages: int) -> None:
        super().__init__(
            f"the letter has {pages} pages; at most {MOST_PAGES} go into one envelope: shorten it"
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter.

    Attributes:
        identity: The message's.
        recipient: The lines of the envelope.
        content: PDF.
        pages: How many.
    """

    identity: UUID
    recipient: str
    content: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Writes letters.

    Attributes:
        clock: Tells whether their print run has come.
        print_run: When letters go to the printer; None if at once.
        press: One letter is laid out at a time.
    """

    opening: Opening
    materials: Materials
    clock: Callable[[], datetime]
    print_run: PrintRun | None = None
    press: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prepare(self, claim: Claim) -> Prepared[Letter] | Outcome:
        """Write the letter when its print run has come, or tell why there is none.

        Laying out takes a mail's time many times over, so it happens beside the loop.
        """
        if self.print_run is not None:
            now, leaves = self.clock(), self.print_run.taking(claim.attempt.planned_at)
            if leaves > now:
                return Outcome(State.HELD, delay=leaves - now)
        async with self.press:
            write_it = partial(write, self.materials)
            return await asyncio.to_thread(self.opening.written, claim, write_it)


def write(materials: Materials, claim: Claim, contact: Contact) -> Letter | None:
    """Write the letter of a message; None if its recipient has no postal address.

    Raises:
        ValueMissing: The text is gone, or a value that it needs.
        TextUnavailable and what else `typeset` raises.
    """
    rendered = materials.rendered(claim, contact)
    if contact.postal_address is None:
        return None
    return typeset(
        rendered,
        identity=claim.attempt.id,
        stationery=materials.stationery,
        authority=materials.organisation.authority,
        recipient=contact.postal_address.reveal(),
        reference=str(claim.facts.get(REFERENCE) or claim.attempt.case_ref),
        dated=Calendar.of(materials.organisation).day_of(claim.attempt.planned_at),
        reception=materials.organisation.reception(
            _key(claim.facts.get(UNIT)), _key(claim.facts.get("office"))
        ),
    )


def _key(given: object) -> str | None:
    return given if isinstance(given, str) else None


def typeset(
    rendered: Rendered,
    *,
    identity: UUID,
    stationery: Stationery,
    authority: Authority,
    recipient: Sequence[str],
    reference: str,
    dated: date,
    reception: Reception,
) -> Letter:
    """Write a letter.

    Args:
        rendered: Subject and text.
        identity: The message's; the file carries it too.
        stationery: What it is written on.
        authority: Who writes.
        recipient: The lines of the envelope; at most six, which have been validated.
        reference: What to name in an answer.
        dated: When the message was planned; the same for every attempt.
        reception: Where and when its recipient may come.

    Raises:
        TextUnavailable: There are no words for a sheet in that language.
        AddressUnprintable, AddressOutgrowsWindow: The window wouldn't show the address whole.
        CharacterMissing: No font has a character of the rest.
        ReturnAddressTooLong: The authority's own address doesn't fit into two lines above it.
        ReceptionTooLong: Room and hours don't fit beside the address.
        LetterTooLong: It has more than ten pages.
        TypesettingUnavailable: A library or font isn't installed.
    """
    language = rendered.language
    require_address(recipient)
    words = stationery.words.get(language)
    if words is None:
        raise TextUnavailable("letter", language, sorted(stationery.words))
    about = list(
        _about(words, language, authority, reference=reference, dated=dated, reception=reception)
    )
    html = stationery.sheet.render(
        language=language,
        direction=locale_of(language).text_direction,
        subject=rendered.subject,
        body=Markup(rendered.html),  # noqa: S704 - values were escaped when it was filled
        style=Markup(stationery.style.replace('"PAGE"', _counted(words.page))),  # noqa: S704 - ours
        authority=authority.name.de,
        returned=f"{authority.name.de} · {authority.contact.address}",
        recipient=recipient,
        about=about,
        created=dated.isoformat(),
    )
    told = (value for _, value in about)
    require_characters("".join((rendered.subject, rendered.text, str(words), *told)))
    sheets: Sheets = to_pdf(html, identity.bytes)
    _require_fit(sheets, authority)
    return Letter(identity, "\n".join(recipient), sheets.content, sheets.pages)


def _about(
    words: SheetWords,
    language: str,
    authority: Authority,
    *,
    reference: str,
    dated: date,
    reception: Reception,
) -> Iterator[tuple[str, str]]:
    """Give what stands beside the address; where and when people are received if it is known."""
    contact = authority.contact
    yield words.case, isolated(language, reference)
    yield words.date, format_date(dated, "long", locale=locale_of(language))
    yield words.phone, isolated(language, contact.phone)
    yield words.email, isolated(language, contact.email)
    yield words.web, isolated(language, contact.web)
    if words.room and reception.room:
        yield words.room, isolated(language, reception.room)
    if words.hours and reception.hours:
        lines = hours_in_words(reception.hours, locale_of(language))
        yield words.hours, Markup("<br>") + Markup("<br>").join(lines)


def _require_fit(sheets: Sheets, authority: Authority) -> None:
    """Refuse a letter of which something would be hidden, or that is too long to be sent."""
    # A sheet of an older edition doesn't name its parts; what is written again has left before.
    if sheets.bottoms.get("address", 0) > WINDOW_ENDS:
        raise AddressOutgrowsWindow
    if sheets.bottoms.get("returned", 0) > RETURN_ADDRESS_ENDS:
        raise ReturnAddressTooLong(authority.key)
    if sheets.bottoms.get("about", 0) > RECEPTION_ENDS:
        raise ReceptionTooLong(authority.key)
    if sheets.pages > MOST_PAGES:
        raise LetterTooLong(sheets.pages)


def _counted(words: str) -> str:
    """Write words that count pages as CSS generates them."""
    parts = (
        f"counter({part})" if at % 2 else f'"{part}"'
        for at, part in enumerate(_NUMBER.split(words))
    )
    return " ".join(parts)
