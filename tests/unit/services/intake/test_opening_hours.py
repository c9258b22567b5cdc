from datetime import UTC, datetime

import pytest

from services.intake.opening_hours import opening
from shared.configuration.places import ORGANISATION
from shared.observe.gauges import OFFICE_OPEN
from shared.organisation.file import load_organisation


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-30T09:00", 1),  # a Monday
        ("2026-11-30T02:00", 0),
        ("2026-11-29T09:00", 0),  # a Sunday
        ("2026-12-25T09:00", 0),
    ],
)
async def test_an_office_is_open_by_the_calendar_of_its_authority(
    moment: str, is_open: int
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    await opening(load_organisation(ORGANISATION), lambda: at)()

    assert OFFICE_OPEN._value.get() == is_open
