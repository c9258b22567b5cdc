"""Traces from HTTP through Kafka to the mail, when somebody collects them.

Tracing is on when `OTEL_EXPORTER_OTLP_ENDPOINT` is set. When it is off, every function here is
one comparison, and the W3C traceparent of the request or event is passed on as it came, so that
log lines can still be joined. Spans carry no data of an event and no text of an error, because
both may be about a person.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from secrets import token_hex

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
)

from shared.observe.context import traceparent

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"

_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_ODD = frozenset("13579bdf")
"""How a traceparent ends whose trace is sampled: it is the lowest bit of the flags."""
_COUNT = "messaging.batch.message_count"
_OURS = frozenset(
    {"url.scheme", "http.request.method", "network.protocol.version", "error.type", _COUNT}
)
"""What spans may begin with; of anything else it stands there only that it was left out."""
_NO_SPAN = nullcontext()

_tracer: Tracer | None = None


class _WithoutCallersText(SpanProcessor):
    """Keeps what a caller chose, as path, query and host, out of traces; the route is enough."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - the interface has it
        for name in (span.attributes or {}).keys() - _OURS:
            span.set_attribute(name, "REDACTED")


class _TraceparentAlone(TextMapPropagator):
    """Continues a caller's trace, and takes neither tracestate nor baggage: they are its text."""

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        """Give the context in which a request is worked on."""
        context = Context() if context is None else context
        given = getter.get(carrier, "traceparent") or ()
        found = _span_context(next(iter(given), None))
        return trace.set_span_in_context(NonRecordingSpan(found), context) if found else context

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        """Do nothing: what leaves names its trace by `current_traceparent`."""

    @property
    def fields(self) -> set[str]:
        """The header that is read."""
        return {"traceparent"}


def configure_tracing(service: str) -> None:
    """Send this process's spans to the OTLP endpoint of the environment, or do nothing.

    Args:
        service: Its name, as traces show it.
    """
    global _tracer  # noqa: PLW0603 - the one switch of the process
    if not os.environ.get(ENDPOINT_VARIABLE):
        return
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"gleichfall-{service}"}))
    provider.add_span_processor(_WithoutCallersText())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    set_global_textmap(_TraceparentAlone())
    _tracer = provider.get_tracer("gleichfall")


def tracing_is_on() -> bool:
    """Tell whether spans are collected."""
    return _tracer is not None


def new_traceparent() -> str:
    """Begin a trace that nobody samples, to join log lines."""
    return f"00-{token_hex(16)}-{token_hex(8)}-00"


def is_traceparent(text: str) -> bool:
    """Tell whether `text` is a W3C traceparent, version 00."""
    return _TRACEPARENT.fullmatch(text) is not None


def current_traceparent() -> str | None:
    """Give the traceparent for an event or a request that leaves now."""
    if _tracer is not None:
        current = trace.get_current_span().get_span_context()
        if current.is_valid:
            return (
                f"00-{trace.format_trace_id(current.trace_id)}"
                f"-{trace.format_span_id(current.span_id)}-{current.trace_flags:02x}"
            )
    return traceparent.get()


def current_trace_id() -> str | None:
    """Give the id of the current trace, for people who search for it."""
    current = current_traceparent()
    return current.split("-")[1] if current else None


def event_span(name: str, parent: str | None) -> AbstractContextManager[object]:
    """Work on one event, as a child of the span that its traceparent names."""
    if _tracer is None:
        return _NO_SPAN
    context = _span_context(parent)
    outer = trace.set_span_in_context(NonRecordingSpan(context)) if context else None
    return _span(_tracer, name, outer, ())


def call_span(name: str) -> AbstractContextManager[object]:
    """Ask somebody outside for something, as part of the work at hand."""
    if _tracer is None:
        return _NO_SPAN
    return _span(_tracer, name, None, (), SpanKind.CLIENT)


def batch_span(name: str, parents: Iterable[str | None]) -> AbstractContextManager[object]:
    """Work on a batch of events, linked to the span of each of them."""
    if _tracer is None:
        return _NO_SPAN
    contexts = map(_span_context, dict.fromkeys(parents))
    links = tuple(Link(context) for context in contexts if context)
    return _span(_tracer, name, Context(), links)


def span_of_past(works: Iterable[tuple[str, str | None]], began: int) -> None:
    """Tell of work that is over, in each trace that it belongs to and that is sampled.

    Like works of one trace, as on the events of one request, are one span that says how many.

    Args:
        works: The name of each, and the traceparent of its event.
        began: When they began, in nanoseconds since 1970. They end now.
    """
    if _tracer is None:
        return
    sampled = [(name, parent) for name, parent in works if parent and parent[-1] in _ODD]
    for (name, parent), amount in Counter(sampled).items():
        if (context := _span_context(parent)) is not None:
            outer = trace.set_span_in_context(NonRecordingSpan(context))
            _tracer.start_span(name, outer, attributes={_COUNT: amount}, start_time=began).end()


@contextmanager
def _span(
    tracer: Tracer,
    name: str,
    parent: Context | None,
    links: tuple[Link, ...],
    kind: SpanKind = SpanKind.CONSUMER,
) -> Iterator[None]:
    with tracer.start_as_current_span(
        name,
        context=parent,
        kind=kind,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(StatusCode.ERROR)
            raise


def _span_context(text: str | None) -> SpanContext | None:
    match = _TRACEPARENT.fullmatch(text) if text else None
    if match is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in match.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
