"""What a log has that an earlier export of it hadn't, and the other way round."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from services.intake.importers.sending.fate import Fate
from services.intake.outcome import KnownLog, SentEvent
from shared.events.event import Event

_SCHEMA = "CREATE TABLE fresh (subject TEXT PRIMARY KEY, events INTEGER) WITHOUT ROWID"
_ADD = """
INSERT INTO fresh VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET events = events + 1
"""
_SENT = """
CREATE TABLE sent (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE began (subject TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID;
"""
_FIND = """
SELECT EXISTS (SELECT 1 FROM sent WHERE id = ?), (SELECT line FROM began WHERE subject = ?)
"""
_TAKE = "DELETE FROM fresh WHERE subject = ? RETURNING events"


class Comparison:
    """Holds an export against what was accepted of its log before.

    A new event is *late* when one of its case that was sent before follows it. So new events are
    remembered by case, in a file that is gone with the process, until one follows or the log ends.
    """

    def __init__(self, known: KnownLog) -> None:
        self.late = 0
        self._known = known
        self._found: Counter[str] = Counter()
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute(_SCHEMA)
        self._file.executescript(_SENT)

    def see(self, event: Event, line: int | None) -> None:
        """Note an event of the log, whatever becomes of it, and where it stands."""
        if not self._known.events:
            return
        self._file.execute("INSERT OR IGNORE INTO sent VALUES (?)", (event.id,))
        self._file.execute("INSERT OR IGNORE INTO began VALUES (?, ?)", (event.subject, line))

    def note(self, subject: str, event_type: str, fate: Fate) -> None:
        """Note what became of an event, in the order of the log."""
        if not self._known.events:
            return
        if fate is Fate.ACCEPTED:
            self._file.execute(_ADD, (subject,))
        else:
            self._found[event_type] += 1
            self.late += sum(fresh for (fresh,) in self._file.execute(_TAKE, (subject,)))

    def vanished(
        self, sent: Sequence[SentEvent], without: str | None
    ) -> Iterator[tuple[SentEvent, int | None]]:
        """Give those that were sent before and aren't in the log, and where their case begins.

        Args:
            sent: Events that were accepted before.
            without: A type that no row of the log stands for.
        """
        for one in sent:
            is_there, line = self._file.execute(_FIND, (one.id, one.subject)).fetchone()
            if not is_there and one.type != without:
                yield one, line

    def gone(self, without: str | None) -> Mapping[str, int]:
        """Give how many events were sent before and aren't in the log, by type.

        Args:
            without: A type that no row of the log stands for.
        """
        return {
            name: before - self._found[name]
            for name, before in sorted(self._known.events.items())
            if before > self._found[name] and name != without
        }
