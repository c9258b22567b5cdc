import os
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from shared.observe.context import bound
from shared.observe.tracing import (
    batch_span,
    current_trace_id,
    current_traceparent,
    event_span,
    is_traceparent,
    new_traceparent,
    tracing_is_on,
)
from tests.collector import Collector
from tests.patience import PATIENCE

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
UNSAMPLED = f"00-{'1' * 32}-b7ad6b7169203331-00"
BEGAN = 1_790_000_000_000_000_000

PROGRAM = f"""
import asyncio
from contextlib import asynccontextmanager

import httpx
from shared.observe.health import Health
from shared.observe.tracing import (
    batch_span, call_span, configure_tracing, current_traceparent, event_span, span_of_past
)
from shared.web.access import Access, requires
from shared.web.application import create_service

configure_tracing("controlling")
with batch_span("consume", ["{PARENT}", "{PARENT}", None, "nonsense"]):
    with event_span("apply", "{PARENT}"):
        print(current_traceparent())
        with call_span("ask"):
            pass
span_of_past(
    [("past", "{PARENT}"), ("past", "{PARENT}"), ("past", "{UNSAMPLED}"), ("past", None)], {BEGAN}
)
try:
    with event_span("fail", None):
        raise ValueError("anna@example.org")
except ValueError:
    pass

@asynccontextmanager
async def lifespan(app):
    yield

app = create_service("controlling", lifespan=lifespan, health=Health(), body_limit=1000)

@app.get("/v1/cases/{{case}}", dependencies=[requires(Access.PUBLIC)])
async def case(case: str) -> str:
    return current_traceparent()

async def ask():
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.get("/livez")
        query = {{"name": "anna@example.org"}}
        headers = {{
            "traceparent": "{PARENT}",
            "tracestate": "anna=example",
            "baggage": "name=anna",
            "host": "anna.example.org",
            "user-agent": "anna",
        }}
        print((await client.get("/v1/cases/7", params=query, headers=headers)).json())
        await client.get("/v1/anna@example.org")
        await client.request("ANNA", "/livez/none")

asyncio.run(ask())
"""


@pytest.fixture(scope="module")
def printed(collector: Collector) -> list[str]:
    environment = os.environ | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "PYTHONPATH": str(Path.cwd()),
    }
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()


def test_an_event_continues_the_trace_of_its_sender(
    collector: Collector, printed: list[str]
) -> None:
    span = collector.spans()["apply"]

    assert span.trace_id.hex() == TRACE_ID
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    assert printed[0] == f"00-{TRACE_ID}-{span.span_id.hex()}-01"


@pytest.mark.usefixtures("printed")
def test_a_call_is_part_of_the_work_that_makes_it(collector: Collector) -> None:
    spans = collector.spans()

    assert spans["ask"].parent_span_id == spans["apply"].span_id
    assert spans["ask"].kind == Span.SPAN_KIND_CLIENT


@pytest.mark.usefixtures("printed")
def test_what_is_over_is_one_span_of_each_sampled_trace(collector: Collector) -> None:
    [past] = [one.span for one in collector.received() if one.span.name == "past"]

    assert past.trace_id.hex() == TRACE_ID
    assert past.parent_span_id.hex() == "b7ad6b7169203331"
    assert past.start_time_unix_nano == BEGAN < past.end_time_unix_nano
    assert [(it.key, it.value.int_value) for it in past.attributes] == [
        ("messaging.batch.message_count", 2)
    ]


@pytest.mark.usefixtures("printed")
def test_a_batch_is_linked_to_the_trace_of_each_event_once(collector: Collector) -> None:
    [link] = collector.spans()["consume"].links

    assert link.trace_id.hex() == TRACE_ID


def test_a_request_continues_the_trace_of_its_caller(
    collector: Collector, printed: list[str]
) -> None:
    span = collector.spans()["GET /v1/cases/{case}"]

    assert span.trace_id.hex() == TRACE_ID
    assert printed[1] == f"00-{TRACE_ID}-{span.span_id.hex()}-01"


@pytest.mark.usefixtures("printed")
def test_probes_are_not_traced(collector: Collector) -> None:
    routes = {name for name in collector.spans() if name.startswith("GET")}

    assert routes == {"GET", "GET /v1/cases/{case}"}


@pytest.mark.usefixtures("printed")
def test_a_failed_span_says_so_without_the_text_of_the_error(collector: Collector) -> None:
    span = collector.spans()["fail"]

    assert span.status.code == Status.STATUS_CODE_ERROR
    assert [(it.key, it.value.string_value) for it in span.attributes] == [
        ("error.type", "ValueError")
    ]


@pytest.mark.usefixtures("printed")
def test_nothing_that_a_caller_chose_and_no_error_text_leaves_with_a_trace(
    collector: Collector,
) -> None:
    assert b"anna" not in collector.raw.lower()


def test_without_an_endpoint_nothing_is_traced() -> None:
    with batch_span("consume", [PARENT]), event_span("apply", PARENT):
        assert not tracing_is_on()
        assert current_traceparent() is None


def test_without_an_endpoint_the_senders_trace_is_passed_on() -> None:
    with bound(trace=PARENT):
        assert current_traceparent() == PARENT
        assert current_trace_id() == TRACE_ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        PARENT.upper(),
        PARENT + "-x",
        f"01{PARENT[2:]}",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"{PARENT}\n",
    ],
)
def test_what_is_not_a_traceparent_is_not_taken_for_one(text: str) -> None:
    assert not is_traceparent(text)


def test_a_new_traceparent_is_one() -> None:
    assert is_traceparent(new_traceparent())
