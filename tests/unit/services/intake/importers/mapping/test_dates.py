"""Times as people and programs write them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from services.intake.importers.errors import DatesUnclear
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping
from services.intake.importers.values.date_proof import Dates, Proof

NOON = "2020-12-31T14:05:00+01:00"


def mapping(more: str = "", layout: str = "time: at") -> LogMapping:
    return parse_mapping(
        f"{{name: log, source: 'urn:x-y:log', time_zone: Europe/Berlin, recognise: {{attributes: "
        f"[at]}}, log: {{{layout}}}, activities: {{}}{more}}}",
        "the sample",
    )


def read(texts: Sequence[str], by: LogMapping | None = None) -> list[str | None]:
    """Read a column as an import does: it looks at all rows first."""
    by = by or mapping()
    proof = Proof(by)
    for text in texts:
        proof.look("at", text, exact=True)
    dates = Dates(by, proof.orders())
    return [_read(dates, text) for text in texts]


def _read(dates: Dates, text: str) -> str | None:
    try:
        return dates.moment("at", text).isoformat()
    except (ValueError, OverflowError):
        return None


@pytest.mark.parametrize(
    "text",
    [
        "2020-12-31T14:05:00+01:00",
        "2020-12-31T14:05:00+0100",
        "2020-12-31T14:05:00+01:00[Europe/Berlin]",
        "2020-12-31 14:05",
        "2020-12-31 2:05 PM",
        "2020/12/31 14:05:00.000",
        "2020.12.31 14:05:00",
        "31.12.2020 14:05",
        "31.12.2020, 14:05 Uhr",
        "Do, 31.12.2020 14:05",
        "31.12.20 14:05",
        "12/31/2020 02:05 PM",
        "12/31/20 2:05 p.m.",
        "31-12-2020 14:05:00",
        "31. Dezember 2020, 14:05 Uhr",
        "31-DEC-20 14.05.00",
        "Dec 31, 2020 2:05 PM",
        "Thu Dec 31 14:05:00 CET 2020",
        "20201231 14:05",
        "20201231140500",
        "20201231T140500",
    ],
)
def test_a_time_is_read_however_it_is_written(text: str) -> None:
    assert read([text]) == [NOON]


@pytest.mark.parametrize(
    "text",
    ["1609419900", "1609419900.0", "1609419900000", "/Date(1609419900000)/", "1609419900000000",
     "2020-12-31T13:05:00Z", "2020-12-31T13:05:00.0000000Z", "2020-12-31 13:05:00 UTC"],
)  # fmt: skip
def test_a_time_with_a_zone_of_its_own_keeps_it(text: str) -> None:
    (moment,) = read([text])

    assert moment is not None
    assert datetime.fromisoformat(moment) == datetime(2020, 12, 31, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "31.02.2020", "45/45/2020", "14:05", "13:00 PM", "2020-13-01", "", "7",
             "32.12.2020 14:05", "31.12.2020 25:05", "99999999999999999999"]
)  # fmt: skip
def test_what_is_no_time_is_not_made_one(text: str) -> None:
    assert read([text]) == [None]


def test_midnight_may_be_the_end_of_a_day() -> None:
    assert read(["31.12.2020 24:00"]) == ["2021-01-01T00:00:00+01:00"]


def test_one_row_proves_how_all_are_read() -> None:
    assert read(["03/04/2021 10:00", "03/25/2021 10:00", "04/05/2021"]) == [
        "2021-03-04T10:00:00+01:00",
        "2021-03-25T10:00:00+01:00",
        "2021-04-05T00:00:00+02:00",
    ]
    assert read(["03/04/2021 10:00", "25/03/2021"])[0] == "2021-04-03T10:00:00+02:00"


def test_two_digits_prove_the_place_of_the_year_as_well() -> None:
    assert read(["20-12-11", "20-12-31"])[0] == "2020-12-11T00:00:00+01:00"
    assert read(["12/11/20", "31/12/20"])[0] == "2020-11-12T00:00:00+01:00"


def test_a_log_may_write_days_in_several_ways() -> None:
    assert read(["03/04/2021", "03/25/2021", "2021-04-01", "31.12.2020", "1609419900"])[:4] == [
        "2021-03-04T00:00:00+01:00",
        "2021-03-25T00:00:00+01:00",
        "2021-04-01T00:00:00+02:00",
        "2020-12-31T00:00:00+01:00",
    ]


@pytest.mark.parametrize(
    "texts", [["03/04/2021 10:00", "05/04/2021 10:00"], ["03-04-2021"], ["03/04/21", "04/05/21"]]
)
def test_what_no_row_proves_is_asked_for(texts: list[str]) -> None:
    with pytest.raises(DatesUnclear, match="'dates: day-first' or 'dates: month-first'"):
        read(texts)


def test_points_stand_after_the_day_unless_a_row_proves_otherwise() -> None:
    assert read(["03.04.2021"]) == ["2021-04-03T00:00:00+02:00"]
    assert read(["03.04.2021", "03.25.2021"])[0] == "2021-03-04T00:00:00+01:00"


def test_rows_that_contradict_each_other_are_asked_for() -> None:
    for one, other in (("31/12/2020", "12/31/2020"), ("31.12.2020", "12.31.2020")):
        with pytest.raises(DatesUnclear, match="no one way"):
            read([one, other])


def test_what_is_told_holds() -> None:
    day_first, month_first = (
        mapping(layout=f"time: at, dates: {order}") for order in ("day-first", "month-first")
    )

    assert read(["03/04/2021"], day_first) == ["2021-04-03T00:00:00+02:00"]
    assert read(["03/04/2021", "31/12/2020"], month_first) == ["2021-03-04T00:00:00+01:00", None]
    assert read(["03/04/2021"], mapping(layout="time: at, dates: {at: month-first}"))[0] is not None


def test_formats_that_are_told_come_before_all_others() -> None:
    by = mapping(layout="time: at, time_format: ['%Y week %W %w', '%m/%d/%Y']")

    assert read(["2020 week 52 4", "03/04/2021", "2021-01-01"], by) == [
        "2020-12-31T00:00:00+01:00",
        "2021-03-04T00:00:00+01:00",
        "2021-01-01T00:00:00+01:00",
    ]


@pytest.mark.parametrize("text", ["2021-10-31 02:30", "31.10.2021 02:30", "2021-03-28 02:30"])
def test_an_hour_that_the_clock_has_twice_or_not_at_all_is_asked_for(text: str) -> None:
    with pytest.raises(DatesUnclear, match="clock_change"):
        read([text])


def test_an_hour_that_the_clock_has_twice_is_read_as_told() -> None:
    first, second = (mapping(f", clock_change: {told}") for told in ("first", "second"))

    assert read(["2021-10-31 02:30"], first) == ["2021-10-31T02:30:00+02:00"]
    assert read(["2021-10-31 02:30"], second) == ["2021-10-31T02:30:00+01:00"]
    assert read(["2021-10-31T02:30:00+01:00"]) == ["2021-10-31T02:30:00+01:00"]


def test_days_alone_name_no_hour() -> None:
    assert read(["2021-10-31", "31.10.2021"])[0] == "2021-10-31T00:00:00+02:00"
