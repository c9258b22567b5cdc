"""Guesses which column of a log is what: by the names that systems give, else by its texts."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.intake.importers.errors import LogUnusable
from services.intake.importers.logs.log_event import CASE_PREFIX, LogEvent
from services.intake.importers.mapping.dates import read
from services.intake.importers.mapping.rules import Columns

_CASE = (
    "case:concept:name, case id, trace id, case, case number, case no, case nr, fall-id, "
    "fallnummer, fall-nr, fall, vorgangsnummer, vorgangs-id, vorgangsnr, vorgang-id, "
    "aktenzeichen, az, geschäftszeichen, gz, aktennummer, akten-id, akte, antragsnummer, "
    "antrags-id, antragsnr, "
    "verfahrensnummer, kassenzeichen, trace, dossier, process instance id, ticket id"
)
_CASE_LIKE = (
    r"(case|trace|fall|vorgangs?|akten?|antrags?|verfahrens?|kunden)"
    r"(id|nr|no|num|number|nummer|key|ref|zeichen|kennung)"
)
_ACTIVITY = (
    "concept:name, activity, activity name, aktivität, tätigkeit, schritt, bearbeitungsschritt, "
    "arbeitsschritt, verfahrensschritt, ereignis, event, event name, task, step, action, aktion, "
    "maßnahme, vorgangsart, vorgang, status"
)
_ACTIVITY_LIKE = r".*(activity|aktivitaet|taetigkeit|schritt|ereignis|vorgang|task|step|action).*"
_TIME = (
    "time:timestamp, timestamp, zeitstempel, zeitpunkt, complete timestamp, completion time, "
    "end time, endzeit, event time, datum uhrzeit, datum zeit, datetime, date time, datum, date"
)
_DAY = "datum, date, tag, day, buchungsdatum, ereignisdatum"
_CLOCK = "uhrzeit, zeit, time, clock, time of day"
_TIME_LIKE = r".*(timestamp|zeit|time|datum|date|stempel).*"
_LIFECYCLE = "lifecycle:transition, lifecycle, transition, lifecycle transition"
_SERVICE = "leistung, service, dienstleistung, produkt, product, verfahrensart, antragsart"
_KEY = "identity:id, event id, ereignis-id, ereignisnummer, event number"
_CLOCK_TEXT = re.compile(r"\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?")
_ENOUGH = 0.9
_LONG = 40


@dataclass(frozen=True, slots=True)
class Guesses:
    """Columns of the log, each of which is there."""

    case: str
    activity: str
    time: Columns
    lifecycle: str | None
    service: str | None
    key: str | None


def guess_columns(name: str, sample: Sequence[LogEvent]) -> Guesses:
    """Look at the first events.

    Raises:
        LogUnusable: No column can be the case, the activity or the time.
    """
    columns = _columns(sample)
    own = {column: texts for column, texts in columns.items() if not _of_a_case(column)}
    time = _time(name, own)
    used = {time} if isinstance(time, str) else set(time)
    case = _named(_CASE, columns, used) or _like(_CASE_LIKE, columns, used)
    case = case or _by_use(name, "case", columns, used, different=True)
    used.add(case)
    activity = _named(_ACTIVITY, own, used) or _like(_ACTIVITY_LIKE, own, used)
    activity = activity or _by_use(name, "activity", own, used, different=False)
    used.add(activity)
    return Guesses(
        case,
        activity,
        time,
        _named(_LIFECYCLE, own, used),
        _named(_SERVICE, columns, used),
        _named(_KEY, own, used),
    )


def plain(name: str) -> str:
    """Give a name without what people write differently."""
    name = name.lower().removeprefix(CASE_PREFIX)
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.replace(letter, letters)
    return re.sub(r"[^a-z0-9]+", "", name)


def _columns(sample: Iterable[LogEvent]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for event in sample:
        for column, text in event.values.items():
            columns.setdefault(column, []).extend([text] if text else [])
    return columns


def _of_a_case(column: str) -> bool:
    return column.startswith(CASE_PREFIX)


def _time(name: str, columns: Mapping[str, Sequence[str]]) -> Columns:
    times = {column for column, texts in columns.items() if _share(texts) >= _ENOUGH}
    pair = _day_and_clock(columns, times)
    found = _named(_TIME, times, ()) or pair or _like(_TIME_LIKE, times, ())
    if pair is not None and isinstance(found, str) and found == pair[0]:
        found = pair
    if found is None:
        by_name = _named(_TIME, columns, ()) or _like(_TIME_LIKE, columns, ())
        found = next(iter(sorted(times)), None) or by_name
    if found is None:
        raise LogUnusable(f"no column of {name} holds times, so it is no log of events")
    return found


def _day_and_clock(
    columns: Mapping[str, Sequence[str]], times: Collection[str]
) -> tuple[str, str] | None:
    """Find a day beside a time of day, each in a column of its own."""
    day = _named(_DAY, times, ())
    clocks = [column for column, texts in columns.items() if texts and all(map(_is_clock, texts))]
    clock = _named(_CLOCK, clocks, ()) or next(iter(clocks), None)
    return None if day is None or clock is None else (day, clock)


def _is_clock(text: str) -> bool:
    return _CLOCK_TEXT.fullmatch(text) is not None


def _share(texts: Sequence[str]) -> float:
    if not texts:
        return 0
    return sum(map(is_time, texts)) / len(texts)


def is_time(text: str) -> bool:
    """Tell whether a text is a time; a bare number is none."""
    if text.isdigit() and len(text) < 12:  # noqa: PLR2004 - a number, unless a name says otherwise
        return False
    try:
        read(text)
    except (ValueError, OverflowError):
        return False
    return True


def _named(names: str, columns: Iterable[str], used: Collection[str]) -> str | None:
    """Give the column that has the first of the names, with commas between them."""
    known = {plain(column): column for column in reversed([*columns]) if column not in used}
    return next((known[name] for name in map(plain, names.split(",")) if name in known), None)


def _like(pattern: str, columns: Iterable[str], used: Collection[str]) -> str | None:
    free = (column for column in columns if column not in used)
    return next((column for column in free if re.fullmatch(pattern, plain(column))), None)


def _by_use(
    name: str,
    what: str,
    columns: Mapping[str, Sequence[str]],
    used: Collection[str],
    *,
    different: bool,
) -> str:
    """Give a column by its texts: a case has many that come again, an activity few."""
    free = {
        column: len(set(texts)) / len(texts)
        for column, texts in columns.items()
        if column not in used and texts and max(map(len, texts)) <= _LONG
    }
    if not free:
        raise LogUnusable(f"no column of {name} can be the {what}; is it a log of events?")
    if different:
        again = {column: share for column, share in free.items() if share < 1} or free
        return max(again, key=lambda column: again[column])
    return min(free, key=lambda column: free[column])
