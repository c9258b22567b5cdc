"""Which events the books expect a message of at once, and what they say of those that wait."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deploy.summary.commands import told_at_once, waiting_for_the_hour
from services.notify.messages.catalogue import load_messages

BERLIN = ZoneInfo("Europe/Berlin")


def test_only_what_is_told_at_once_is_expected_at_once() -> None:
    causes = told_at_once(load_messages())

    assert "gleichfall.provisional_paper.issued.v1" in causes
    assert "gleichfall.application.received.v1" in causes, "also for a day to come, and at once"
    assert "gleichfall.permit.issued.v1" not in causes
    assert len(causes) == len(set(causes))


@pytest.mark.parametrize(
    ("amount", "until", "said"),
    [
        (0, None, []),
        (1_234, datetime(2026, 3, 2, 7, tzinfo=UTC), ["1,234 SMS wait until 2026-03-02 08:00 CET"]),
        (1, datetime(2026, 7, 6, 6, tzinfo=UTC), ["1 SMS wait until 2026-07-06 08:00 CEST"]),
    ],
    ids=["by day", "in winter", "in summer"],
)
def test_what_waits_for_the_hour_alone_is_said_in_the_time_of_the_authority(
    amount: int, until: datetime | None, said: list[str]
) -> None:
    lines = list(waiting_for_the_hour(amount, until, BERLIN))
    assert [line.partition(": no phone rings")[0] for line in lines] == said
    assert all(line.endswith("(NOTIFY_SMS_QUIET_HOURS)") for line in lines)
