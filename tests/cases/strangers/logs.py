"""A log that a case gives, its mapping as somebody would complete the proposal, and its import."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from services.intake.importers.inspection.inspection import look_through
from services.intake.importers.inspection.order import sorted_by_time
from services.intake.importers.logs.logs import open_log
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping
from services.intake.importers.proposal.proposal import propose_mapping
from services.intake.importers.sending.fate import Tally
from services.intake.importers.sending.transfer import Transfer
from services.intake.importers.translation.translation import Translator
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.ledger import Ledger

Document = dict[str, Any]
_SAID = {
    r"bescheid|reject|decision|decide": "decision.made",
    r"bekanntgabe|notif": "decision.notified",
    r"widerspruch|appeal": "appeal.lodged",
    r"unterlagen|document": "documents.received",
    r"geschlossen|closed": "case.closed",
}
_PERSON = re.compile(r"person|resource|bearbeiter|user|officer|caseworker", re.IGNORECASE)


@contextmanager
def as_file(content: str | bytes, name: str = "log.csv") -> Iterator[Path]:
    """Write a log."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def completed(path: Path, changes: Mapping[str, Any] | None = None) -> LogMapping:
    """Propose a mapping, and decide each activity by its name."""
    with open_log(path) as log:
        document: Document = yaml.safe_load(propose_mapping(path, log.events()))
    columns = document["recognise"]["attributes"]
    person = next((name for name in columns if _PERSON.search(name)), document["log"]["case"])
    day = document["log"]["time"]
    document["activities"] = {
        activity: _rule(activity, person, day if isinstance(day, str) else day[0])
        for activity in document["activities"]
    }
    document["source"] = "urn:gleichfall:log:strangers"
    for name, change in (changes or {}).items():
        document[name] = document[name] | change if isinstance(change, dict) else change
    return parse_mapping(yaml.safe_dump(document, allow_unicode=True), path)


def bring_in(ledger: Ledger, path: Path, by: LogMapping) -> Tally:
    """Import a log as the command does, into an intake in memory."""
    found = look_through(path, by)
    translator = Translator(by, Pseudonymiser(b"k" * 32), found.orders)
    tally = Tally(backward=found.backward)
    with open_log(path) as log:
        events = log.events()
        if by.sort == "time":
            time = by.log.time
            events = sorted_by_time(events, found.dates, time, newest_first=found.newest_first)
        steps = map(translator.translate, events)
        asyncio.run(Transfer(ledger, tally).run(by, translator.keys, steps))
    return tally


def _rule(activity: str, person: str, day: str) -> Document:
    said = (event for word, event in _SAID.items() if re.search(word, activity, re.IGNORECASE))
    event = next(said, "application.received")
    data: dict[str, Document] = {
        "decision.made": {
            "type_code": "decision",
            "direction": "adverse",
            "unit": "unit",
            "decider": {"from": person, "pseudonym": "decider"},
        },
        "decision.notified": {"notified_on": {"from": day, "as": "date"}},
        "case.closed": {"reason": "done"},
        "application.received": {"channel": "other", "service_key": "service", "unit": "unit"},
    }
    return {"event": event, "data": data.get(event, {})}
