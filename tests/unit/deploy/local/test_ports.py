"""Ports are stable between runs, never shared, and never silently exchanged."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.errors import PortBusy


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.create_server((ports.HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "stack.json"


def test_the_same_part_gets_the_same_port_again(record: Path) -> None:
    first = ports.allot(record, ["kafka", "mail"], {})
    assert ports.allot(record, ["mail", "kafka"], {}) == first
    assert len(set(first.values())) == 2


def test_a_remembered_port_that_is_taken_is_replaced(record: Path, busy: int) -> None:
    record.write_text(f'{{"ports": {{"kafka": {busy}}}}}')
    assert ports.allot(record, ["kafka"], {})["kafka"] != busy


def test_a_port_asked_for_is_given_and_remembered(record: Path) -> None:
    asked = ports.allot(record, ["free"], {})["free"]
    assert ports.allot(record, ["intake"], {"intake": asked}) == {"intake": asked}
    assert ports.allot(record, ["intake"], {}) == {"intake": asked}


def test_a_busy_port_asked_for_is_an_error_and_not_exchanged(record: Path, busy: int) -> None:
    with pytest.raises(PortBusy, match=f"port {busy} asked for intake is in use"):
        ports.allot(record, ["intake"], {"intake": busy})


def test_a_port_of_a_part_that_does_not_run_now_is_kept_for_it(record: Path) -> None:
    second = ports.allot(record, ["notify", "notify-2"], {})["notify-2"]
    ports.allot(record, ["notify", "mail"], {})
    assert ports.allot(record, ["notify-2"], {}) == {"notify-2": second}


def test_an_unreadable_record_only_costs_the_memory(record: Path) -> None:
    record.write_text("{half")
    assert ports.allot(record, ["kafka"], {})["kafka"] in ports.RANGE
