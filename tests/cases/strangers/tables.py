"""Tables that people have: each case says what is odd about one."""

import re

from services.intake.importers.sending.fate import Fate
from tests.cases.case import Case
from tests.cases.strangers.logs import as_file, bring_in, completed
from tests.unit.services.intake.importers.ledger import Ledger

_COLUMNS = ("Fall", "Tätigkeit", "Zeit", "Bemerkung")
_ROWS = [
    ["1", "Antrag", "2021-01-01", "Prüfung der Straße"],
    ["1", "Unterlagen", "2021-01-02", "Größe über Maß"],
    ["1", "Bescheid", "2021-01-03", "ä"],
    ["1", "Akte geschlossen", "2021-01-04", "ü"],
]
_ENCODINGS = {
    r"cp1252|windows|ansi|latin": "cp1252",
    r"utf-?16 ?-?be": "utf-16-be",
    r"utf-?16 ?-?le": "utf-16-le",
    r"utf-?16": "utf-16",
    r"mac": "mac_roman",
}


def is_read(case: Case) -> bool:
    """All of it is read, or one row is refused at its own line; nothing else is lost."""
    said = f"{case.subject} {case.input if isinstance(case.input, str) else ''}".lower()
    name = "log.tsv" if "tsv" in said else "log.csv"
    with as_file(_written(case, said), name) as path:
        ledger = Ledger()
        tally = bring_in(ledger, path, completed(path))
    odd = tally.total(Fate.REFUSED) + tally.total(Fate.IGNORED)
    read = {event.type for event in ledger.events}
    return tally.events >= len(_ROWS) and odd <= 1 and len(read) >= len(_ROWS) - odd


def _written(case: Case, said: str) -> bytes:
    separator = "\t" if "tsv" in said or "tab" in said else ";"
    head, rows = separator.join(_COLUMNS), [separator.join(row) for row in _ROWS]
    given = case.input if isinstance(case.input, str) else ""
    before: list[str] = []
    if "sep=" in said:
        before = [re.findall(r"sep=[^\s]", said + "sep=;")[0]]
        separator_told = before[0][4]
        head, rows = (head.replace(separator, separator_told), _replaced(rows, separator_told))
    if "title" in said:
        before = [*given.split(" / "), ""]
    if "trailing" in said:
        rows = [row + separator * 2 for row in rows]
    if "padded" in said:
        head = head.replace(separator, f"{separator} ")
    if "cell" in said:
        size = re.search(r"(\d+) ?(k|m)b", said)
        length = int(size[1]) * (1024 if size[2] == "k" else 1024**2) if size else 200 * 1024
        rows[1] = rows[1].rpartition(separator)[0] + separator + "x" * length
    if "quote" in said:
        mark = re.search(r"line (\d+)", said)
        place = int(mark[1]) - 2 if mark else 1
        rows[place] = rows[place].replace(separator, f'{separator}"', 1)
    encoding = next((name for word, name in _ENCODINGS.items() if re.search(word, said)), "utf-8")
    return "\n".join([*before, head, *rows, ""]).encode(encoding)


def _replaced(rows: list[str], separator: str) -> list[str]:
    return [row.replace(";", separator) for row in rows]
