"""Which columns a mapping names, held against those of a log before anything is sent."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from services.intake.importers.errors import MappingUnfit
from services.intake.importers.mapping.case_columns import Among, Later
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.rules import (
    Conversion,
    FromLog,
    Rule,
    TimeColumn,
    parts_of,
)

_TIMES = (Conversion.TIME, Conversion.DATE, Conversion.YEAR)


def check_columns(mapping: LogMapping, found: Collection[str], *, complete: bool) -> None:
    """Hold the columns of a mapping against those of its log.

    Args:
        mapping: What names columns.
        found: The columns that the log has.
        complete: Whether a log of this kind names all of its columns, used or not.

    Raises:
        MappingUnfit: It names columns that the log doesn't have; each with one that may be meant.
    """
    problems = []
    needed = set(_always(mapping))
    named = {column for _, column in named_columns(mapping)}
    for where, column in named_columns(mapping):
        if column in found:
            continue
        near = _near(column, found, named)
        if near or complete or column in needed:
            meant = f"; did you mean {near!r}?" if near else ""
            problems.append(f"{where} names the column {column!r}, which the log hasn't{meant}")
    if problems:
        columns = ", ".join(sorted(found)) or "none"
        raise MappingUnfit(
            f"the mapping {mapping.name} doesn't fit the log, so nothing was sent: "
            f"{'; '.join(dict.fromkeys(problems))}. The log's columns: {columns}"
        )


def time_columns(mapping: LogMapping) -> Mapping[TimeColumn, bool]:
    """Give the columns that hold times, and whether the time of day counts."""
    exact: dict[TimeColumn, bool] = {mapping.log.time: True}
    if mapping.case_start is not None:
        exact[mapping.case_start.time] = True
    if mapping.corrections is not None:
        exact[mapping.corrections.time] = True
    for column in mapping.cases.values():
        if isinstance(column, Later):
            exact |= {column.later: True, column.than: True}
    for _, rule in _rules(mapping):
        if rule.map is None and rule.conversion in _TIMES:
            exact[rule.source] = exact.get(rule.source, False) or rule.conversion is Conversion.TIME
    return exact


def named_columns(mapping: LogMapping) -> Iterator[tuple[str, str]]:
    """Give every place of a mapping that names a column of the log, with the column."""
    layout = mapping.log
    yield "log.case", layout.case
    yield from (("log.activity", part) for part in parts_of(layout.activity))
    if layout.when is not None:
        yield from (("log.when", name) for name in layout.when.root)
    yield from (("log.time", part) for part in parts_of(layout.time))
    yield from _of_whole_log(mapping)
    for where, rule in _rules(mapping):
        yield where, rule.source
    for activity, event in mapping.events():
        if event.when is not None:
            yield from ((f"activities.{activity}.when", name) for name in event.when.root)
    for name, column in mapping.cases.items():
        match column:
            case Among():
                yield f"cases.{name}", column.source
            case Later():
                parts = (*parts_of(column.later), *parts_of(column.than))
                yield from ((f"cases.{name}", part) for part in parts)


def _of_whole_log(mapping: LogMapping) -> Iterator[tuple[str, str]]:
    for where, names in (
        ("key", mapping.key or ()),
        ("volatile", mapping.volatile),
        ("carry", mapping.carry),
    ):
        yield from ((where, name) for name in sorted(names))
    if mapping.corrections is not None:
        yield from (("corrections.time", part) for part in parts_of(mapping.corrections.time))
    if mapping.case_start is not None:
        yield from (("case_start.time", part) for part in parts_of(mapping.case_start.time))


def _always(mapping: LogMapping) -> Iterator[str]:
    layout = mapping.log
    yield from (layout.case, *parts_of(layout.activity), *parts_of(layout.time))


def _rules(mapping: LogMapping) -> Iterator[tuple[str, FromLog]]:
    if mapping.case_start is not None:
        yield from _from_log("case_start.data", mapping.case_start.data)
    for activity, rule in mapping.events():
        yield from _from_log(f"activities.{activity}.data", rule.data)
    for name, column in mapping.cases.items():
        if isinstance(column, FromLog):
            yield f"cases.{name}", column


def _from_log(where: str, rules: Mapping[str, Rule]) -> Iterator[tuple[str, FromLog]]:
    for name, rule in rules.items():
        if isinstance(rule, FromLog):
            yield f"{where}.{name}", rule
        elif isinstance(rule, dict):
            yield from _from_log(f"{where}.{name}", rule)


def _near(column: str, found: Collection[str], named: Collection[str]) -> str | None:
    """Give a column that may be meant: the same but for case, padding and marks, or a like one.

    A like one that the mapping names itself is another one: a log may lack one of two.
    """
    plain = {_plain(name): name for name in found}
    same = plain.get(_plain(column))
    if same is not None:
        return same
    others = [mark for mark, name in plain.items() if name not in named]
    close = get_close_matches(_plain(column), others, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
