"""Opening hours as people write them: days of equal hours together. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import time

from babel import Locale
from babel.dates import format_time, get_day_names

from shared.organisation.model import Span, Weekday

_WEEK = tuple(Weekday)
_TO = "\u2013"


def hours_in_words(hours: Mapping[Weekday, Sequence[Span]], locale: Locale) -> list[str]:
    """Write a line for each kind of day: from Monday to Wednesday and on Friday, these hours."""
    days: defaultdict[tuple[Span, ...], list[int]] = defaultdict(list)
    for day in sorted(hours, key=_WEEK.index):
        if hours[day]:
            days[tuple(hours[day])].append(_WEEK.index(day))
    return [f"{_days(found, locale)} {_times(spans, locale)}" for spans, found in days.items()]


def _days(places: Sequence[int], locale: Locale) -> str:
    names = get_day_names("abbreviated", "format", locale)
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return _listed([_run([names[place] for place in run]) for run in runs], locale)


def _run(names: Sequence[str]) -> str:
    return f"{names[0]}{_TO}{names[-1]}" if len(names) > 1 else names[0]


def _times(spans: Sequence[Span], locale: Locale) -> str:
    def written(moment: time) -> str:
        return format_time(moment, "short", locale=locale)

    return _listed([f"{written(one.start)}{_TO}{written(one.end)}" for one in spans], locale)


def _listed(parts: Sequence[str], locale: Locale) -> str:
    return ("، " if locale.language == "ar" else ", ").join(parts)
