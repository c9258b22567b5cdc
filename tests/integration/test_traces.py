"""One trace from the source system's request to the row of a review, and to the mail."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local import record
from deploy.local.folder import Folder
from deploy.local.loopback import PLAIN
from shared.configuration.places import POLICY_VARIABLE, ROOT
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived, DecisionMade
from shared.events.catalogue.review import DecisionDrawn
from shared.events.envelope import STRUCTURED_JSON
from shared.security.secrets import SecretName, SecretStore
from tests.collector import Collector
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

BOOKING, DECIDING = "b0" * 16, "de" * 16
"""The traces of a request that leads to a mail, and of one that leads to a review."""
SENDER_SPAN = "b7ad6b7169203331"
CASE, CONTACT = "case-" + "t" * 26, "contact-" + "t" * 26
EMAIL = "anna.beispiel@example.invalid"
NOW = datetime.now(UTC)
APPLICATION = {
    "channel": "online",
    "service_key": "residence-work",
    "unit": "unit-1",
    "contact_ref": CONTACT,
}
BOOKED = {
    "appointment_id": "appointment-" + "t" * 26,
    "service_key": "residence-work",
    "office": "kaiserallee",
    "starts": (NOW + timedelta(days=30)).isoformat(),
}
DECISION = {
    "decision_id": "decision-" + "t" * 26,
    "type_code": "AufenthG-53",  # the policy of tests has all of these reviewed
    "direction": "adverse",
    "unit": "unit-1",
    "decider": "decider-" + "t" * 26,
}


def way(service: str, what: str, *stations: str) -> set[tuple[str, str]]:
    """The spans of an event, or of a message, in a service."""
    return {(service, f"{station} {what}") for station in stations}


MADE, BOOKING_TYPE = DecisionMade.event_type, AppointmentBooked.event_type
DRAWN = DecisionDrawn.event_type
TO_THE_REVIEW = {
    ("intake", "POST /v1/events"),
    *way("intake", MADE, "accepted", "published"),
    *way("controlling", MADE, "applied", "drawn"),
    *way("controlling", DRAWN, "published"),
    *way("notify", MADE, "applied"),
}
TO_THE_MAIL = {
    ("intake", "POST /v1/events"),
    *way("intake", BOOKING_TYPE, "accepted", "published"),
    *way("controlling", BOOKING_TYPE, "applied"),
    *way("notify", BOOKING_TYPE, "applied"),
    *way("notify", "appointment_booked", "planned", "left"),
    ("notify", "send message"),
    ("notify", "hand over email"),
}


@pytest.fixture(scope="module")
def environment(
    collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """A running stack of its own that sends its traces to the collector."""
    given = {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in given} | {
        "GLEICHFALL_STACK_DIR": str(tmp_path_factory.mktemp("traced")),
        POLICY_VARIABLE: str(ROOT / "tests" / "policy.yaml"),
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
def told(environment: Mapping[str, str], collector: Collector) -> Collector:
    """What was collected once a booking had led to a mail, and a decision to a review."""
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
        send(intake, ApplicationReceived.event_type, APPLICATION)
        send(intake, BOOKING_TYPE, BOOKED, BOOKING)
        send(intake, MADE, DECISION, DECIDING)
    deadline = time.monotonic() + PATIENCE
    # Three processes tell, each in its own time.
    while missing := missed(collector):
        assert time.monotonic() < deadline, missing
        time.sleep(0.2)
    return collector


def send(
    intake: httpx.Client, event_type: str, data: Mapping[str, object], trace: str | None = None
) -> None:
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:gleichfall:example",
        "type": event_type,
        "subject": CASE,
        "time": NOW.isoformat(),
        "data": data,
    }
    headers = {"content-type": STRUCTURED_JSON}
    if trace is not None:
        headers["traceparent"] = f"00-{trace}-{SENDER_SPAN}-01"
    intake.post("/v1/events", content=json.dumps(event), headers=headers).raise_for_status()


def missed(collector: Collector) -> set[tuple[str, str]]:
    return (TO_THE_MAIL - reached(collector, BOOKING)) | (
        TO_THE_REVIEW - reached(collector, DECIDING)
    )


def reached(collector: Collector, trace: str) -> set[tuple[str, str]]:
    return {(one.service, one.span.name) for one in collector.trace(trace)}


def test_a_decision_is_one_trace_from_the_request_to_the_review(told: Collector) -> None:
    assert reached(told, DECIDING) >= TO_THE_REVIEW


def test_a_booking_is_one_trace_from_the_request_to_the_mail_server(told: Collector) -> None:
    assert reached(told, BOOKING) >= TO_THE_MAIL


@pytest.mark.parametrize("trace", [BOOKING, DECIDING])
def test_each_span_stands_below_the_one_of_the_source_system(told: Collector, trace: str) -> None:
    parents = {one.span.span_id.hex(): one.span.parent_span_id.hex() for one in told.trace(trace)}

    assert set(parents.values()) <= {SENDER_SPAN, *parents}


def test_a_batch_is_linked_to_the_traces_of_its_events(told: Collector) -> None:
    linked = {
        link.trace_id.hex()
        for one in told.received()
        if (one.service, one.span.name) == ("controlling", "apply case-events")
        for link in one.span.links
    }

    assert linked >= {BOOKING, DECIDING}


def test_no_span_tells_who_it_is_about(told: Collector) -> None:
    for secret in (EMAIL, CASE, CONTACT, *BOOKED.values(), *DECISION.values()):
        if secret not in {"adverse", "residence-work", "kaiserallee"}:
            assert secret.encode() not in told.raw
