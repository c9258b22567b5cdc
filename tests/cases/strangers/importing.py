"""What strangers gave in logs to import, after public bug reports of systems like this one."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.importers.errors import (
    DatesUnclear,
    LogBroken,
    LogUnusable,
    MappingUnfit,
    OrderUnclear,
)
from services.intake.importers.inspection.inspection import look_through
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping
from services.intake.importers.mapping.rules import EventRule, parts_of
from services.intake.importers.sending.fate import Fate, Tally
from services.intake.importers.values.date_proof import Dates, Proof
from tests.cases.case import Case
from tests.cases.strangers import tables
from tests.cases.strangers.logs import as_file, bring_in, completed
from tests.unit.services.intake.importers.ledger import Ledger

_FATES = {fate.value for fate in Fate}


def _exported_again(case: Case) -> bool:
    """Months follow each other; one alone follows itself without a row that nothing rests on."""
    months = [text for text in case.input.values() if isinstance(text, str)]
    told = {name: case.input[name] for name in LogMapping.model_fields if name in case.input}
    told |= case.input.get("mapping", {})
    numbers = {key: case.expected[key] for key in _FATES & case.expected.keys()}
    if len(months) > 1:
        wanted = next((v for v in case.expected.values() if isinstance(v, dict)), numbers)
        return _months(months, told, wanted, case.expected)
    header, *rows = months[0].splitlines(keepends=True)
    earlier = ["".join((header, *rows[:at], *rows[at + 1 :])) for at in range(len(rows))]
    earlier = [one for one in earlier if not _import_months([one], told)[1].total(Fate.REFUSED)]
    return bool(earlier) and all(
        _months([one, months[0]], told, numbers, case.expected) for one in earlier
    )


def _import_months(months: list[str], told: Mapping[str, Any]) -> tuple[Ledger, Tally]:
    ledger, tally = Ledger(), Tally()
    for text in months:
        with as_file(text) as path:
            tally = bring_in(ledger, path, completed(path, told))
    return ledger, tally


def _months(
    months: list[str],
    told: Mapping[str, Any],
    wanted: Mapping[str, int],
    expected: Mapping[str, Any],
) -> bool:
    ledger, tally = _import_months(months, told)
    same = all(tally.total(Fate(fate)) == number for fate, number in wanted.items())
    corrected = len(ledger.of_type("decision.corrected")) == expected.get("corrected", 0)
    return (
        same and corrected and len(ledger.of_type("decision.made")) == expected.get("decisions", 1)
    )


def _dates(case: Case) -> bool:
    if "value" in case.input or "values" in case.input:
        return _value(case)
    text = case.input.get("csv") or f"{case.input['header']}\n{case.input['row']}\n"
    with as_file(text) as path:
        ledger = Ledger()
        try:
            tally = bring_in(ledger, path, completed(path))
        except DatesUnclear:
            return "asks" in str(case.expected) and not ledger.events
    times = [event.time.astimezone() for event in ledger.events if event.time is not None]
    wanted = case.expected.get("first") or case.expected.get("time")
    if wanted is None or tally.total(Fate.REFUSED) != case.expected.get("refused", 0):
        return False
    return _is(min(times), wanted)


def _is(moment: datetime, wanted: str) -> bool:
    """A moment of the authority, or its day."""
    return moment.astimezone(ZoneInfo("Europe/Berlin")).isoformat().startswith(wanted)


def _value(case: Case) -> bool:
    by = parse_mapping(
        "{name: log, source: 'urn:x-y:log', time_zone: Europe/Berlin, recognise: {attributes: "
        "[at]}, log: {time: at}, activities: {}}",
        case.id,
    )
    texts = case.input.get("values") or [case.input["value"]]
    proof = Proof(by)
    for text in texts:
        proof.look("at", text, exact=True)
    try:
        dates = Dates(by, proof.orders())
        moments = [dates.moment("at", text) for text in texts]
    except DatesUnclear:
        return "asks" in str(case.expected)
    except (ValueError, OverflowError):
        return case.expected.get("read") is False
    wanted = case.expected.get("time")
    return case.expected.get("read") is not False and (
        wanted is None or _is(moments[0], str(wanted))
    )


def _mapping(case: Case) -> bool:
    columns = [
        *dict.fromkeys(("case_id", "activity", "timestamp", "person", *case.input["columns"]))
    ]
    text = f"{','.join(columns)}\n1,Bescheid,2021-01-01,{','.join('x' for _ in columns[3:])}\n"
    ((field, rule),) = ((key, one) for key, one in case.input.items() if key != "columns")
    with as_file(text) as path:
        if field in LogMapping.model_fields:
            changed = completed(path, {field: rule})
        else:
            changed = completed(path, {"activities": _with(completed(path), field, rule)})
        ledger = Ledger()
        try:
            bring_in(ledger, path, changed)
        except MappingUnfit as error:
            near = re.search(r"did you mean (\w+)", str(case.expected))
            said = near is None or f"did you mean {near[1]!r}?" in str(error)
            return said and not ledger.events
    return False


def _with(mapping: LogMapping, field: str, rule: object) -> dict[str, Any]:
    """Give the decision a field more."""
    decision = mapping.activities["Bescheid"]
    assert isinstance(decision, EventRule)
    document = decision.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"Bescheid": document | {"data": document["data"] | {field: rule}}}


def _order(case: Case) -> bool:
    """The newest first: refused with the remedy, and by that remedy sorted and counted."""
    rows = case.input["rows"]
    days = [f"2021-01-{day:02}" for day in range(len(rows), 0, -1)]
    timed = [
        row if isinstance(row, list) else [row, day] for row, day in zip(rows, days, strict=True)
    ]
    lines = (f"1,{activity},{time},P1\n" for activity, time in timed)
    with as_file("case_id,activity,timestamp,person\n" + "".join(lines)) as path:
        try:
            look_through(path, completed(path))
        except OrderUnclear as error:
            remedy = "sort: time" in str(error)
        else:
            return False
        ledger = Ledger()
        tally = bring_in(ledger, path, completed(path, {"sort": "time"}))
    times = [event.time for event in ledger.events]
    return remedy and times == sorted(times, key=str) and 0 < tally.backward < len(rows)


def _csv(case: Case) -> bool:
    if isinstance(case.input, dict) and case.input.get("as"):
        return _number(case)
    return tables.is_read(case)


def _number(case: Case) -> bool:
    """A number is read from a column as the mapping says."""
    header, row = "case_id;activity;timestamp;person;betrag", "1;Bescheid;2021-01-01;P1;"
    rule = {"from": "betrag", "as": case.input["as"]}
    with as_file(f"{header}\n{row}{case.input['value']}\n") as path:
        features = {"features": {"betrag": rule}}
        document = _with(completed(path), *next(iter(features.items())))
        ledger = Ledger()
        bring_in(ledger, path, completed(path, {"activities": document}))
    (event,) = ledger.events
    read = json.loads(event.data or b"{}")["features"]["betrag"]
    return bool(float(read) == float(case.expected["number"]))


def _lifecycle(case: Case) -> bool:
    """Each event of an activity is told by its transition; what is counted ended something."""
    header = "case_id,activity,timestamp,person,lifecycle:transition"
    lines = (
        f"1,{activity},2021-01-{day:02},P1,{transition}"
        for day, (activity, transition) in enumerate(case.input["events"], start=1)
    )
    with as_file("\n".join((header, *lines, ""))) as path:
        ledger = Ledger()
        bring_in(ledger, path, completed(path))
    return len(ledger.of_type("decision.made")) == int(case.expected["decisions"])


def _propose(case: Case) -> bool:
    """The proposal names columns that are there, and the wanted ones."""
    columns = case.input["columns"]
    texts = {"time": "2021-01-01 10:00", "case": "A 12/2021"}
    rows = [[f"{texts['case']}-{n // 3}", *(f"x{n % 3}" for _ in columns[1:])] for n in range(9)]
    for place, name in enumerate(columns):
        for number, row in enumerate(rows):
            if re.search("zeit|time|datum|date|stempel", name, re.IGNORECASE):
                row[place] = f"2021-01-0{number + 1} 10:00"
            elif name == case.expected.get("case"):
                row[place] = f"A 12/2021-{number // 3}"
            elif place == 0:
                row[place] = f"y{number % 2}"
    with as_file("\n".join(";".join(row) for row in (columns, *rows))) as path:
        layout = completed(path).log
    found = {"case": layout.case, "activity": layout.activity, "time": layout.time}
    there = {part for name in found.values() for part in parts_of(name)} <= set(columns)
    return there and all(found[k] == v for k, v in case.expected.items() if k in found)


def _xes(case: Case) -> bool:
    """A trace may say its name after its events, or never; all of it is read, or nothing."""
    said = f"{case.subject} {case.input}".lower()
    name = '<string key="concept:name" value="1"/>'
    parts = [
        f'<event><string key="concept:name" value="{activity}"/>'
        f'<date key="time:timestamp" value="2021-01-0{day}T10:00:00+01:00"/></event>'
        for day, activity in enumerate(("Antrag", "Unterlagen"), start=1)
    ]
    trace = case.input.get("trace") if isinstance(case.input, dict) else None
    if "without" in said or (trace and "concept:name" not in trace):
        inner = parts
    elif trace and trace[0] != "event":
        inner = [name, *parts]
    else:
        inner = [*parts, name]
    text = f"<log><trace>{''.join(inner)}</trace></log>"
    if "truncat" in said:
        text = text[: len(text) - 20]
    with as_file(text, "log.xes") as path:
        ledger = Ledger()
        try:
            tally = bring_in(ledger, path, completed(path))
        except (LogBroken, LogUnusable):
            return not ledger.events
    return len(ledger.events) in {0, 2} and tally.events == 2


CHECKS: dict[str, Callable[[Case], bool]] = {
    "import.lifecycle": _lifecycle,
    "import.propose": _propose,
    "import.xes": _xes,
    "import.csv": _csv,
    "import.reexport": _exported_again,
    "import.dates": _dates,
    "import.mapping": _mapping,
    "import.order": _order,
}
