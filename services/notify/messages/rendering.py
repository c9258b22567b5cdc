"""From a text and its values to what the recipient reads. Pure: no file, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time
from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.errors import ValueMissing
from services.notify.messages.description import Description, ValueType
from shared.organisation.model import Organisation

Values = Mapping[str, object]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    loader=DictLoader({}),  # a text includes and imports nothing
    undefined=StrictUndefined,
    autoescape=False,  # plain text; nothing here becomes HTML
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A message in one language, ready to be filled."""

    language: str
    subject: Template
    body: Template
    closing: Template


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message that can be sent: its description and its texts by language."""

    name: str
    description: Description
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the recipient reads."""

    language: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class _Day:
    date: str


@dataclass(frozen=True, slots=True)
class _Moment:
    date: str
    time: str


def compile_text(language: str, source: str, closing: str) -> Text:
    """Read a text: its first line is the subject after a colon, the rest the body.

    Raises:
        ValueError: There is no subject, or a placeholder is malformed.
    """
    heading, _, body = source.partition("\n\n")
    label, colon, subject = heading.partition(":")
    if not label or not colon or not subject.strip() or "\n" in heading:
        raise ValueError("the first line must be the subject, as in 'Betreff: …', then a blank one")
    try:
        return Text(language, *map(_ENVIRONMENT.from_string, (subject.strip(), body, closing)))
    except TemplateError as error:
        raise ValueError(str(error)) from None


def render(
    kind: MessageType, language: str, values: Values, organisation: Organisation
) -> Rendered:
    """Fill a text.

    Args:
        kind: The message.
        language: One of the message's languages.
        values: The placeholders' values as they stand in the event.
        organisation: Who writes, and where its offices are.

    Raises:
        ValueMissing: A value is absent, unknown here, or can't be written.
    """
    text = kind.texts[language]
    words = _in_words(kind, Locale.parse(language, sep="-"), values, organisation)
    try:
        subject, body, closing = (
            part.render(words, authority=organisation.authority)
            for part in (text.subject, text.body, text.closing)
        )
    except TemplateError as error:
        raise ValueMissing(kind.name, str(error)) from None
    rendered = _BLANK_LINES.sub("\n\n", f"{body.strip()}\n\n{closing.strip()}\n")
    if _CONTROL.search(rendered) or _CONTROL.search(subject) or "\n" in subject:
        raise ValueMissing(kind.name, "a value holds a control character or a line break")
    return Rendered(language, subject, rendered)


def _in_words(
    kind: MessageType, locale: Locale, values: Values, organisation: Organisation
) -> dict[str, _Day | _Moment | str | None]:
    words: dict[str, _Day | _Moment | str | None] = {}
    for name, placeholder in kind.description.placeholders.items():
        value = values.get(name)
        if value is not None:
            words[name] = _word(kind.name, placeholder.type, str(value), locale, organisation)
        elif placeholder.optional:
            words[name] = None
        else:
            raise ValueMissing(kind.name, f"{name} is not given")
    return words


def _word(
    message: str, value_type: ValueType, value: str, locale: Locale, organisation: Organisation
) -> _Day | _Moment | str:
    match value_type:
        case ValueType.DATE:
            return _Day(_day(date.fromisoformat(value), locale))
        case ValueType.MOMENT:
            local = datetime.fromisoformat(value).astimezone(organisation.jurisdiction.time_zone)
            return _Moment(_day(local.date(), locale), format_time(local, "short", locale=locale))
        case ValueType.OFFICE:
            return _office(message, value, organisation)


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, "full", locale=locale)


def _office(message: str, key: str, organisation: Organisation) -> str:
    try:
        return organisation.office(key).name.de
    except KeyError:
        raise ValueMissing(message, f"the organisation file has no office {key}") from None
