import json
import logging
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from aiosmtplib import SMTPRecipientRefused
from pydantic import BaseModel, SecretStr, ValidationError

from shared.errors import TransientError
from shared.observe.context import bound
from shared.observe.logs import FloodGate, JsonFormatter, configure_logging
from shared.security.personal import Personal

ADDRESS = "anna@example.org"
CASE = "case-rrsgsxv2nd6tl6kd6i4k3ig4lq"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

logger = logging.getLogger("services.notify.sending")


class Lines:
    """What the service wrote to stdout, line by line."""

    def __init__(self, stdout: StringIO) -> None:
        self.stdout = stdout

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.getvalue().splitlines()]

    def only(self) -> dict[str, Any]:
        [line] = self.all()
        return line


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for handler in handlers:
        root.removeHandler(handler)
    stdout = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        configure_logging("notify")
    yield Lines(stdout)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_a_line_says_when_where_and_what(lines: Lines) -> None:
    logger.warning("sent %d messages", 3)

    line = lines.only()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "service": "notify",
        "logger": "services.notify.sending",
        "message": "sent 3 messages",
    }


def test_a_line_belongs_to_its_case_and_trace(lines: Lines) -> None:
    with bound(case=CASE, trace=TRACE):
        logger.info("planned")
    logger.info("idle")

    planned, idle = lines.all()
    assert planned["case_ref"] == CASE
    assert planned["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert "case_ref" not in idle
    assert "trace_id" not in idle


def test_an_inner_case_keeps_the_outer_trace(lines: Lines) -> None:
    with bound(trace=TRACE), bound(case=CASE):
        logger.info("planned")

    assert lines.only()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


def test_extra_fields_are_members_but_never_replace_what_a_line_always_says(lines: Lines) -> None:
    logger.info("sent", extra={"channel": "email", "service": "another", "tries": 2})

    line = lines.only()
    assert (line["channel"], line["tries"]) == ("email", 2)
    assert line["service"] == "notify"


def fail() -> None:
    try:
        int(ADDRESS)
    except ValueError as error:
        raise TransientError("the mail server is away") from error


def test_an_exception_is_structured_with_its_cause(lines: Lines) -> None:
    try:
        fail()
    except TransientError:
        logger.exception("delivery failed")

    exception = lines.only()["exception"]
    assert exception["type"] == "shared.errors.TransientError"
    assert exception["message"] == "the mail server is away"
    assert exception["stack"][-1].endswith(" fail")
    assert exception["cause"]["type"] == "builtins.ValueError"


def test_every_error_of_a_group_is_told(lines: Lines) -> None:
    group = ExceptionGroup("both", [TransientError("one"), ConnectionError("two")])

    logger.error("failed", exc_info=group)

    errors = lines.only()["exception"]["errors"]
    assert [error["message"] for error in errors] == ["one", "two"]


def complain(times: int, node: int = 1) -> None:
    """Complain as Kafka's client does, from one place in its code."""
    for attempt in range(times):
        logging.getLogger("aiokafka").error("Unable connect to node %s: attempt %s", node, attempt)


def test_a_flood_of_like_lines_is_one_line_and_their_number(
    lines: Lines,
) -> None:
    complain(5_000)
    logging.getLogger("aiokafka.producer").warning("another complaint")
    logger.warning("ours")
    logger.warning("ours")

    assert [line["message"] for line in lines.all()] == [
        "Unable connect to node 1: attempt 0",
        "another complaint",
        "ours",
        "ours",
    ]


def test_what_was_left_out_is_told_and_the_next_outage_is_heard_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stdout = StringIO()
    handler = logging.StreamHandler(stdout)
    handler.setFormatter(JsonFormatter("notify"))
    handler.addFilter(FloodGate(handler, "aiokafka", timedelta(milliseconds=200)))
    monkeypatch.setattr(logging.getLogger("aiokafka"), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger("aiokafka"), "propagate", False)

    complain(1_000)
    time.sleep(0.5)
    complain(1, node=2)

    told = Lines(stdout).all()
    assert [line.get("left_out") for line in told] == [None, 999, None]
    assert told[1]["message"] == (
        "999 more lines like this in 0.2 s: Unable connect to node 1: attempt 0"
    )
    assert told[1]["level"] == "ERROR"
    assert told[2]["message"] == "Unable connect to node 2: attempt 0"


def test_libraries_write_the_same_lines(lines: Lines) -> None:
    for name in ("uvicorn.error", "aiokafka.producer", "faststream.kafka"):
        logging.getLogger(name).info("started")

    assert [line["message"] for line in lines.all()] == ["started"] * 3


def test_single_requests_are_not_logged(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info("127.0.0.1 - GET /v1/events/%s", ADDRESS)
    logging.getLogger("httpx").info("HTTP Request: GET http://notify/%s", ADDRESS)

    assert lines.all() == []


def test_a_line_break_cannot_forge_a_second_line(lines: Lines) -> None:
    logger.info("one\n%s", '{"message": "two"}')

    assert lines.only()["message"].startswith("one\n")


class Contact(BaseModel):
    email: int


def invalid_contact() -> ValidationError:
    with pytest.raises(ValidationError) as error:
        Contact.model_validate({"email": ADDRESS})
    return error.value


@pytest.mark.parametrize("contact", [Personal(ADDRESS), SecretStr(ADDRESS)])
def test_contact_data_that_is_wrapped_never_appears(lines: Lines, contact: object) -> None:
    logger.info("sending to %s and %r", contact, contact)
    logger.info("sending", extra={"to": contact, "all": [contact], "by": {"name": contact}})
    logger.error("failed", exc_info=TransientError("cannot send to", contact))

    assert len(lines.all()) == 3
    assert ADDRESS not in lines.stdout.getvalue()


@pytest.mark.parametrize(
    "error",
    [
        invalid_contact(),
        SMTPRecipientRefused(550, "no such mailbox", ADDRESS),
        ExceptionGroup("all", [ValueError(ADDRESS)]),
        KeyError(ADDRESS),
    ],
    ids=lambda error: type(error).__name__,
)
def test_contact_data_that_an_error_quotes_never_appears(lines: Lines, error: Exception) -> None:
    logger.error("failed", exc_info=error)

    assert lines.only()["exception"]["type"].endswith(type(error).__name__)
    assert ADDRESS not in lines.stdout.getvalue()


def test_what_kafkas_client_chats_about_a_rebalance_is_left_out(lines: Lines) -> None:
    logging.getLogger("aiokafka.consumer.group_coordinator").info("(Re-)joining group notify")
    logging.getLogger("faststream").warning("Auto create topics is disabled. Make sure ...")

    assert lines.all() == []


def test_what_goes_wrong_in_kafkas_client_is_kept(lines: Lines) -> None:
    logging.getLogger("aiokafka.consumer.group_coordinator").error("Marking the coordinator dead")
    logging.getLogger("faststream").info("Consumer c assigned to partitions: 1, 2")

    assert [line["level"] for line in lines.all()] == ["ERROR", "INFO"]
