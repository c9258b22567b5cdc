"""What the current task works on: which case, and which trace it continues."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

case_ref: ContextVar[str | None] = ContextVar("case_ref", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


@contextmanager
def bound(*, case: str | None = None, trace: str | None = None) -> Iterator[None]:
    """Name the case and the W3C traceparent in every log line written inside.

    Args:
        case: The case's pseudonym; None keeps the outer one.
        trace: The traceparent of the event or request; None keeps the outer one.
    """
    case_token = case_ref.set(case or case_ref.get())
    trace_token = traceparent.set(trace or traceparent.get())
    try:
        yield
    finally:
        traceparent.reset(trace_token)
        case_ref.reset(case_token)
