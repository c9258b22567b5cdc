"""One JSON object per line on stdout, with the trace and the case it belongs to."""

import json
import logging
import sys
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType
from typing import Any

from aiokafka.errors import KafkaError

from shared.failure.errors import GleichfallError
from shared.observe.context import case_ref
from shared.observe.tracing import current_trace_id

_CAPTURED = ("uvicorn", "uvicorn.error", "uvicorn.access", "aiokafka", "faststream", "asyncio")
_SILENT = ("uvicorn.access", "httpx")
# A dozen lines per rebalance; what came of it is in one line of FastStream's.
_TALKATIVE = ("aiokafka.consumer",)
# Ours are declared and checked at the start.
_NO_NEWS = "Auto create topics is disabled"
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


class JsonFormatter(logging.Formatter):
    """Writes time, level, service, logger, message, trace, case, extra fields and exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Give the record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
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
    in metrics, and paths and addresses are nothing to keep.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
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
