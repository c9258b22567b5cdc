"""Days and moments are written as the language writes them, where the authority is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime

from shared.web.pages.formats import formats
from shared.web.pages.words import Language

ZONE = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 5, 4, 23, 1, 2, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_late_in_the_evening_in_utc_it_is_the_next_day_here() -> None:
    assert formats(Language.GERMAN, ZONE)["moment"](SUMMER) == "5. Mai 2026, 01:01:02 MESZ"
    assert formats(Language.ENGLISH, ZONE)["moment"](NEW_YEAR) == "1 January 2027, 00:30:00 CET"


def test_a_day_on_which_something_is_due_has_its_name() -> None:
    assert formats(Language.GERMAN, ZONE)["weekday"](date(2026, 12, 7)) == "Mo., 7. Dezember 2026"
    assert formats(Language.ENGLISH, ZONE)["weekday"](date(2026, 12, 7)) == "Mon, 7 December 2026"


def test_a_month_has_its_name() -> None:
    assert formats(Language.GERMAN, ZONE)["month"](date(2026, 3, 7)) == "März 2026"
    assert formats(Language.ENGLISH, ZONE)["month"](date(2026, 3, 7)) == "March 2026"


def test_the_time_of_a_day_that_is_known_has_no_seconds() -> None:
    assert {formats(language, ZONE)["clock"](SUMMER) for language in Language} == {"01:01"}


def test_how_long_something_waits_is_told_in_one_unit() -> None:
    assert formats(Language.GERMAN, ZONE)["span"](timedelta(minutes=90)) == "90 Minuten"
    assert formats(Language.ENGLISH, ZONE)["span"](timedelta(days=3, hours=2)) == "3 days"


@pytest.mark.parametrize("moment", [SUMMER, NEW_YEAR])
@pytest.mark.parametrize("language", Language)
def test_a_moment_is_written_as_the_library_writes_it(language: Language, moment: datetime) -> None:
    place = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}[language]
    expected = format_datetime(moment, "long", tzinfo=ZONE, locale=place)
    assert formats(language, ZONE)["moment"](moment) == expected
