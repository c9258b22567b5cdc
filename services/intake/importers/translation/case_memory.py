"""What must be remembered of each case, for its events may be anywhere in a log."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

_SCHEMA = """
CREATE TABLE cases (
    subject TEXT PRIMARY KEY, position INTEGER, decision_id TEXT, carried TEXT, keys BLOB
) WITHOUT ROWID
"""
_LOAD = "SELECT position, decision_id, carried, keys FROM cases WHERE subject = ?"
_SAVE = "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?)"
_KEY = Struct(">8sI")


@dataclass(slots=True)
class CaseState:
    """A case as far as the log has been read.

    Attributes:
        id: Its name in the log.
        subject: Its pseudonym.
        position: How many of its events have been read.
        decision_id: Its latest decision.
        carried: The last values of what the mapping carries.
        keys: Digests of the keys of its events, with how many events have each.
    """

    id: str
    subject: str
    position: int = 0
    decision_id: str | None = None
    carried: dict[str, str] = field(default_factory=dict)
    keys: dict[bytes, int] = field(default_factory=dict)


class CaseMemory:
    """Remembers every case, the recent ones in memory and the others in a file.

    So memory stays flat however many cases a log has. The file has no name, holds pseudonyms only
    and is gone with the process (SQLite's temporary database).

    Args:
        subject: Gives the pseudonym of a case.
        recent: How many cases are kept in memory.
    """

    def __init__(self, subject: Callable[[str], str], *, recent: int = 10_000) -> None:
        self.cases = 0
        self._subject = subject
        self._limit = recent
        self._recent: dict[str, CaseState] = {}
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute(_SCHEMA)

    def recall(self, case_id: str) -> CaseState:
        """Give the state of a case, a fresh one when the log hasn't named it before."""
        state = self._recent.get(case_id)
        if state is not None:
            return state
        if len(self._recent) >= self._limit:
            self._put_away()
        state = self._recent[case_id] = self._load(case_id)
        return state

    def _load(self, case_id: str) -> CaseState:
        subject = self._subject(case_id)
        row = self._file.execute(_LOAD, (subject,)).fetchone()
        if row is None:
            self.cases += 1
            return CaseState(case_id, subject)
        position, decision_id, carried, keys = row
        return CaseState(
            case_id,
            subject,
            position,
            decision_id,
            json.loads(carried),
            dict(_KEY.iter_unpack(keys)),
        )

    def _put_away(self) -> None:
        self._file.execute("BEGIN")
        self._file.executemany(_SAVE, map(_row, self._recent.values()))
        self._file.execute("COMMIT")
        self._recent.clear()


def _row(state: CaseState) -> tuple[object, ...]:
    keys = b"".join(_KEY.pack(key, number) for key, number in state.keys.items())
    return state.subject, state.position, state.decision_id, json.dumps(state.carried), keys
