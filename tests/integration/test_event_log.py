"""`gleichfall export` on the real database: of one moment, read by others and by ourselves."""

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click import UsageError

from deploy.local.infrastructure import Addresses
from services.controlling.event_log.errors import FileThere
from services.controlling.event_log.export import Form, export
from services.intake.importers.inspection.inspection import look_through, opened
from services.intake.importers.logs.logs import open_log
from services.intake.importers.mapping.recognition import recognise
from services.intake.importers.translation.translation import Ignored, Translator
from shared.configuration.replacing import FileUnwritable
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCapacityPublished,
)
from shared.events.catalogue.case import (
    AppealLodged,
    ApplicationReceived,
    DecisionMade,
    DecisionNotified,
    DocumentsRequested,
)
from shared.events.catalogue.office import CallAnswered
from shared.events.catalogue.paper import CardCollected, CardReady
from shared.events.catalogue.submission import SubmissionAccepted, SubmissionArrived
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import IntakeChannel
from shared.postgres.pool import Pool
from shared.security.pseudonyms import Pseudonymiser
from tests import other_readers
from tests.integration.controlling_helpers import (
    MAY,
    Operator,
    about,
    apply,
    case_events,
    chain,
    decided,
    decision_id,
    office_events,
    policy,
)
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.unit.services.controlling.event_log.ocel_schema import read_all

pytestmark = pytest.mark.stack

NOTHING = policy("0")
APPOINTMENT = "appointment-" + "b" * 26
CONTACT = "contact-" + "c" * 26
SUBMISSION = "submission-" + "s" * 26
PERSONS = ("decider-", "contact-", "vis:")
LOST = {"decider", "co_signer", "contact_ref", "dataref"}
"""What a log doesn't tell: persons, and the file."""
OF_OFFICES = Ignored("it is of an office, in no case")
RENAMED = {"decision_id", "appointment_id", "submission_id"}
"""Pseudonyms, of which an import makes others."""


def happened(number: int, sequence: int, facts: Facts, days: int) -> Event:
    return about(number, facts, MAY + timedelta(days=days))._replace(sequence=sequence)


def a_case(number: int) -> list[Event]:
    """A case with everything: what was handed in online, an appointment, a decision, a card."""
    id_ = decision_id(number)
    booked = AppointmentBooked(
        appointment_id=APPOINTMENT[:-2] + f"{chr(97 + number)}b",
        service_key="card",
        office="town-hall",
        starts=MAY + timedelta(days=2),
        contact_ref=CONTACT,
    )
    submission = SUBMISSION[:-2] + f"{chr(97 + number)}s"
    steps: list[tuple[Facts, int]] = [
        (SubmissionArrived(submission_id=submission, service_key="card"), -62),
        (SubmissionAccepted(submission_id=submission), -61),
        (
            ApplicationReceived(
                channel=IntakeChannel.ONLINE,
                service_key="card",
                unit="unit-2",
                contact_ref=CONTACT,
                due=MAY + timedelta(days=90),
            ),
            -60,
        ),
        (DocumentsRequested(items=("passport", "rent"), due=date(2026, 4, 20)), -50),
        (booked, -3),
        (AppointmentAttended(appointment_id=booked.appointment_id, waited_seconds=300), 2),
        (decided(number).data, 4),
        (DecisionNotified(decision_id=id_, notified_on=date(2026, 5, 8), contact_ref=CONTACT), 4),
        (AppealLodged(decision_id=id_), 9),
        (CardReady(office="town-hall"), 10),
        (CardCollected(), 11),
    ]
    made = decided(
        number,
        features={"family": True, "persons": 3},
        legal_basis="§ 18b AufenthG",
        late_reason="outage",
        dataref="vis:4711",
    ).data
    return [
        happened(number, place, made if isinstance(facts, DecisionMade) else facts, days)
        for place, (facts, days) in enumerate(steps, start=1)
    ]


def a_morning() -> list[Event]:
    facts: list[Facts] = [
        AppointmentCapacityPublished(
            office="town-hall", service_key="card", day=date(2026, 5, 4), slots=12
        ),
        CallAnswered(line="direct", waited_seconds=20),
    ]
    return [
        Event(str(number), "urn:gleichfall:test", "town-hall", MAY, one, number)
        for number, one in enumerate(facts, start=1)
    ]


@pytest.fixture
async def kept(pool: Pool) -> list[Event]:
    """Three cases, and a morning of an office."""
    events = [one for number in range(3) for one in a_case(number)]
    await apply(pool, case_events(NOTHING), *events)
    await apply(pool, office_events(NOTHING), *a_morning())
    return events


@pytest.fixture
def operator(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path, group="export")


def said(event: Event) -> tuple[str, datetime, dict[str, object]]:
    """What an event tells that must not be lost, but for its things' pseudonyms."""
    told = {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in event.data
        if name not in LOST | RENAMED and value not in (None, ())
    }
    return event.data.event_type, event.time.astimezone(UTC), told


def by_case(events: list[Event]) -> list[list[tuple[str, datetime, dict[str, object]]]]:
    """Each case's events in their order, whatever the cases are called."""
    cases: dict[str, list[tuple[str, datetime, dict[str, object]]]] = {}
    for one in events:
        cases.setdefault(one.subject, []).append(said(one))
    return sorted(cases.values(), key=repr)


def imported(path: Path) -> list[Event]:
    """What our importer makes of a log, with its mapping as it finds it."""
    mapping = recognise(path)
    orders = look_through(path, mapping).orders
    translator = Translator(mapping, Pseudonymiser(bytes(32)), orders)
    with opened(path, mapping) as log:
        outcomes = [translator.translate(one).outcome for one in log.events()]
    assert {one for one in outcomes if not isinstance(one, Event)} <= {OF_OFFICES}
    return [one for one in outcomes if isinstance(one, Event)]


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def ids(document: dict[str, Any]) -> dict[str, str]:
    found = {one["id"]: one["type"] for one in document["objects"]}
    assert len(found) == len(document["objects"]), "no id twice"
    return found


def check_ocel(path: Path) -> dict[str, Any]:
    """Hold a file against what OCEL 2.0 asks of one, in its schema and beside it."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    read_all(document)
    things = ids(document)
    assert len({one["id"] for one in document["events"]}) == len(document["events"])
    assert {one["type"] for one in document["events"]} <= {
        one["name"] for one in document["eventTypes"]
    }
    assert all(one["relationships"] for one in document["events"])
    assert set(things.values()) <= {one["name"] for one in document["objectTypes"]}
    related = {
        one["objectId"]
        for whose in (document["events"], document["objects"])
        for part in whose
        for one in part["relationships"]
    }
    assert related <= set(things)
    return document


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.json", "log.json.gz"])
async def test_what_was_written_comes_back_through_our_importer_without_loss(
    kept: list[Event], operator: Operator, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    form, events = ("--xes", 33) if "xes" in name else ("--ocel", 35)
    said_ = await operator.does(form, str(path))
    assert said_ == f"wrote 3 cases and {events} events to {path}\n"
    assert by_case(imported(path)) == by_case(kept)


async def test_nobody_stands_in_either_file(
    kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    xes, ocel = tmp_path / "cases.xes", tmp_path / "cases.json"
    await operator.does("--xes", str(xes), "--ocel", str(ocel))
    texts = xes.read_text() + ocel.read_text()
    assert [one for one in PERSONS if one in texts] == []


@pytest.mark.parametrize("reader", other_readers.XES)
async def test_other_programs_read_each_value_of_each_event(
    kept: list[Event], operator: Operator, tmp_path: Path, reader: str
) -> None:
    xes, ocel = tmp_path / "cases.xes.gz", tmp_path / "cases.json"
    answer = json.loads(await operator.does("--xes", str(xes), "--ocel", str(ocel), "--json"))
    assert answer == {
        "xes": {"file": str(xes), "cases": 3, "events": 33, "incomplete": 0},
        "ocel": {"file": str(ocel), "cases": 3, "events": 35, "incomplete": 0},
    }
    assert Counter(one["type"] for one in check_ocel(ocel)["objects"]) == {
        "case": 3,
        "decision": 3,
        "appointment": 3,
        "submission": 3,
        "unit": 3,
        "office": 1,
        "service": 1,
        "line": 1,
    }
    assert other_readers.XES[reader](xes) == other_readers.in_xes(kept)
    assert other_readers.OCEL[reader](ocel) == other_readers.in_ocel([*kept, *a_morning()])


async def test_a_decision_that_two_cases_name_is_one_thing_of_both(
    pool: Pool, kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    strange = happened(7, 1, AppealLodged(decision_id=decision_id(0)), 20)
    await apply(pool, case_events(NOTHING), strange)
    path = tmp_path / "cases.json"
    await operator.does("--ocel", str(path))
    things = {one["id"]: one for one in check_ocel(path)["objects"]}
    of = [one["objectId"] for one in things[decision_id(0)]["relationships"]]
    assert of == sorted([kept[0].subject, strange.subject])


async def test_a_case_of_which_something_is_gone_is_told(
    pool: Pool, kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    await pool.execute(
        "DELETE FROM case_event WHERE case_ref = $1 AND sequence = 4", kept[0].subject
    )
    said_ = await operator.does("--xes", str(tmp_path / "cases.xes"))
    assert said_.splitlines()[1:] == ["of 1 cases not every event is kept"]


async def test_nothing_kept_is_an_empty_log(pool: Pool, operator: Operator, tmp_path: Path) -> None:
    xes, ocel = tmp_path / "cases.xes", tmp_path / "cases.json"
    await operator.does("--xes", str(xes), "--ocel", str(ocel))
    with open_log(xes) as log:
        assert list(log.events()) == []
    assert check_ocel(ocel)["events"] == []


async def test_a_file_that_is_there_stays_unless_it_may_be_replaced(
    kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "cases.xes.gz"
    path.write_text("mine")
    error = await operator.fails("--xes", str(path), "--ocel", str(tmp_path / "x.json"))
    assert isinstance(error, FileThere)
    assert path.read_text() == "mine"
    assert files_in(tmp_path) == [path], "nothing else was written"
    await operator.does("--xes", str(path), "--force")
    assert gzip.decompress(path.read_bytes()).endswith(b"</log>\n")


async def test_nobody_else_on_the_machine_may_read_a_file(
    kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "cases.xes.gz"
    await operator.does("--xes", str(path))
    assert path.stat().st_mode & 0o777 == 0o600


async def test_both_files_tell_of_one_moment(
    pool: Pool, kept: list[Event], tmp_path: Path, stack: Addresses
) -> None:
    files = {Form.XES: tmp_path / "cases.xes", Form.OCEL: tmp_path / "cases.json"}

    async def another_case_comes() -> None:
        owner = await asyncpg.connect(stack.database_url)
        await owner.execute(
            "INSERT INTO controlling.case_event (case_ref, sequence, type, at, data) VALUES"
            " ('case-' || repeat('z', 26), 1, 'gleichfall.hearing.answered.v1', now(), '{}')"
        )
        await owner.close()

    def meanwhile(form: Form, _: int) -> None:
        if form is Form.OCEL:
            with ThreadPoolExecutor(1) as aside:
                aside.submit(asyncio.run, another_case_comes()).result()

    counts = await export(pool, files, begun=meanwhile)
    assert (counts[Form.XES].cases, counts[Form.OCEL].cases) == (3, 3)
    assert (await export(pool, files, force=True))[Form.OCEL].cases == 4


async def test_nothing_is_left_of_a_file_that_cant_be_written(
    pool: Pool, kept: list[Event], tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    with pytest.raises(FileUnwritable, match="cannot use"):
        await export(pool, {Form.XES: folder / "a.xes"}, begun=lambda _, __: folder.rmdir())
    assert files_in(tmp_path) == []


async def test_that_it_was_written_is_in_the_audit_log(
    pool: Pool, kept: list[Event], operator: Operator, tmp_path: Path
) -> None:
    await operator.does("--xes", str(tmp_path / "a.xes"), "--ocel", str(tmp_path / "a.json"))
    rows = await pool.fetch("SELECT role, act, object FROM audit ORDER BY number DESC LIMIT 2")
    assert {tuple(row) for row in rows} == {
        ("operator", "exported", "events:xes"),
        ("operator", "exported", "events:ocel"),
    }


async def test_who_names_no_file_is_told_how(operator: Operator) -> None:
    answer = await operator.call()
    assert answer.exit_code == UsageError.exit_code
    assert "--xes FILE or --ocel FILE" in answer.output


async def test_two_forms_need_two_files(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(tmp_path)
    paths = (str(tmp_path / "log"), str(tmp_path / "here" / "log"))
    answer = await operator.call("--xes", paths[0], "--ocel", paths[1])
    assert answer.exit_code == UsageError.exit_code
    assert "each needs its own" in answer.output


def numbered(events: Iterator[Event]) -> list[Event]:
    """Number each case's events as intake does."""
    numbers: dict[str, count[int]] = {}
    return [
        one._replace(sequence=next(numbers.setdefault(one.subject, count(1)))) for one in events
    ]


@needs_knowledge
async def test_a_real_log_is_the_same_after_it_went_through(
    pool: Pool, operator: Operator, tmp_path: Path
) -> None:
    assert KNOWLEDGE is not None
    source = KNOWLEDGE / "data" / "receipt.xes.gz"
    mapping = recognise(source)
    translator = Translator(mapping, Pseudonymiser(bytes(32)), look_through(source, mapping).orders)
    with opened(source, mapping) as log:
        steps = [translator.translate(one) for one in log.events()]
    found = (one for step in steps for one in (step.start, step.outcome))
    events = numbered(one for one in found if isinstance(one, Event))
    handler = case_events(NOTHING)
    for first in range(0, len(events), 500):
        await apply(pool, handler, *events[first : first + 500])
    await chain(pool)
    path, ocel = tmp_path / "receipt.xes.gz", tmp_path / "receipt.json"
    await operator.does("--xes", str(path), "--ocel", str(ocel))
    given = sorted(events, key=lambda one: (one.subject, one.time, one.sequence))
    assert by_case(imported(path)) == by_case(imported(ocel)) == by_case(given)
    for read in other_readers.XES.values():
        assert read(path) == other_readers.in_xes(given)
    for read_ in other_readers.OCEL.values():
        assert read_(ocel) == other_readers.in_ocel(given)
    assert len(given) == 5651
