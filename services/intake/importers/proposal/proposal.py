"""Writes a mapping file for a log that nobody has described yet: a beginning, full of guesses."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import yaml

from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.rules import Columns, parts_of
from services.intake.importers.proposal.guesses import is_time, plain
from services.intake.importers.proposal.survey import (
    MOST_ACTIVITIES,
    MOST_TEXTS,
    Survey,
    constants,
    survey,
)

_GUESS = "  # guess"
_PERSONAL = re.compile(
    r"name|person|respons|owner|creator|author|user|mail|phone|telefon|handy|mobil|adress|address"
    r"|strasse|street|geburt|birth|antragsteller|applicant|kunde|customer|client|bearbeit|zustaendig"
    r"|assign|officer|worker|resource|betroffen|inhaber|mitarbeit|iban|^geb|anschrift|wohn|^ort$"
    r"|^plz|postleitzahl|staatsang|nationalit|herkunft|religion|familienstand|passn|ausweis|azr"
    r"|fax|kontakt|contact|beteilig|vertret|anwalt|bemerk|notiz|note|kommentar|comment|remark"
    r"|betreff|subject|freitext|beschreib|descri"
)
_FEW = 20
"""A column with so few different texts tells of no single case."""
_SAMPLES = 3
_LONGEST_SAMPLE = 30
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_()-]*( [A-Za-z0-9_()-]+)*")
_UNIT = ("org:group", "case:department", "unit", "group", "department", "sachgebiet", "team")
_DECIDER = (
    "org:resource",
    "resource",
    "user",
    "bearbeiter",
    "sachbearbeiter",
    "caseworker",
    "officer",
    "person",
    "benutzer",
    "org:role",
)

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


def propose_mapping(file: Path, events: Iterable[LogEvent], encoding: str | None = None) -> str:
    """Give the text of a mapping that loads as it is; what isn't certain is marked `# guess`.

    Activities without a guess stand there with nothing: until somebody decides, their events are
    refused as "no mapping".

    Args:
        file: Where the log is; two logs of one name in different folders are two sources.
        events: What it holds.
        encoding: How it is encoded, if that was told.

    Raises:
        LogUnusable: The log holds no events, or no columns that make events.
        LogBroken: The log can't be read to its end.
    """
    return "\n".join(_lines(file, survey(file.name, events), encoding)) + "\n"


def _lines(file: Path, found: Survey, encoding: str | None) -> Iterator[str]:
    slug = _slug(Path(file.name.lower().removesuffix(".gz")).stem)
    place = sha256(str(file.resolve()).encode()).hexdigest()[:8]
    yield f"# Proposed for {file.name!r}: {found.events:,} events. Nobody has checked it yet."
    yield '# What says "guess" is one. Give every undecided activity an `event`, or say why to'
    yield "# `ignore` it; until then its events are refused as no mapping."
    yield f"name: {slug}{_GUESS}"
    yield "# Never change the source once events were sent."
    yield f"source: urn:gleichfall:log:{slug}-{place}{_GUESS}"
    yield f"time_zone: Europe/Berlin{_GUESS}"
    yield ""
    yield "recognise:"
    yield f"  attributes: [{', '.join(_scalar(name) for name in sorted(found.columns))}]"
    yield from _layout(found, encoding)
    yield from _key(found)
    yield ""
    yield from _about(found)
    yield ""
    yield "activities:" if found.activities else "activities: {}"
    if len(found.activities) == MOST_ACTIVITIES:
        yield f"  # only the first {MOST_ACTIVITIES:,}; is `log.activity` right?"
    for activity, number in sorted(found.activities.items(), key=lambda item: -item[1]):
        yield from _activity(activity, number, found, slug)


def _layout(found: Survey, encoding: str | None) -> Iterator[str]:
    layout = found.layout
    yield ""
    yield "log:"
    yield f"  case: {_scalar(layout.case)}{_GUESS}"
    yield f"  activity: {_columns(layout.activity)}{_GUESS}"
    yield f"  time: {_columns(layout.time)}{_GUESS}"
    if encoding is not None:
        yield f"  encoding: {encoding}"
    if found.question is not None:
        yield f"  # {found.question}"
        yield "  # dates:"
    if layout.when is not None:
        ((column, _),) = layout.when.root.items()
        yield f"  # {found.started:,} events began something or are otherwise not its end; they are"
        yield "  # left out, so that nothing counts twice."
        yield f"  when: {{{_scalar(column)}: complete}}{_GUESS}"


def _key(found: Survey) -> Iterator[str]:
    name = found.guesses.key
    column = found.columns.get(name or "")
    if column is None or column.filled < found.events:
        return
    if len(column.texts) in {found.events, MOST_TEXTS + 1}:
        yield ""
        yield "# It seems to number the events; later exports are known by it."
        yield f"key: [{_scalar(name or '')}]{_GUESS}"


def _about(found: Survey) -> Iterator[str]:
    """Tell what stands in the columns; of what may name persons or cases only how many."""
    if found.first is not None and found.last is not None:
        yield f"# From {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}."
    same = dict(constants(found))
    yield "# Columns, with the number of events that have a value, and of different values:"
    hidden = set(_hidden(found))
    for name, column in found.columns.items():
        different = len(column.texts)
        number = f"more than {MOST_TEXTS:,}" if different > MOST_TEXTS else f"{different:,}"
        line = f"#   {_scalar(name)}: {column.filled:,}, {number} different"
        if name in same:
            line = f"#   {_scalar(name)}: {column.filled:,}, always the same"
        if name not in hidden:
            line += f": {', '.join(map(_sample, islice(column.texts, _SAMPLES)))}"
        yield line


def _hidden(found: Survey) -> Iterator[str]:
    """Give the columns whose texts may tell of a person or a case."""
    layout, deciders = found.layout, set(map(plain, _DECIDER))
    for name in found.columns:
        if name in parts_of(layout.activity):
            continue
        personal = plain(name) in deciders or _PERSONAL.search(plain(name))
        if name == layout.case or personal or _tells_of_single_cases(name, found):
            yield name


def _tells_of_single_cases(name: str, found: Survey) -> bool:
    """Whether a column has almost as many texts as there are cases, and they are no times."""
    texts, cases = found.columns[name].texts, found.columns[found.layout.case].texts
    if len(texts) <= max(_FEW, len(cases) // 2):
        return False
    return not all(map(is_time, texts))


def _sample(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SAMPLE else f"{line[:_LONGEST_SAMPLE]}…"


def _activity(activity: str, number: int, found: Survey, slug: str) -> Iterator[str]:
    event, data = _guess(activity, found, slug)
    if event is None:
        yield f"  {_scalar(activity)}:  # {number:,} events, undecided"
        return
    yield f"  {_scalar(activity)}:  # {number:,} events"
    yield f"    event: {event}{_GUESS}"
    if data:
        yield "    data:"
        yield from (f"      {field}: {value}{_GUESS}" for field, value in data.items())


def _guess(activity: str, found: Survey, slug: str) -> tuple[str | None, dict[str, str]]:
    """Give the event that an activity's name suggests, with all the fields that it needs."""
    fits = (guess for guess in _GUESSES if re.search(guess[0], activity, re.IGNORECASE))
    _, event, direction = next(fits, (None, None, None))
    unit = _column(_UNIT, found, "as: code, default: unit-not-recorded") or "unit-not-recorded"
    service = _service(found, slug)
    match event:
        case "application.received":
            return event, {"channel": "other", "service_key": service, "unit": unit}
        case "documents.requested":
            return event, {"items": "[not-recorded]"}
        case "decision.notified":
            return event, {"notified_on": f"{{from: {_scalar(_day(found))}, as: date}}"}
        case "decision.made":
            decider = _column(_DECIDER, found, "pseudonym: decider")
            if decider is None or direction is None:
                return None, {}
            made = {"type_code": service, "direction": direction}
            return event, made | {"unit": unit, "decider": decider}
        case _:
            return event, {}


def _service(found: Survey, slug: str) -> str:
    """Name what was asked for: by the column that tells it, else one name for the whole log."""
    column = found.guesses.service
    if column is None:
        return slug
    return f"{{from: {_scalar(column)}, as: code, default: {slug}}}"


def _day(found: Survey) -> str:
    return parts_of(found.layout.time)[0]


def _columns(columns: Columns) -> str:
    if isinstance(columns, str):
        return _scalar(columns)
    return f"[{', '.join(map(_scalar, columns))}]"


def _column(names: Iterable[str], found: Survey, rest: str) -> str | None:
    known = {plain(name): name for name in reversed([*found.columns])}
    name = next((known[plain(name)] for name in names if plain(name) in known), None)
    return None if name is None else f"{{from: {_scalar(name)}, {rest}}}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-") or "log"


def _scalar(text: str) -> str:
    """Write a text so that YAML reads it as this text."""
    if _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6)
    return quoted.rstrip("\n")
