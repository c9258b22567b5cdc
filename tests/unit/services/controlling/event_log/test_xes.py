"""Cases as XES: what the standard asks of the file, and that everything comes back."""

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from services.controlling.event_log.trace import Trace, trace
from services.controlling.event_log.xes import FOOT, HEAD, written
from services.intake.importers.logs.xes import read_xes
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import SHIPPED, load_mapping
from services.intake.importers.translation.translation import Translator
from shared.events.catalogue.case import ApplicationWithdrawn, DecisionMade
from shared.events.event import Event
from shared.events.vocabulary import Direction
from shared.security.pseudonyms import Pseudonymiser
from tests import other_readers
from tests.unit.services.controlling.event_log.told import OF_CASES, OF_THINGS, samples, told

NAMESPACE = "{http://www.xes-standard.org/}"
VALUES = {"string", "date", "int", "float", "boolean"}
CASE = "case-" + "a" * 26
AT = datetime(2026, 5, 4, 8, 0, 0, 125000, tzinfo=UTC)


@pytest.fixture
def mapping() -> LogMapping:
    return load_mapping(SHIPPED / "gleichfall.yaml")


def log(*traces: Trace) -> bytes:
    return HEAD + b"".join(map(written, traces)) + FOOT


def all_samples() -> bytes:
    """Every sample in a case of its own."""
    return log(*(trace(f"case-{number}", [one]) for number, one in enumerate(samples())))


def made(**facts: object) -> Event:
    data = DecisionMade.model_validate(
        {
            "decision_id": "decision-" + "d" * 26,
            "type_code": "t",
            "direction": Direction.NEUTRAL,
            "unit": "u",
            "decider": "decider-" + "e" * 26,
        }
        | facts
    )
    return Event("", "urn:x", CASE, AT, data, 1)


def test_the_corpus_has_every_event_that_may_be_written() -> None:
    assert {type(one.data) for one in samples()} == OF_CASES


def test_every_event_comes_back_through_our_own_importer_with_all_that_it_said(
    mapping: LogMapping,
) -> None:
    translator = Translator(mapping, Pseudonymiser(bytes(32)))
    back = [translator.translate(one).outcome for one in read_xes(BytesIO(all_samples()))]
    assert [one for one in back if not isinstance(one, Event)] == []
    assert [told(one) for one in back if isinstance(one, Event)] == [told(one) for one in samples()]


def test_events_about_one_thing_are_still_about_one_thing(mapping: LogMapping) -> None:
    given = samples()
    translator = Translator(mapping, Pseudonymiser(bytes(32)))
    back = [translator.translate(one).outcome for one in read_xes(BytesIO(all_samples()))]
    for name in OF_THINGS:
        pairs = {
            (getattr(one.data, name), getattr(other.data, name))
            for one, other in zip(given, back, strict=True)
            if isinstance(other, Event) and getattr(one.data, name, None) is not None
        }
        assert pairs
        assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)


def test_a_feature_keeps_its_kind(mapping: LogMapping) -> None:
    features = {"a": True, "b": False, "c": 0, "d": -12, "e": "7-b", "f.g": "x"}
    document = log(trace(CASE, [made(features=features)]))
    translator = Translator(mapping, Pseudonymiser(bytes(32)))
    (outcome,) = (translator.translate(one).outcome for one in read_xes(BytesIO(document)))
    assert isinstance(outcome, Event)
    assert isinstance(outcome.data, DecisionMade)
    assert outcome.data.features == features


def test_the_file_is_as_the_standard_asks() -> None:
    of_the_standard().assertValid(etree.fromstring(all_samples()))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        pytest.param(b"</trace>", b'</trace><global scope="event"/>', id="order"),
        pytest.param(b'<date key="time:timestamp" value="', rb"\g<0>yesterday, ", id="date"),
        pytest.param(b'<boolean key="[^"]*" value="', rb"\g<0>not ", id="boolean"),
        pytest.param(b'<int key="[^"]*" value="', rb"\g<0>1.", id="int"),
        pytest.param(b' key="', rb"\g<0>/", id="key"),
        pytest.param(b'xmlns="[^"]*"', b"", id="namespace"),
    ],
)
def test_that_a_file_is_as_the_standard_asks_can_fail(said: bytes, wrong: bytes) -> None:
    document = log(trace(CASE, [made(features={"a": True, "b": 1})]))
    other = re.sub(said, wrong, document)
    assert other != document
    assert not of_the_standard().validate(etree.fromstring(other))


def of_the_standard() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("xes.rng")))


def test_what_is_named_is_declared_and_what_is_declared_is_there() -> None:
    root = etree.fromstring(all_samples())
    prefixes = {str(one.get("prefix")) for one in root.iter(f"{NAMESPACE}extension")}
    for kind in ("trace", "event"):
        for one in root.iter(f"{NAMESPACE}{kind}"):
            values = [child for child in one if etree.QName(child).localname in VALUES]
            keys = [str(value.get("key")) for value in values]
            assert len(keys) == len(set(keys))
            assert {key.partition(":")[0] for key in keys if ":" in key} <= prefixes
    globals_ = {
        str(one.get("scope")): {str(value.get("key")) for value in one}
        for one in root.iter(f"{NAMESPACE}global")
    }
    for scope, keys_ in globals_.items():
        for one in root.iter(f"{NAMESPACE}{scope}"):
            assert keys_ <= {str(value.get("key")) for value in one}


def test_what_no_xml_name_may_hold_is_written_otherwise() -> None:
    document = log(trace(CASE, [made(features={"a/b(c)": True})]))
    assert b'<boolean key="features.a_b_c_" value="true"/>' in document


def test_what_means_something_in_xml_is_escaped() -> None:
    event = made(legal_basis="§ 18g AufenthG")
    odd = event._replace(data=event.data.model_copy(update={"unit": 'a<b>&"c"'}))
    (back,) = read_xes(BytesIO(log(trace(CASE, [odd]))))
    assert back.values["unit"] == 'a<b>&"c"'
    assert back.values["legal_basis"] == "§ 18g AufenthG"


def test_a_moment_is_told_to_the_microsecond_in_whatever_zone() -> None:
    berlin = AT.astimezone(ZoneInfo("Europe/Berlin"))
    event = Event("", "urn:x", CASE, berlin, ApplicationWithdrawn(), 1)
    (back,) = read_xes(BytesIO(log(trace(CASE, [event]))))
    assert datetime.fromisoformat(back.values["time:timestamp"]) == AT


def test_no_case_is_a_log_too() -> None:
    assert list(read_xes(BytesIO(log()))) == []


@pytest.mark.parametrize("reader", other_readers.XES)
def test_other_programs_read_each_value_of_each_event(reader: str, tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_bytes(all_samples())
    given = [one._replace(subject=f"case-{number}") for number, one in enumerate(samples())]
    assert other_readers.XES[reader](path) == other_readers.in_xes(given)
