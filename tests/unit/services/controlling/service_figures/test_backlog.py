"""What came on which working day and is still open, without telling of fewer than seven."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.backlog import AGES, Open, backlog, open_applications
from services.controlling.triggers.waiting import Wait
from shared.configuration.places import ORGANISATION
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

KARLSRUHE = load_organisation(ORGANISATION)
CALENDAR = Calendar("DE-BW", ZoneInfo("Europe/Berlin"))
MONDAY = date(2026, 6, 15)
DAYS = st.dates(date(2026, 1, 1), MONDAY).map(CALENDAR.on_or_before)


def came(number: int, day: date, unit: str = "unit-1") -> list[Open]:
    return [Open(day, unit)] * number


def shown(opened: Iterable[Open]) -> list[int | None]:
    return [one.still_open for one in backlog([*opened], CALENDAR, MONDAY).arrivals]


def test_what_came_on_a_day_off_counts_for_the_next_working_day() -> None:
    saturday = datetime(2026, 6, 13, 9, tzinfo=UTC)
    waits = [("case-a", Wait(saturday, "residence-work")), ("case-b", Wait(saturday, "unheard"))]
    assert open_applications(waits, KARLSRUHE, CALENDAR) == [
        Open(MONDAY, "unit-2"),
        Open(MONDAY, ""),
    ]


def test_a_court_s_order_is_no_application() -> None:
    assert (
        open_applications([("case-a", Wait(datetime.now(UTC), ruled=True))], KARLSRUHE, CALENDAR)
        == []
    )


def test_ages_are_working_days() -> None:
    friday, thursday = date(2026, 6, 12), date(2026, 6, 11)
    found = shown(
        [*came(7, MONDAY), *came(8, friday), *came(9, thursday), *came(20, date(2025, 6, 2))]
    )
    assert found == [7, 8, 9, *[0] * (len(AGES) - 4), 20]


def test_an_arrival_names_its_days() -> None:
    found = backlog([], CALENDAR, date(2026, 6, 14))  # a Sunday
    assert (found.arrivals[0].first, found.arrivals[1].last) == (
        date(2026, 6, 12),
        date(2026, 6, 11),
    )
    assert found.arrivals[-1].first is None
    assert found.arrivals[-2].last > found.arrivals[-1].last


def test_few_are_hidden_and_cannot_be_worked_out() -> None:
    found = backlog(
        [*came(3, MONDAY), *came(40, date(2026, 6, 12)), *came(50, date(2026, 6, 11), "unit-2")],
        CALENDAR,
        MONDAY,
    )
    assert found.whole == 93
    hidden = [one for one in found.arrivals if one.still_open is None]
    assert len(hidden) > 1


def test_what_waits_in_a_unit_is_a_part_of_the_same_table() -> None:
    friday = date(2026, 6, 12)
    opened = [*came(20, MONDAY), *came(30, friday), *came(3, MONDAY, "unit-2"),
              *came(40, friday, "unit-2")]  # fmt: skip
    found = backlog(opened, CALENDAR, MONDAY)
    second = found.of_unit("unit-2")
    assert second.arrivals[0].still_open is None
    assert found.whole is None or second.whole is None or second.arrivals[1].still_open is None
    assert found.of_unit("unit-3").whole == 0


@given(st.lists(st.builds(Open, DAYS, st.sampled_from(["", "unit-1"])), max_size=60))
def test_no_cell_is_about_one_to_six(opened: list[Open]) -> None:
    found = backlog(opened, CALENDAR, MONDAY)
    views = [found, *(found.of_unit(unit) for unit in found.units)]
    arrivals = [one.still_open for view in views for one in view.arrivals]
    cells = [found.whole, *arrivals, *found.units.values()]
    assert all(cell is None or cell == 0 or cell >= 7 for cell in cells)


def test_a_year_of_a_whole_authority_is_counted_fast_enough_for_a_page() -> None:
    opened = [
        Open(CALENDAR.on_or_before(MONDAY - timedelta(days=number % 250)), f"unit-{number % 4}")
        for number in range(8_000)
    ]
    assert backlog(opened, CALENDAR, MONDAY).whole == 8_000
