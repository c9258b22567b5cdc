"""Writes a mapping file for a log that nobody has described yet: a beginning, full of guesses."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from services.intake.importers.log_event import LogEvent
from services.intake.importers.rules import name_of
from services.intake.importers.survey import MOST_ACTIVITIES, Survey, survey

_GUESS = "  # guess"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_()-]*( [A-Za-z0-9_()-]+)*")
_UNIT = ("org:group", "case:department", "unit", "group", "department", "sachgebiet", "team")
_DECIDER = ("org:resource", "resource", "user", "bearbeiter", "sachbearbeiter", "org:role")

# In order: the first that is found in the name of an activity wins.
_GUESSES = (
    (r"withdr|zurückgezogen|rücknahme des antrags", "application.withdrawn", None),
    (r"court|judge|klage|gericht", "court.action_filed", None),
    (r"(forward|send).*appeal|vorlage.*widerspruch", "appeal.forwarded", None),
    (r"appeal.*(result|decid)|(result|decid).*appeal|widerspruchsbescheid", None, None),
    (r"appeal|objection|widerspruch", "appeal.lodged", None),
    (r"(request|missing).*document|unterlagen.*(anforder|fehlen)", "documents.requested", None),
    (r"(receive|submit).*document|unterlagen.*eingang", "documents.received", None),
    (r"^acknowledg|^confirmation of receipt|eingangsbestätigung", "application.acknowledged", None),
    (r"reject|refus|deni|deny|declin|ablehn|abgelehnt|versag", "decision.made", "adverse"),
    (r"final.?approv|accept|grant|bewillig|erteil", "decision.made", "favourable"),
    (
        r"submit|receiv.*application|application.*receiv|antrag.*(gestellt|eingegangen|eingang)",
        "application.received",
        None,
    ),
    (r"notif|bekanntgabe|zustellung", "decision.notified", None),
    (r"clos|archiv|abschluss", "case.closed", None),
)


def propose_mapping(file_name: str, events: Iterable[LogEvent]) -> str:
    """Give the text of a mapping that loads as it is; what isn't certain is marked `# guess`.

    Activities without a guess stand there with nothing: until somebody decides, their events are
    refused as "no mapping".

    Raises:
        LogUnusable: The log holds no events.
        LogBroken: The log can't be read to its end.
    """
    return "\n".join(_lines(file_name, survey(file_name, events))) + "\n"


def _lines(file_name: str, found: Survey) -> Iterator[str]:
    slug = _slug(Path(file_name.lower().removesuffix(".gz")).stem)
    yield f"# Proposed for {file_name!r}: {found.events:,} events. Nobody has checked it yet."
    yield '# What says "guess" is one. Give every undecided activity an `event`, or say why to'
    yield "# `ignore` it; until then its events are refused as no mapping."
    yield f"name: {slug}{_GUESS}"
    yield f"source: urn:gleichfall:log:{slug}{_GUESS}; never change it once events were sent"
    yield f"time_zone: Europe/Berlin{_GUESS}"
    yield ""
    yield "recognise:"
    yield f"  attributes: [{', '.join(_scalar(name) for name in sorted(found.filled))}]"
    yield from _layout(found)
    yield ""
    yield "# Values beside them, with the number of events that have one:"
    for name, number in found.filled.items():
        yield f"#   {_scalar(name)}: {number:,}"
    yield ""
    yield "activities:" if found.activities else "activities: {}"
    if len(found.activities) == MOST_ACTIVITIES:
        yield f"  # only the first {MOST_ACTIVITIES:,}; is `log.activity` right?"
    for activity, number in sorted(found.activities.items(), key=lambda item: -item[1]):
        yield from _activity(activity, number, found)


def _layout(found: Survey) -> Iterator[str]:
    yield ""
    yield "log:"
    for field, attribute in found.layout.model_dump(exclude_none=True).items():
        yield f"  {field}: {_scalar(attribute)}{_GUESS}"


def _activity(activity: str, number: int, found: Survey) -> Iterator[str]:
    event, data = _guess(activity, found)
    if event is None:
        yield f"  {_scalar(activity)}:  # {number:,} events, undecided"
        return
    yield f"  {_scalar(activity)}:  # {number:,} events"
    yield f"    event: {event}{_GUESS}"
    if data:
        yield "    data:"
        yield from (f"      {field}: {value}{_GUESS}" for field, value in data.items())


def _guess(activity: str, found: Survey) -> tuple[str | None, dict[str, str]]:
    """Give the event that an activity's name suggests, with all the fields that it needs."""
    fits = (guess for guess in _GUESSES if re.search(guess[0], activity, re.IGNORECASE))
    _, event, direction = next(fits, (None, None, None))
    unit = _column(_UNIT, found, "as: code, default: unit-not-recorded") or "unit-not-recorded"
    match event:
        case "application.received":
            code = _slug(activity)
            return event, {"channel": "other", "service_key": code, "unit": unit}
        case "documents.requested":
            return event, {"items": "[not-recorded]"}
        case "decision.notified":
            return event, {
                "notified_on": f"{{from: {_scalar(name_of(found.layout.time))}, as: date}}"
            }
        case "decision.made":
            decider = _column(_DECIDER, found, "pseudonym: decider")
            if decider is None or direction is None:
                return None, {}
            made = {"type_code": _slug(activity), "direction": direction}
            return event, made | {"unit": unit, "decider": decider}
        case _:
            return event, {}


def _column(names: Iterable[str], found: Survey, rest: str) -> str | None:
    known = {name.lower(): name for name in found.filled}
    name = next((known[name] for name in names if name in known), None)
    return None if name is None else f"{{from: {_scalar(name)}, {rest}}}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-") or "log"


def _scalar(text: str) -> str:
    """Write a text so that YAML reads it as this text."""
    if _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6)
    return quoted.rstrip("\n")
