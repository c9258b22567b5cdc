"""How days, moments and numbers are written in a language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from shared.web.pages.words import Language

_LOCALES = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}


def formats(language: Language, zone: ZoneInfo) -> Mapping[str, Callable[..., str]]:
    """Give what templates call: `day`, `moment`, `number`."""
    locale = _LOCALES[language]

    def day(value: date) -> str:
        return format_date(value, "long", locale=locale)

    def moment(value: datetime) -> str:
        return format_datetime(value, "long", tzinfo=zone, locale=locale)

    return {"day": day, "moment": moment, "number": partial(format_decimal, locale=locale)}
