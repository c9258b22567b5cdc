"""An OTLP endpoint on loopback: what it got is what a trace collector would show."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span


@dataclass(frozen=True, slots=True)
class Received:
    """A span, and the service that told it."""

    service: str
    span: Span


class Collector(ThreadingHTTPServer):
    """An OTLP endpoint on loopback that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.raw = b""
        self.requests: list[ExportTraceServiceRequest] = []

    def spans(self) -> dict[str, Span]:
        return {one.span.name: one.span for one in self.received()}

    def trace(self, trace_id: str) -> list[Received]:
        return [one for one in self.received() if one.span.trace_id.hex() == trace_id]

    def received(self) -> list[Received]:
        return [
            Received(_service(resource), span)
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def _service(resource: ResourceSpans) -> str:
    named = {one.key: one.value.string_value for one in resource.resource.attributes}
    return str(named["service.name"]).removeprefix("gleichfall-")


class _Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.raw += body
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
