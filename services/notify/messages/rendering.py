"""From a text and its values to what the recipient reads. Pure: no file, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from operator import attrgetter

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from services.notify.messages.description import Audience, ValueType
from services.notify.messages.errors import ValueMissing
from services.notify.messages.text import (
    BINDING_LANGUAGE,
    OF_THE_AUTHORITY,
    MessageType,
    Text,
)
from services.notify.template.filling import ValuesMissing, Write, chosen, fill
from services.notify.template.hostile import has_control, without_links
from services.notify.template.markdown import as_html, as_text
from services.notify.template.markup import escaped, linked
from services.notify.template.passages import Part, parse
from services.notify.template.whitespace import one_line
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation

Values = Mapping[str, object]
Word = str | tuple[str, ...]
Words = Mapping[str, Word]

# How the language is written where it isn't the language alone that decides.
_LOCALES = {"en": "en_GB"}
REFERENCE = "reference"
"""Among the values: what to name when asking about the case."""
DUTIES = "duties"
"""Among the values: which duties of the case are open when the text is filled."""
CAPACITY = "capacity"
"""Among the values: as what somebody is told who isn't the person of the case."""
REPRESENTED = "represented"
"""Among the values: the name of that person, where it is known."""
_UNSEEN_BY_OTHERS = frozenset({Channel.LETTER, Channel.MAILBOX})
_INSTANT = timedelta(microseconds=1)
_LEVANT = Locale.parse("ar_SY")
_ISOLATE, _END = "\u2066", "\u2069"
_CONTROL = "a value holds a control character or a line break"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the recipient reads.

    Attributes:
        language: Of the text.
        subject: One line.
        text: For programs that show plain text, and for everything that measures it.
        html: The same, with its structure; no page around it.
    """

    language: str
    subject: str
    text: str
    html: str


class LeftToRight(str):
    """A value that reads from left to right in whatever language: a number, an address, a place."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    """A body whose structure is settled: only values are missing."""

    text: tuple[Part, ...]
    html: tuple[Part, ...]


@cache
def locale_of(language: str) -> Locale:
    """Give the rules by which a language writes dates, numbers and lists (CLDR)."""
    return Locale.parse(_LOCALES.get(language, language), sep="_")


def in_one_line(items: Sequence[object], locale: Locale) -> str:
    """Write a list as a sentence does: `Pass, Foto und Mietvertrag` (CLDR list patterns)."""
    return format_list([str(item) for item in items], locale=locale)


def render(
    kind: MessageType,
    language: str,
    values: Values,
    organisation: Organisation,
    name: str | None = None,
    *,
    way: Channel = Channel.EMAIL,
) -> Rendered:
    """Fill a text.

    The layout comes before the values, so no value is ever read as Markdown or HTML.

    Args:
        kind: The message.
        language: One of the message's languages.
        values: The placeholders' values as they stand in the event.
        organisation: Who writes, and where its offices are.
        name: The recipient's, as a stranger may have written it.
        way: How it goes: a letter can't be answered by a key, an e-mail is read by others.

    Raises:
        ValueMissing: A value is absent, unknown here, or can't be written.
    """
    text = kind.texts[language]
    words = _in_words(kind, text, values, organisation, way)
    called = one_line(without_links(name or ""))
    words |= {"name": called, "has name": _yes(called), "on paper": _yes(way is Channel.LETTER)}
    try:
        layout = _laid_out(chosen(text.body, words))
        subject = fill(text.subject, words, _in_a_line(text))
        plain = fill(layout.text, words, partial(_isolated, language))
        html = fill(layout.html, words, partial(_in_html, language))
    except ValuesMissing as error:
        raise ValueMissing(kind.name, str(error)) from None
    if has_control(subject) or has_control(plain) or "\n" in subject:
        raise ValueMissing(kind.name, _CONTROL)
    return Rendered(language, subject, plain, html)


def render_short(
    kind: MessageType, language: str, values: Values, organisation: Organisation
) -> str:
    """Fill a text for a way where every letter is paid for; its recipient isn't named.

    Raises:
        ValueMissing: A value is absent, unknown here, or can't be written.
    """
    text = kind.texts[language]
    words = _in_words(kind, text, values, organisation, Channel.SMS)
    words |= {"name": "", "has name": _yes(False), "on paper": _yes(False)}
    if text.brief and (short_name := organisation.authority.short_name) is not None:
        words["authority"] = LeftToRight(short_name)
    try:
        layout = _laid_out(chosen(text.short, words))
        plain = fill(layout.text, words, partial(_isolated, language))
    except ValuesMissing as error:
        raise ValueMissing(kind.name, str(error)) from None
    if has_control(plain):
        raise ValueMissing(kind.name, _CONTROL)
    # What follows a salutation's comma in a mail begins a text here.
    return plain[:1].upper() + plain[1:]


def render_whole(
    kind: MessageType,
    language: str,
    values: Values,
    organisation: Organisation,
    name: str | None = None,
    *,
    way: Channel = Channel.EMAIL,
) -> Rendered:
    """Fill a text, and below a translation the German one, which is binding; else as `render`."""
    found = render(kind, language, values, organisation, name, way=way)
    if language == BINDING_LANGUAGE or kind.description.audience is Audience.STAFF:
        return found
    binding = render(kind, BINDING_LANGUAGE, values, organisation, name, way=way)
    heading = f"# {binding.subject}"
    text = f"{as_text('---')}\n{as_text(heading)}\n{binding.text}"
    html = f'<hr>\n<div lang="{BINDING_LANGUAGE}" dir="ltr">\n<h2>{escaped(binding.subject)}</h2>\n'
    return replace(
        found,
        text=f"{found.text.rstrip()}\n\n{text}",
        html=f"{found.html}{html}{binding.html}</div>\n",
    )


def isolated(language: str, value: str) -> str:
    """Keep a value that reads from left to right so in a text that reads from right to left.

    By characters (UAX 9), which mails, pages and PDF obey alike; WeasyPrint lays `<bdi>` out
    wrongly.
    """
    if locale_of(language).text_direction == "ltr":
        return value
    return f"{_ISOLATE}{value}{_END}"


def _isolated(language: str, value: object) -> str:
    return isolated(language, value) if isinstance(value, LeftToRight) else str(value)


def _in_html(language: str, value: object) -> str:
    written = linked(escaped(str(value)))
    return isolated(language, written) if isinstance(value, LeftToRight) else written


def _in_a_line(text: Text) -> Write:
    locale = locale_of(text.language)
    return lambda value: in_one_line(value, locale) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=1024)
def _laid_out(body: str) -> _Layout:
    return _Layout(parse(as_text(body)), parse(as_html(body)))


def _in_words(
    kind: MessageType, text: Text, values: Values, organisation: Organisation, way: Channel
) -> dict[str, Word]:
    here = organisation.authority
    words: dict[str, Word] = {
        name: LeftToRight(attrgetter(at)(here)) for name, at in OF_THE_AUTHORITY.items()
    }
    reference = values.get(REFERENCE)
    words |= {"reference": LeftToRight(reference or ""), "has reference": _yes(reference)}
    words |= _on_behalf(values)
    heeded = kind.description.heeds.intersection(_listed(values.get(DUTIES)))
    words["has duties"] = _yes(heeded)
    for name, placeholder in kind.description.placeholders.items():
        value = values.get(name)
        if value is None and not placeholder.optional:
            raise ValueMissing(kind.name, f"{name} is not given")
        words[f"has {name}"] = _yes(value is not None)
        if value is not None:
            words |= _words(kind, name, value, text, organisation, way=way)
    return words


def _on_behalf(values: Values) -> Words:
    capacity = values.get(CAPACITY)
    person = one_line(without_links(str(values.get(REPRESENTED) or "")))
    return {
        "represented": person,
        "has represented": _yes(person),
        "as representative": _yes(capacity == Capacity.REPRESENTATIVE),
        "as addition": _yes(capacity == Capacity.ADDITIONAL),
    }


def _listed(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def _documents(codes: object, text: Text) -> tuple[str, ...]:
    """Call documents by their names: all of them or, if one has none here, none of them."""
    if not isinstance(codes, list | tuple) or not text.documents.keys() >= set(codes):
        return ()
    return tuple(text.documents[code] for code in codes)


def _yes(fact: object) -> str:
    return "yes" if fact else "no"


def _words(
    kind: MessageType,
    name: str,
    value: object,
    text: Text,
    organisation: Organisation,
    *,
    way: Channel,
) -> Words:
    said, locale = str(value), locale_of(text.language)
    day_of = brief_day if text.brief and way is Channel.SMS else _day
    match kind.description.placeholders[name].type:
        case ValueType.DATE:
            return {name: day_of(date.fromisoformat(said), locale)}
        case ValueType.MOMENT:
            local = datetime.fromisoformat(said).astimezone(organisation.jurisdiction.time_zone)
            time = format_time(local, "short", locale=locale)
            return {f"{name} day": day_of(local.date(), locale), f"{name} time": time}
        case ValueType.DEADLINE:
            zone = organisation.jurisdiction.time_zone
            last = datetime.fromisoformat(said).astimezone(zone) - _INSTANT
            return {name: day_of(last.date(), locale)}
        case ValueType.OFFICE:
            return {name: LeftToRight(_office(kind.name, said, organisation))}
        case ValueType.AMOUNT:
            one = locale.plural_form(int(said)) == "one"
            amount = format_decimal(int(said), locale=locale)
            return {name: amount, f"{name} one": _yes(one)}
        case ValueType.DOCUMENTS:
            documents = _documents(value, text) if way in _UNSEEN_BY_OTHERS else ()
            return {name: documents, f"has {name}": _yes(documents)}


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    written = format_date(day, "full", locale=locale)
    if locale.language != "ar":
        return written
    # Arab countries call the months by two families of names.
    here, levant = (one.months["format"]["wide"][day.month] for one in (locale, _LEVANT))
    return written.replace(here, f"{here}/{levant}")


@lru_cache(maxsize=4096)
def brief_day(day: date, locale: Locale) -> str:
    """Write a day as an SMS does: `Do., 24.12.2026`."""
    return format_skeleton("yMEd", day, locale=locale)


def _office(message: str, key: str, organisation: Organisation) -> str:
    try:
        return organisation.office(key).where
    except KeyError:
        raise ValueMissing(message, f"the organisation file has no office {key}") from None
