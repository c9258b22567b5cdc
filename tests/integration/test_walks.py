"""Two events take the steps that `docs/guide/walks.md` tells, in that order, through a real system.

Each service notes when it calls one of the functions with which the page's steps begin; the calls
of all processes, put in order, must hold the steps of a walk one after the other.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import unwrap
from pathlib import Path
from types import FunctionType
from typing import cast
from uuid import uuid4

import httpx
import pytest

from deploy.local import record
from deploy.local.folder import Folder
from deploy.local.loopback import PLAIN
from shared.events.envelope import STRUCTURED_JSON
from shared.security.secrets import SecretName, SecretStore
from tests.patience import PATIENCE
from tests.unit.docs.pages import ROOT, found

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

PAGE = ROOT / "docs" / "guide" / "walks.md"
DRAWN, PLANNED = 14, 13
"""So many steps to a review and to a mail a handler takes, in the transaction that ends then."""
CASE, CONTACT = "case-" + "w" * 26, "contact-" + "w" * 26
NOTING = """
import os, signal, sys, time

if "serve" in sys.orig_argv:
    folder = os.environ["WALKS"]
    wanted = set(map(tuple, map(str.split, open(os.path.join(folder, "wanted")))))
    notes = open(os.path.join(folder, f"{os.getpid()}.calls"), "a", buffering=1)

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and (code.co_filename, code.co_qualname) in wanted:
            notes.write(f"{time.time_ns()} {code.co_filename} {code.co_qualname}\\n")

    signal.signal(signal.SIGUSR1, lambda *_: sys.setprofile(note))
"""
"""What each service loads when it starts; from the signal on it notes its calls."""

Call = tuple[str, str]


@dataclass(frozen=True)
class Walker:
    """A running system that notes its calls."""

    intake: httpx.Client
    folder: Path

    def calls(self, since: int) -> list[Call]:
        """Give the calls of all processes since a moment, in order."""
        lines = [
            line.split()
            for notes in self.folder.glob("*.calls")
            for line in notes.read_text(encoding="utf-8").splitlines()
        ]
        return [(file, name) for at, file, name in sorted(lines, key=_moment) if int(at) >= since]


def _moment(line: list[str]) -> int:
    return int(line[0])


def steps(heading: str) -> list[Call]:
    """Give the functions with which the steps of a section begin."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    assert section
    first = re.findall(r"^\d+\. \[`([\w.]+)`\]\(([^)]+)\)", section[1], re.MULTILINE)
    assert len(first) == len(re.findall(r"^\d+\. ", section[1], re.MULTILINE))
    return [_code(name, (PAGE.parent / path).resolve()) for name, path in first]


def _code(name: str, file: Path) -> Call:
    called = cast("FunctionType", unwrap(cast("Callable[..., object]", found(name, file))))
    return called.__code__.co_filename, called.__code__.co_qualname


@cache
def common() -> list[Call]:
    return steps("The same for both: from HTTP into a service")


@cache
def review() -> list[Call]:
    return within("From `decision.made` to a review", DRAWN)


@cache
def mail() -> list[Call]:
    return within("From `appointment.booked` to a mail", PLANNED)


def within(heading: str, handled: int) -> list[Call]:
    """Give a whole way: what a handler does stands before the end of its transaction."""
    (*before, flush), own = common(), steps(heading)
    return [*before, *own[:handled], flush, *own[handled:]]


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    notes, stack = tmp_path_factory.mktemp("notes"), tmp_path_factory.mktemp("walked")
    (notes / "sitecustomize.py").write_text(NOTING)
    (notes / "wanted").write_text("".join(f"{file} {name}\n" for file, name in review() + mail()))
    given = {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in given} | {
        "GLEICHFALL_STACK_DIR": str(stack),
        "PYTHONPATH": str(notes),
        "WALKS": str(notes),
    }
    gleichfall = [sys.executable, "-m", "deploy.command_line"]
    subprocess.run(
        [*gleichfall, "up", "--detach"], cwd=ROOT, env=environment, check=True, timeout=180
    )
    for service in notes.glob("*.calls"):
        os.kill(int(service.stem), signal.SIGUSR1)
    folder = Folder(stack)
    token = SecretStore(folder.secrets).text(SecretName.CLIENT_TOKEN).get_secret_value()
    try:
        with httpx.Client(
            base_url=record.load(folder.record).addresses["intake"],
            headers={"authorization": f"Bearer {token}"},
            trust_env=False,
            verify=PLAIN,
            timeout=PATIENCE,
        ) as intake:
            contact = {"contact_ref": CONTACT, "language": "de", "email": "w@example.invalid"}
            intake.post("/v1/contacts", json=[contact]).raise_for_status()
            yield Walker(intake, notes)
    finally:
        subprocess.run(
            [*gleichfall, "down"], cwd=ROOT, env=environment, check=True, timeout=PATIENCE
        )


def walk(walker: Walker, kind: str, data: Mapping[str, object], way: list[Call]) -> None:
    """Send an event; wait until the steps of its way were taken, one after the other."""
    since = time.time_ns()
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "urn:gleichfall:example",
        "type": f"gleichfall.{kind}.v1",
        "subject": CASE,
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }
    headers = {"content-type": STRUCTURED_JSON}
    walker.intake.post("/v1/events", content=json.dumps(event), headers=headers).raise_for_status()
    deadline = time.monotonic() + PATIENCE
    while left := not_taken(way, walker.calls(since)):
        assert time.monotonic() < deadline, f"not called after the steps before it: {left[0]}"
        time.sleep(0.5)


def not_taken(way: list[Call], calls: list[Call]) -> list[Call]:
    """Give the steps that don't follow those before them."""
    taken = 0
    for call in calls:
        if taken < len(way) and call == way[taken]:
            taken += 1
    return way[taken:]


def test_a_decision_that_is_drawn_takes_the_steps_of_the_page(walker: Walker) -> None:
    decision = {
        "decision_id": "decision-" + "w" * 26,
        "type_code": "AufenthG-53",  # the shipped policy reviews every one
        "direction": "adverse",
        "unit": "unit-4",
        "decider": "decider-" + "w" * 26,
    }
    walk(walker, "decision.made", decision, review())


def test_a_booked_appointment_takes_the_steps_of_the_page(walker: Walker) -> None:
    appointment = {
        "appointment_id": "appointment-" + "w" * 26,
        "service_key": "residence-work",
        "office": "kaiserallee",
        "starts": (datetime.now(UTC) + timedelta(days=14)).isoformat(),
        "contact_ref": CONTACT,
    }
    walk(walker, "appointment.booked", appointment, mail())


def test_steps_in_another_order_are_not_taken() -> None:
    calls = common()
    assert not_taken(calls, calls) == []
    assert not_taken(calls[::-1], calls) == calls[-2::-1]
