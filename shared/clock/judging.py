"""What speaks against a clock; pure.

Nothing on one machine knows the true time. But a clock goes on evenly while a process runs, it goes
on from where it was when the process starts again, and two machines agree. What can't be undone
waits while one of these doesn't hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.events.envelope import CLOCKS_DIFFER

LONGEST_ABSENCE = timedelta(days=7)
"""No installation rests longer by itself: after that somebody says that the time is right."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the database remembers.

    Attributes:
        known: The last time that was believed.
        doubted: The time that wasn't believed, as the clock showed it first; None: all is well.
        accepted: How often an operator has said that the time is right.
    """

    known: datetime
    doubted: datetime | None
    accepted: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time that this process believed.

    Attributes:
        at: That time.
        running: How long the machine had run then, which no one can set.
        accepted: As `Memory` had it.
    """

    at: datetime
    running: timedelta
    accepted: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clocks show at one moment.

    Attributes:
        database: By which everything is decided.
        own: This process's.
        running: How long the machine has run.
    """

    database: datetime
    own: datetime
    running: timedelta


def doubt(
    reading: Reading,
    memory: Memory,
    anchor: Anchor | None,
    longest_absence: timedelta = LONGEST_ABSENCE,
) -> str | None:
    """Say what speaks against the database's time in what was known before; None: nothing.

    Args:
        reading: The clocks now.
        memory: What was believed before, by any process.
        anchor: What this process believed last; None at its start.
        longest_absence: How long nothing may have run.
    """
    now = reading.database
    if anchor is not None and anchor.accepted == memory.accepted:
        return _since(anchor, now, reading.running)
    return _after_a_rest(memory, now, longest_absence)


def disagreement(reading: Reading) -> str | None:
    """Say that this process's clock and the database's differ, whichever is wrong; None: no."""
    if abs(reading.database - reading.own) <= CLOCKS_DIFFER:
        return None
    own, database = _told(reading.own), _told(reading.database)
    return f"this machine's clock says {own}, the database's {database}"


def _since(anchor: Anchor, now: datetime, running: timedelta) -> str | None:
    expected = anchor.at + (running - anchor.running)
    if abs(now - expected) <= CLOCKS_DIFFER:
        return None
    way = "ahead" if now > expected else "back"
    return f"the clock was set {way}: it should be {_told(expected)} and says {_told(now)}"


def _after_a_rest(memory: Memory, now: datetime, longest: timedelta) -> str | None:
    if now < memory.known - CLOCKS_DIFFER:
        return f"the clock says {_told(now)}, and it was {_told(memory.known)} before"
    if now > memory.known + longest:
        return f"the clock says {_told(now)}, and nothing has run since {_told(memory.known)}"
    if memory.doubted is not None and memory.known < memory.doubted <= now:
        return f"the clock was set ahead after {_told(memory.known)}, and says {_told(now)}"
    return None


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
