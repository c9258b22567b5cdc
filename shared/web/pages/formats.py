"""How days, moments and numbers are written in a language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_decimal

from shared.web.pages.words import Language

_LOCALES = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}


def formats(language: Language, zone: ZoneInfo) -> Mapping[str, Callable[..., str]]:
    """Give what templates call.

    `day`, `weekday` (a day with its name), `month` (that of a day), `moment`, `clock` (the time of
    a moment whose day is known, without seconds), `number` and `span`.
    """
    locale = Locale.parse(_LOCALES[language])  # once: by its name it is looked up with each call
    both = str(get_datetime_format("long", locale=locale)).replace("'", "")

    @lru_cache(4096)  # a list names few days, each many times
    def day(value: date) -> str:
        return format_date(value, "long", locale=locale)

    @lru_cache(4096)
    def weekday(value: date) -> str:
        return f"{format_date(value, 'EEE', locale=locale)}, {day(value)}"

    def month(value: date) -> str:
        return format_date(value, "LLLL y", locale=locale)

    def moment(value: datetime) -> str:
        time = format_time(value, "long", tzinfo=zone, locale=locale)
        return both.format(time, day(value.astimezone(zone).date()))

    def clock(value: datetime) -> str:
        return format_time(value, "short", tzinfo=zone, locale=locale)

    def span(value: timedelta) -> str:
        return format_timedelta(value, threshold=2, locale=locale)

    return {
        "day": day,
        "weekday": weekday,
        "month": month,
        "moment": moment,
        "clock": clock,
        "number": partial(format_decimal, locale=locale),
        "span": span,
    }
