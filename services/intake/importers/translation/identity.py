"""What an event of a log is known by, so that a later export of the same system doubles nothing.

A case is part of every key. Equal keys are counted in the order of the log, but for columns that
the mapping names: those must tell one row of a case from another.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b

from services.intake.importers.logs.log_event import CASE_PREFIX
from services.intake.importers.mapping.mapping import Layout, LogMapping
from services.intake.importers.mapping.rules import name_of
from services.intake.importers.translation.case_memory import CaseState
from services.intake.importers.values.date_proof import Orders
from services.intake.importers.values.identifiers import LOST, is_lost
from services.intake.importers.values.values import ValueUnusable

_BETWEEN = "\x1f"
_DIGEST = 8

Key = Callable[[Mapping[str, str], datetime], tuple[str, ...]]


class Identity:
    """Names the events of one log.

    Attributes:
        description: What makes the keys, in words: with other words, the same log has other keys.
    """

    def __init__(self, mapping: LogMapping, orders: Orders | None = None) -> None:
        layout = mapping.log
        self._named = mapping.key is not None
        about_case = f"case {layout.case}"
        if mapping.key is not None:
            self._key = _of_columns(mapping.key)
            self.description = f"{about_case}; columns {', '.join(mapping.key)}"
        elif mapping.volatile:
            self._key = _of_content(mapping.volatile)
            without = ", ".join(sorted(mapping.volatile))
            self.description = f"{about_case}; all columns but {without}"
        else:
            self._key = _of_activity_and_time(layout)
            time = _time_in_words(mapping, orders or {})
            self.description = f"{about_case}; activity {name_of(layout.activity)}, time {time}"

    def of(self, values: Mapping[str, str], at: datetime, case: CaseState) -> tuple[str, ...]:
        """Give the key of an event within its case, the same in every export.

        Args:
            values: What the log holds of the event.
            at: When it was.
            case: Its case, which remembers the keys.

        Raises:
            ValueUnusable: Its key is empty, or another row of the case has the same.
        """
        key = self._key(values, at)
        digest = blake2b(_BETWEEN.join(key).encode(), digest_size=_DIGEST).digest()
        before = case.keys.get(digest, 0)
        if before and self._named:
            raise ValueUnusable("another row of its case has the same key")
        case.keys[digest] = before + 1
        return (*key, str(before)) if before else key


def _time_in_words(mapping: LogMapping, orders: Orders) -> str:
    """Name what decides how a time is read, for it decides the key."""
    name = name_of(mapping.log.time)
    read = [*mapping.log.formats]
    read += [order for mark, order in sorted(orders.get(name, {}).items()) if mark != "."]
    read += [] if mapping.clock_change is None else [f"clock change {mapping.clock_change}"]
    how = f" ({', '.join(read)})" if read else ""
    return f"{name}{how} in {mapping.time_zone}"


def _of_columns(columns: tuple[str, ...]) -> Key:
    def key(values: Mapping[str, str], _: datetime) -> tuple[str, ...]:
        parts = tuple(values.get(column, "").strip() for column in columns)
        if not any(parts):
            raise ValueUnusable(f"its key is empty ({', '.join(columns)})")
        if any(map(is_lost, parts)):
            raise ValueUnusable(f"its key ({', '.join(columns)}) {LOST}")
        return parts

    return key


def _of_content(volatile: frozenset[str]) -> Key:
    def key(values: Mapping[str, str], _: datetime) -> tuple[str, ...]:
        return tuple(
            f"{name}={text}"
            for name, text in sorted(values.items())
            if text and name not in volatile and not name.startswith(CASE_PREFIX)
        )

    return key


def _of_activity_and_time(layout: Layout) -> Key:
    def key(values: Mapping[str, str], at: datetime) -> tuple[str, ...]:
        return layout.activity_of(values), at.astimezone(UTC).isoformat()

    return key
