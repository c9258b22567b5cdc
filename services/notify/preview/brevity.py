"""Whether each SMS is as short as it shall be, with the longest values that are plausible. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product

from services.notify.channels.sms.alphabet import as_sms
from services.notify.messages.catalogue import Messages
from services.notify.messages.description import ValueType
from services.notify.messages.examples import examples
from services.notify.messages.rendering import REFERENCE, Values, brief_day, locale_of, render_short
from services.notify.messages.text import BINDING_LANGUAGE, MessageType
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation

PARTS = 1
PARTS_OF_TRANSLATIONS = 2
"""Most of them need an alphabet of which a part holds less than half (UCS-2)."""
_LONG_REFERENCE = "33.22-12345/2026"
_YEAR = date(2028, 1, 1), 366


@dataclass(frozen=True, slots=True)
class TooLong:
    """An SMS that costs more parts than it may."""

    message: str
    language: str
    parts: int
    allowed: int
    text: str


def too_long(messages: Messages, organisation: Organisation) -> Iterator[TooLong]:
    """Give every SMS that could cost too much.

    Raises:
        ValueMissing: A text can't be filled with the examples of its description.
    """
    for name, kind in messages.by_name.items():
        if Channel.SMS not in kind.description.channels:
            continue
        for language, values in product(kind.texts, examples(kind, organisation).values()):
            text = render_short(
                kind, language, _longest(kind, language, values, organisation), organisation
            )
            allowed = PARTS if language == BINDING_LANGUAGE else PARTS_OF_TRANSLATIONS
            sms = as_sms(text)
            if sms.parts > allowed:
                yield TooLong(name, language, sms.parts, allowed, sms.text)


def _longest(
    kind: MessageType, language: str, values: Values, organisation: Organisation
) -> Values:
    """Put the longest in the place of each value: the day, the office, the reference."""
    day = _longest_day(language)
    noon = datetime.combine(day, time(12, 30), UTC).isoformat()
    office = max(organisation.offices, key=lambda one: len(one.where)).key
    by_type: Mapping[ValueType, str] = {
        ValueType.DATE: day.isoformat(),
        ValueType.MOMENT: noon,
        ValueType.DEADLINE: noon,
        ValueType.OFFICE: office,
    }
    given = {
        name: by_type.get(kind.description.placeholders[name].type, value)
        if name in kind.description.placeholders
        else value
        for name, value in values.items()
    }
    return {**given, REFERENCE: _LONG_REFERENCE}


@lru_cache(maxsize=16)
def _longest_day(language: str) -> date:
    first, days = _YEAR
    every = (first + timedelta(days=one) for one in range(days))
    return max(every, key=lambda day: len(brief_day(day, locale_of(language))))
