"""From a rendered message to a letter. The same message always gives the same bytes.

DIN 5008, form B; its measures stand in `letter.css`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babel.dates import format_date
from markupsafe import Markup

from services.notify.channels.letter.typesetting import Sheets, require_characters, to_pdf
from services.notify.errors import TextUnavailable
from services.notify.messages.rendering import Rendered, locale_of
from services.notify.messages.stationery import Stationery
from shared.errors import PermanentError
from shared.organisation.model import Authority

MOST_PAGES = 10
"""GOV.UK Notify's limit: five sheets fit into a window envelope of the lowest weight but one."""
WINDOW_ENDS = 90.0
"""DIN 5008, form B: the lower edge of the address zone, in millimetres from the upper edge."""
_NUMBER = re.compile(r"\{(page|pages)\}")


class LetterTooLong(PermanentError):
    """A letter has more pages than go into one envelope."""

    def __init__(self, pages: int) -> None:
        super().__init__(
            f"the letter has {pages} pages; at most {MOST_PAGES} go into one envelope: shorten it"
        )


class AddressOutgrowsWindow(PermanentError):
    """An address takes more room than the window shows; it is never quoted."""

    def __init__(self) -> None:
        super().__init__(
            "the address takes more than the window of the envelope shows: shorten its lines"
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


def typeset(
    rendered: Rendered,
    *,
    identity: UUID,
    stationery: Stationery,
    authority: Authority,
    recipient: Sequence[str],
    case_ref: str,
    dated: date,
) -> Letter:
    """Write a letter.

    Args:
        rendered: Subject and text.
        identity: The message's; the file carries it too.
        stationery: What it is written on.
        authority: Who writes.
        recipient: The lines of the envelope; at most six, which have been validated.
        case_ref: What to name in an answer.
        dated: When the message was planned; the same for every attempt.

    Raises:
        TextUnavailable: There are no words for a sheet in that language.
        CharacterMissing: No font has a character of it.
        AddressOutgrowsWindow: A line of the address is so long that the last one would be hidden.
        LetterTooLong: It has more than ten pages.
        TypesettingUnavailable: A library or font isn't installed.
    """
    words = stationery.words.get(rendered.language)
    if words is None:
        raise TextUnavailable("letter", rendered.language, sorted(stationery.words))
    locale = locale_of(rendered.language)
    contact = authority.contact
    html = stationery.sheet.render(
        language=rendered.language,
        direction=locale.text_direction,
        subject=rendered.subject,
        body=Markup(rendered.html),  # noqa: S704 - values were escaped when it was filled
        style=Markup(stationery.style.replace('"PAGE"', _counted(words.page))),  # noqa: S704 - ours
        authority=authority.name.de,
        returned=f"{authority.name.de} · {contact.address}",
        recipient=recipient,
        about=(
            (words.case, case_ref),
            (words.date, format_date(dated, "long", locale=locale)),
            (words.phone, contact.phone),
            (words.email, contact.email),
            (words.web, contact.web),
        ),
        created=dated.isoformat(),
    )
    require_characters("".join((*recipient, rendered.subject, rendered.text, str(words))))
    sheets: Sheets = to_pdf(html, identity.bytes)
    # A sheet of an older edition doesn't name its address; what is written again has left before.
    if sheets.bottoms.get("address", 0) > WINDOW_ENDS:
        raise AddressOutgrowsWindow
    if sheets.pages > MOST_PAGES:
        raise LetterTooLong(sheets.pages)
    return Letter(identity, "\n".join(recipient), sheets.content, sheets.pages)


def _counted(words: str) -> str:
    """Write words that count pages as CSS generates them."""
    parts = (
        f"counter({part})" if at % 2 else f'"{part}"'
        for at, part in enumerate(_NUMBER.split(words))
    )
    return " ".join(parts)
