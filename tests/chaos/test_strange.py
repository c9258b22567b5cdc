"""Storms send strange values that the door lets in, and start processes whose clocks are wrong."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import from_json

from services.intake.plausibility import Reach
from services.intake.screening import Rules, screen
from services.notify.contacts.normal_form import addresses, normal_form
from shared.events.event import encode
from shared.events.json_format import to_document
from shared.events.vocabulary import Channel
from shared.security.identity import SourceSystem
from tests.chaos import strange
from tests.chaos.load import Load
from tests.listed import KEYS

pytestmark = pytest.mark.chaos

LOGS = ("urn:gleichfall:log:*",)
SYSTEM = SourceSystem("gleichfall", LOGS, ("*",), unlisted=LOGS)


def test_every_strange_value_is_sent_and_none_is_refused() -> None:
    load = Load(seed=1, events=3_000)
    rules = Rules(SYSTEM, datetime.now(UTC), timedelta(minutes=5), Reach(), KEYS)
    documents = [from_json(to_document(encode(event))) for event in load.stream]

    _, refusals = screen(documents, rules)

    assert not refusals
    sent = [event.data for event in load.stream]
    assert all(facts in sent for facts in strange.FACTS)
    for said in strange.DECISIONS:
        assert any(said.items() <= dict(data).items() for data in sent)


def test_strange_people_can_be_written_to() -> None:
    for contact in Load(seed=1, events=2_000).contacts():
        assert Channel.EMAIL in addresses(normal_form(contact)[0])


@pytest.mark.parametrize("by", [timedelta(days=33), -timedelta(hours=2)])
def test_a_process_can_be_started_with_a_wrong_clock(by: timedelta) -> None:
    program = [sys.executable, "-m", "tests.chaos.shifted", str(by.total_seconds()), "timeit"]
    saying = "import time, datetime as d; print(d.datetime.now(d.UTC).isoformat(), time.time())"
    told = subprocess.run(
        [*program, "--number=1", "--repeat=1", saying], capture_output=True, text=True, check=True
    ).stdout.split()

    for moment in (datetime.fromisoformat(told[0]), datetime.fromtimestamp(float(told[1]), UTC)):
        assert abs(moment - datetime.now(UTC) - by) < timedelta(seconds=30)
