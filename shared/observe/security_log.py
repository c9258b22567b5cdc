"""The security log: who was refused, guessed or signed in, and who changed what others may do.

A stream of its own: lines of JSON in the file that GLEICHFALL_SECURITY_LOG names, else among the
others on stdout, where `logger` is `gleichfall.security`. It names addresses, which no other log
does, and never a token, a password, a login that nobody has, or anything that was sent.

Whoever is refused chooses how often, so a flood of refusals is counted rather than written.
"""

import logging
import os
import threading
from collections.abc import Mapping
from logging.handlers import WatchedFileHandler
from types import MappingProxyType

from shared.observe.flood import Flood, Kind, site_of
from shared.observe.metrics import SECURITY_EVENTS
from shared.observe.occurrence import Occurrence

VARIABLE = "GLEICHFALL_SECURITY_LOG"
NAME = "gleichfall.security"

PERIOD = 60.0
"""Seconds over which a flood is counted."""

_logger = logging.getLogger(NAME)


_BY_STRANGERS = frozenset(
    {Occurrence.REFUSED, Occurrence.MALFORMED, Occurrence.LIMITED, Occurrence.SIGN_IN_REFUSED}
)
_OF_STATUS: Mapping[int, Occurrence] = MappingProxyType(
    {
        400: Occurrence.MALFORMED,
        401: Occurrence.REFUSED,
        403: Occurrence.REFUSED,
        408: Occurrence.LIMITED,
        413: Occurrence.LIMITED,
        415: Occurrence.MALFORMED,
        421: Occurrence.MALFORMED,
        422: Occurrence.MALFORMED,
        429: Occurrence.LIMITED,
        431: Occurrence.LIMITED,
    }
)


def occurrence_of(status: int) -> Occurrence | None:
    """Tell what an answer's status means for security; None for most."""
    return _OF_STATUS.get(status)


def note(
    what: Occurrence,
    reason: str,
    *,
    who: str | None = None,
    address: str | None = None,
    **more: object,
) -> None:
    """Write a line; of a flood, a few and how many more there were, at the end of a minute.

    Args:
        what: What happened.
        reason: Why, in the words of a closed list: a kind of problem, a defect, an act.
        who: The system or account, if we know it.
        address: Where the request came from.
        more: `method`, `route` (a template, never the path), `status`, `count`.
    """
    SECURITY_EVENTS.of(what).inc()
    kind = Kind(what.value, reason, who, site_of(address))
    if what not in _BY_STRANGERS or _dam.passes(kind):
        _write(kind._replace(address=address), more)


def _write(kind: Kind, more: Mapping[str, object]) -> None:
    _logger.info("%s: %s", kind.event, kind.reason, extra={**kind._asdict(), **more})


class _Dam:
    """Lets a period's first lines pass, and tells of the others at its end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flood = Flood()
        self._open = False

    def passes(self, kind: Kind) -> bool:
        with self._lock:
            if not self._open:
                self._open = True
                timer = threading.Timer(PERIOD, self._end)
                timer.daemon = True
                timer.start()
            return self._flood.take(kind)

    def _end(self) -> None:
        with self._lock:
            left_out, self._open = self._flood.end(), False
        for kind, amount in left_out.items():
            _write(kind, {"left_out": amount})


_dam = _Dam()


def configure_security_log(formatter: logging.Formatter) -> None:
    """Give the log its stream: whatever level others have, nothing of it is left out."""
    _logger.setLevel(logging.INFO)
    for handler in _logger.handlers[:]:
        _logger.removeHandler(handler)
    path = os.environ.get(VARIABLE)
    _logger.propagate = not path
    if path:
        own = WatchedFileHandler(path, encoding="utf-8")
        own.setFormatter(formatter)
        _logger.addHandler(own)
