"""One trace from the source system's request through Kafka to the mail."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from deploy.local import record
from deploy.local.folder import Folder
from deploy.local.loopback import PLAIN
from shared.events.envelope import STRUCTURED_JSON
from shared.security.secrets import SecretName, SecretStore
from tests.collector import Collector
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

TRACE_ID = uuid4().hex
SENDER_SPAN = "b7ad6b7169203331"
CASE, CONTACT = "case-" + "t" * 26, "contact-" + "t" * 26
EMAIL = "anna.beispiel@example.invalid"
EVENT = {
    "specversion": "1.0",
    "id": str(uuid4()),
    "source": "urn:gleichfall:example",
    "type": "gleichfall.application.received.v1",
    "subject": CASE,
    "time": "2026-05-04T08:00:00Z",
    "data": {
        "channel": "online",
        "service_key": "residence-work",
        "unit": "unit-1",
        "contact_ref": CONTACT,
    },
}


@pytest.fixture(scope="module")
def environment(
    collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """A running stack of its own that sends its traces to the collector."""
    given = {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in given} | {
        "GLEICHFALL_STACK_DIR": str(tmp_path_factory.mktemp("traced")),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    gleichfall = [sys.executable, "-m", "deploy.command_line"]
    subprocess.run([*gleichfall, "up", "--detach"], env=environment, check=True, timeout=PATIENCE)
    try:
        yield environment
    finally:
        subprocess.run([*gleichfall, "down"], env=environment, check=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def spans(environment: Mapping[str, str], collector: Collector) -> dict[str, Span]:
    """The spans after one traced event had led to a mail."""
    folder = Folder(Path(environment["GLEICHFALL_STACK_DIR"]))
    token = SecretStore(folder.secrets).text(SecretName.CLIENT_TOKEN).get_secret_value()
    with httpx.Client(
        base_url=record.load(folder.record).addresses["intake"],
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        verify=PLAIN,
        timeout=PATIENCE,
    ) as intake:
        contact = {"contact_ref": CONTACT, "language": "de", "email": EMAIL}
        intake.post("/v1/contacts", json=[contact]).raise_for_status()
        headers = {
            "content-type": STRUCTURED_JSON,
            "traceparent": f"00-{TRACE_ID}-{SENDER_SPAN}-01",
        }
        intake.post("/v1/events", content=json.dumps(EVENT), headers=headers).raise_for_status()
    deadline = time.monotonic() + PATIENCE
    # Three processes tell, each in its own time.
    while not collector.spans().keys() >= {"POST /v1/events", "apply case-events", "send message"}:
        assert time.monotonic() < deadline, collector.spans().keys()
        time.sleep(0.2)
    return collector.spans()


def test_the_mail_belongs_to_the_trace_of_the_request(spans: dict[str, Span]) -> None:
    assert spans["send message"].trace_id.hex() == TRACE_ID


def test_the_door_continues_the_trace_of_the_source_system(spans: dict[str, Span]) -> None:
    requests = [span for name, span in spans.items() if "/v1/events" in name]
    assert [span.trace_id.hex() for span in requests] == [TRACE_ID]


def test_a_batch_is_linked_to_the_traces_of_its_events(spans: dict[str, Span]) -> None:
    links = {link.trace_id.hex() for link in spans["apply case-events"].links}
    assert links == {TRACE_ID}


def test_no_span_tells_who_it_is_about(spans: dict[str, Span], collector: Collector) -> None:
    assert spans
    assert EMAIL.encode() not in collector.raw
