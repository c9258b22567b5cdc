from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import from_attributes, is_json, to_attributes
from shared.events.errors import Defect, EventError

MINIMAL = {"specversion": "1.0", "id": "1", "source": "urn:example", "type": "example"}


def defect_of(**attributes: str) -> tuple[Defect, list[str]]:
    with pytest.raises(EventError) as refusal:
        from_attributes(MINIMAL | attributes, None)
    return refusal.value.defect, [wrong.field for wrong in refusal.value.fields]


def test_minimal_event_needs_four_attributes() -> None:
    assert to_attributes(from_attributes(MINIMAL, None)) == MINIMAL


@pytest.mark.parametrize("name", ["id", "source", "type"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_every_missing_attribute_is_named(name: str, how: str) -> None:
    attributes = {key: value for key, value in MINIMAL.items() if key != name}
    if how == "empty":
        attributes[name] = ""
    with pytest.raises(EventError, match=f"attribute_missing: {name}: is required"):
        from_attributes(attributes, None)


@pytest.mark.parametrize("version", ["0.3", "1.1", "", "2"])
def test_only_version_1_0_is_read(version: str) -> None:
    assert defect_of(specversion=version) == (Defect.ATTRIBUTE_INVALID, ["specversion"])


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [
        ("2026-03-02T08:15:00Z", 0),
        ("2026-03-02t08:15:00z", 0),
        ("2026-03-02T09:15:00+01:00", 0),
        ("2026-03-02T08:15:00-00:00", 0),
        ("2026-03-02T08:15:00.5Z", 500_000),
        ("2026-03-02T08:15:00.123456789Z", 123_456),
    ],
)
def test_time_is_read_in_every_spelling_of_rfc_3339(written: str, microsecond: int) -> None:
    moment = datetime(2026, 3, 2, 8, 15, 0, microsecond, tzinfo=UTC)
    assert from_attributes(MINIMAL | {"time": written}, None).time == moment


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T08:15:00",
        "2026-03-02 08:15:00Z",
        "2026-03-02T08:15Z",
        "20260302T081500Z",
        "2026-W10-1T08:15:00Z",
        "2026-02-30T08:15:00Z",
        "2026-03-02T25:15:00Z",
        "2026-03-02T08:15:00+0100",
        "1772439300",
        "yesterday",
        "",
        "٢٠٢٦-03-02T08:15:00Z",
    ],
)
def test_other_times_are_refused(written: str) -> None:
    assert defect_of(time=written) == (Defect.ATTRIBUTE_INVALID, ["time"])


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_utc_lacks_cannot_be(written: str) -> None:
    assert defect_of(time=written) == (Defect.TIME_IMPLAUSIBLE, ["time"])


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=offsets).filter(lambda moment: 1 < moment.year < 9999))
def test_time_survives_writing_and_reading(moment: datetime) -> None:
    read = from_attributes(MINIMAL | {"time": moment.isoformat()}, None)
    assert read.time == moment
    assert from_attributes(to_attributes(read), None) == read


@pytest.mark.parametrize("name", ["Upper", "snake_case", "with-hyphen", "", "data", "x" * 65, "ä"])
def test_extension_names_of_another_spelling_are_refused(name: str) -> None:
    assert defect_of(**{name: "value"}) == (Defect.ATTRIBUTE_INVALID, ["extension"])


def test_extensions_nobody_knows_are_kept() -> None:
    attributes = MINIMAL | {"vendor1": "x"}
    assert to_attributes(from_attributes(attributes, None)) == attributes


@pytest.mark.parametrize("name", ["id", "source", "subject", "vendor1"])
@pytest.mark.parametrize("character", ["\x00", "\n", "\x7f", "\x85", "\ufdd0"])
def test_what_no_database_or_log_line_can_hold_is_refused(name: str, character: str) -> None:
    assert defect_of(**{name: f"a{character}b"}) == (Defect.ATTRIBUTE_INVALID, [name])


@pytest.mark.parametrize(
    ("content_type", "verdict"),
    [
        (None, True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/vnd.example+json", True),
        ("text/json", True),
        ("text/plain", False),
        ("application/xml", False),
        ("application/jsonl", False),
    ],
)
def test_json_is_told_by_its_media_type(content_type: str | None, verdict: bool) -> None:
    assert is_json(content_type) is verdict
