"""From a text and its values to what the recipient reads. Pure: no file, no clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from services.notify.errors import ValueMissing
from services.notify.messages.description import Description, Placeholder, ValueType
from services.notify.template.filling import ValuesMissing, Write, chosen, fill
from services.notify.template.hostile import has_control, without_links
from services.notify.template.markdown import as_html, as_text
from services.notify.template.markup import escaped, linked
from services.notify.template.passages import Part, key, names, parse
from services.notify.template.whitespace import one_line
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation

Values = Mapping[str, object]
Word = str | tuple[str, ...]
Words = Mapping[str, Word]

# How the language is written where it isn't the language alone that decides.
_LOCALES = {"en": "en_GB"}
_UNSEEN_BY_OTHERS = frozenset({Channel.LETTER, Channel.MAILBOX})
_NO_DOCUMENTS: Mapping[str, str] = MappingProxyType({})
_CONTROL = "a value holds a control character or a line break"


@dataclass(frozen=True, slots=True)
class Text:
    """A message in one language, ready to be filled.

    Attributes:
        language: As in its file's name.
        subject: One line.
        body: Markdown with passages, from the greeting to the closing.
        short: The same without greeting and subject, for ways where every letter is paid for.
        source: The body as it was written.
        documents: What documents are called, by code.
    """

    language: str
    subject: tuple[Part, ...]
    body: tuple[Part, ...]
    short: tuple[Part, ...]
    source: str
    documents: Mapping[str, str]

    @property
    def names(self) -> frozenset[str]:
        """The values that it takes."""
        return frozenset(map(key, names((*self.subject, *self.body))))


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message that can be sent: its description and its texts by language."""

    name: str
    description: Description
    texts: Mapping[str, Text]


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


@dataclass(frozen=True, slots=True)
class _Layout:
    """A body whose structure is settled: only values are missing."""

    text: tuple[Part, ...]
    html: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every text in one language.

    Attributes:
        opening: Before it: the greeting.
        closing: After it: where to ask, and who writes.
        signature: After it where every letter is paid for: who writes.
    """

    opening: str
    closing: str
    signature: str


def read_text(
    language: str, source: str, frame: Frame, documents: Mapping[str, str] = _NO_DOCUMENTS
) -> Text:
    """Read a text: its first line is the subject after a colon, the rest stands in the frame.

    Args:
        language: As in its file's name.
        source: What stands in the file.
        frame: What stands around it.
        documents: What documents are called, by code.

    Raises:
        ValueError: There is no subject.
    """
    heading, _, body = source.partition("\n\n")
    label, colon, subject = heading.partition(":")
    if not label or not colon or not subject.strip() or "\n" in heading:
        raise ValueError("the first line must be the subject, as in 'Betreff: …', then a blank one")
    framed = _joined(frame.opening, body, frame.closing)
    short = _joined(body, frame.signature)
    return Text(language, parse(subject.strip()), parse(framed), parse(short), framed, documents)


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts)


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
        plain = fill(layout.text, words)
        html = fill(layout.html, words, lambda word: linked(escaped(str(word))))
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
    try:
        plain = fill(_laid_out(chosen(text.short, words)).text, words)
    except ValuesMissing as error:
        raise ValueMissing(kind.name, str(error)) from None
    if has_control(plain):
        raise ValueMissing(kind.name, _CONTROL)
    # What follows a salutation's comma in a mail begins a text here.
    return plain[:1].upper() + plain[1:]


def _in_a_line(text: Text) -> Write:
    locale = locale_of(text.language)
    return lambda value: in_one_line(value, locale) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=1024)
def _laid_out(body: str) -> _Layout:
    return _Layout(parse(as_text(body)), parse(as_html(body)))


def known_names(description: Description) -> frozenset[str]:
    """Give the names of all values that texts of a message may take."""
    given = {
        name
        for field, placeholder in description.placeholders.items()
        for name in _names_of(field, placeholder)
    }
    return frozenset(map(key, (*given, *_OF_THE_AUTHORITY, "name", "has name", "on paper")))


def _names_of(field: str, placeholder: Placeholder) -> Iterable[str]:
    if placeholder.type is ValueType.MOMENT:
        yield from (f"{field} day", f"{field} time")
    elif placeholder.type is ValueType.AMOUNT:
        yield from (field, f"{field} one")
    else:
        yield field
    if placeholder.optional:
        yield f"has {field}"


def _in_words(
    kind: MessageType, text: Text, values: Values, organisation: Organisation, way: Channel
) -> dict[str, Word]:
    words: dict[str, Word] = {name: tell(organisation) for name, tell in _OF_THE_AUTHORITY.items()}
    for name, placeholder in kind.description.placeholders.items():
        value = values.get(name)
        if value is None and not placeholder.optional:
            raise ValueMissing(kind.name, f"{name} is not given")
        words[f"has {name}"] = _yes(value is not None)
        if value is not None:
            words |= _words(kind, name, value, text, organisation, way=way)
    return words


def _documents(codes: object, text: Text) -> tuple[str, ...]:
    """Call documents by their names: all of them or, if one has none here, none of them."""
    if not isinstance(codes, list | tuple) or not text.documents.keys() >= set(codes):
        return ()
    return tuple(text.documents[code] for code in codes)


def _yes(fact: object) -> str:
    return "yes" if fact else "no"


_OF_THE_AUTHORITY: Mapping[str, Callable[[Organisation], str]] = {
    "authority": lambda here: here.authority.name.de,
    "place": lambda here: here.authority.place,
    "phone": lambda here: here.authority.contact.phone,
    "e-mail": lambda here: here.authority.contact.email,
    "web": lambda here: here.authority.contact.web,
}


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
    match kind.description.placeholders[name].type:
        case ValueType.DATE:
            return {name: _day(date.fromisoformat(said), locale)}
        case ValueType.MOMENT:
            local = datetime.fromisoformat(said).astimezone(organisation.jurisdiction.time_zone)
            time = format_time(local, "short", locale=locale)
            return {f"{name} day": _day(local.date(), locale), f"{name} time": time}
        case ValueType.OFFICE:
            return {name: _office(kind.name, said, organisation)}
        case ValueType.AMOUNT:
            one = locale.plural_form(int(said)) == "one"
            amount = format_decimal(int(said), locale=locale)
            return {name: amount, f"{name} one": _yes(one)}
        case ValueType.DOCUMENTS:
            documents = _documents(value, text) if way in _UNSEEN_BY_OTHERS else ()
            return {name: documents, f"has {name}": _yes(documents)}


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, "full", locale=locale)


def _office(message: str, key: str, organisation: Organisation) -> str:
    try:
        return organisation.office(key).name.de
    except KeyError:
        raise ValueMissing(message, f"the organisation file has no office {key}") from None
