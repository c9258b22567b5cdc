"""Finds the mapping that belongs to a log, by what only that log has."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from services.intake.importers.errors import LogBroken, LogUnknown
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import EventLog, open_log
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import shipped_mappings

_SAMPLE = 200


def recognise(path: Path) -> LogMapping:
    """Give the shipped mapping for the log at `path`.

    Raises:
        LogUnusable: The file can't be opened.
        LogBroken: The file is damaged before its first event.
        LogUnknown: No shipped mapping recognises it, or several do.
    """
    with open_log(path) as log:
        sample = _sample(log)
    found = [mapping for mapping in shipped_mappings() if matches(mapping, sample)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(mapping.name for mapping in found)
        raise LogUnknown(f"{path} could be any of {names}; say which with --mapping")
    raise LogUnknown(
        f"no shipped mapping recognises {path}; 'gleichfall import --propose {path}' "
        "proposes one, which you complete and give with --mapping"
    )


def matches(mapping: LogMapping, sample: Sequence[LogEvent]) -> bool:
    """Tell whether the first events of a log have all that the mapping recognises it by."""
    attributes = {name for event in sample for name in event.values}
    activities = {mapping.log.activity_of(event.values) for event in sample}
    wanted = mapping.recognise
    return wanted.attributes <= attributes and wanted.activities <= activities


def _sample(log: EventLog) -> list[LogEvent]:
    """Give the first events; damage behind the first one is the import's business."""
    sample: list[LogEvent] = []
    try:
        sample.extend(islice(log.events(), _SAMPLE))
    except LogBroken:
        if not sample:
            raise
    return sample
