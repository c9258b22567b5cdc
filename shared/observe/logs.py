"""One JSON object per line on stdout, with the trace and the case it belongs to."""

import json
import logging
import sys
import threading
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from traceback import extract_tb
from types import TracebackType
from typing import Any

from aiokafka.errors import KafkaError

from shared.errors import GleichfallError
from shared.observe.context import case_ref
from shared.observe.occurrence import Occurrence
from shared.observe.security_log import configure_security_log, note
from shared.observe.tracing import current_trace_id
from shared.observe.way import Steps

_CAPTURED = ("uvicorn", "uvicorn.error", "uvicorn.access", "aiokafka", "faststream", "asyncio")
_SILENT = ("uvicorn.access", "httpx")
# A dozen lines per rebalance; what came of it is in one line of FastStream's.
_TALKATIVE = ("aiokafka.consumer",)
# Our topics are declared and checked at the start; how FastStream ends tasks is nobody's business.
_NO_NEWS = ("Auto create topics is disabled", "callback for Task-")
FLOOD_PERIOD = timedelta(minutes=1)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}

# The text of any other error may quote what it choked on: an address that a mail server refused,
# a name that pydantic or the database didn't like. Its type and stack must do.
_IMPERSONAL = (
    GleichfallError,
    KafkaError,
    OSError,
    ImportError,
    AttributeError,
    NotImplementedError,
    TypeError,
)


class FloodGate(logging.Filter):
    """Lets the first of a library's like complaints through and counts the others.

    While Kafka is away its client writes thousands of lines a minute, the same from a few places in
    its code. Of each place one line passes per period, and one more at the end of the period that
    says how many were left out.
    """

    def __init__(self, handler: logging.Handler, library: str, period: timedelta) -> None:
        """Guard `handler` against `library`, a logger's name; those below it count, too."""
        super().__init__(library)
        self._handler = handler
        self._period = period.total_seconds()
        self._left_out: Counter[tuple[str, int]] = Counter()
        self._open_periods: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record passes."""
        if not super().filter(record):
            return True  # another library's
        place = (record.pathname, record.lineno)
        with self._lock:
            if place in self._open_periods:
                self._left_out[place] += 1
                return False
            self._open_periods.add(place)
        timer = threading.Timer(self._period, self._close, (place, record))
        timer.daemon = True
        timer.start()
        return True

    def _close(self, place: tuple[str, int], first: logging.LogRecord) -> None:
        with self._lock:
            self._open_periods.discard(place)
            left_out = self._left_out.pop(place, 0)
        if left_out:
            more = f"{left_out:,} more lines like this in {self._period:g} s"
            told = {
                "name": first.name,
                "levelno": first.levelno,
                "levelname": first.levelname,
                "msg": f"{more}: {first.getMessage()}",
                "left_out": left_out,
            }
            with self._handler.lock or nullcontext():
                self._handler.emit(logging.makeLogRecord(told))


class JsonFormatter(logging.Formatter):
    """Writes time, level, service, logger, message, trace, case, extra fields and exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Give the record as one line of JSON; the way of many events as a line for each."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if isinstance(record.msg, Steps):
            return record.msg.lines(time, self._service)
        line: dict[str, Any] = {
            "time": time,
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id := current_trace_id():
            line["trace_id"] = trace_id
        if case := case_ref.get():
            line["case_ref"] = case
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line.setdefault(name, value)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str, skipkeys=True)


def configure_logging(service: str, level: str = "INFO") -> None:
    """Send every logger of this process, also those of the libraries, to stdout as JSON.

    uvicorn must be started with `log_config=None`. Nobody logs single requests: they are counted
    in metrics, and paths and addresses are nothing to keep. What was refused stands in the security
    log.
    """
    handler, formatter = logging.StreamHandler(sys.stdout), JsonFormatter(service)
    handler.setFormatter(formatter)
    handler.addFilter(FloodGate(handler, "aiokafka", FLOOD_PERIOD))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    configure_security_log(formatter)
    logging.captureWarnings(capture=True)
    for name in _CAPTURED:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(level if level == "DEBUG" else logging.WARNING)
    logging.getLogger("faststream").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_NO_NEWS)


def _exception(error: BaseException) -> dict[str, Any]:
    described: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if isinstance(error, _IMPERSONAL):
        described["message"] = str(error)
    described["stack"] = _stack(error.__traceback__)
    if isinstance(error, BaseExceptionGroup):
        described["errors"] = [_exception(inner) for inner in error.exceptions]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = _exception(cause)
    return described


def _stack(traceback: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)]


def note_administered(act: str, **named: str) -> None:
    """Write a command's act into the security log, where it has a file; else its output tells."""
    configure_security_log(JsonFormatter("gleichfall"))
    note(Occurrence.ADMINISTERED, act, **named)
