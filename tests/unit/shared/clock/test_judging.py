"""What speaks against a clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock.judging import LONGEST_ABSENCE, Anchor, Memory, Reading, disagreement, doubt
from shared.events.envelope import CLOCKS_DIFFER

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, BOOT = timedelta(hours=1), timedelta(days=40)
MEMORY = Memory(NOON, None, 0)


def reading(at: datetime, *, own: datetime | None = None, since: timedelta = HOUR) -> Reading:
    return Reading(at, own or at, BOOT + since)


ANCHOR = Anchor(NOON, BOOT, 0)


@pytest.mark.parametrize(
    ("now", "memory", "anchor", "said"),
    [
        (NOON + HOUR, MEMORY, ANCHOR, None),
        (NOON + HOUR + CLOCKS_DIFFER, MEMORY, ANCHOR, None),
        (NOON + 33 * 24 * HOUR, MEMORY, ANCHOR, "set ahead: it should be 2026-05-04 13:00:00 UTC"),
        (NOON - HOUR, MEMORY, ANCHOR, "set back: it should be 2026-05-04 13:00:00 UTC"),
        (NOON + LONGEST_ABSENCE, MEMORY, None, None),
        (NOON + 33 * 24 * HOUR, MEMORY, None, "nothing has run since 2026-05-04 12:00:00 UTC"),
        (NOON - 2 * HOUR, MEMORY, None, "it was 2026-05-04 12:00:00 UTC before"),
        (NOON + 25 * HOUR, Memory(NOON, NOON + 24 * HOUR, 0), None, "was set ahead after"),
        (NOON + HOUR, Memory(NOON, NOON + 24 * HOUR, 0), None, None),
        (NOON + HOUR, Memory(NOON, NOON - HOUR, 0), None, None),
        (NOON + 24 * HOUR, Memory(NOON + 24 * HOUR, None, 1), ANCHOR, None),
    ],
)  # fmt: skip
def test_a_clock_is_held_against_what_was_known(
    now: datetime, memory: Memory, anchor: Anchor | None, said: str | None
) -> None:
    found = doubt(reading(now), memory, anchor)
    assert found is None if said is None else said in str(found)


def test_two_machines_must_agree() -> None:
    apart = reading(NOON, own=NOON + HOUR)
    assert doubt(apart, MEMORY, None) is None
    assert disagreement(reading(NOON, own=NOON + CLOCKS_DIFFER)) is None
    assert disagreement(apart) == (
        "this machine's clock says 2026-05-04 13:00:00 UTC, the database's 2026-05-04 12:00:00 UTC"
    )


@given(
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.timedeltas(-timedelta(days=400), timedelta(days=400)),
)
def test_a_running_process_sees_every_jump_however_long_it_ran(
    ran: timedelta, jump: timedelta
) -> None:
    found = doubt(reading(NOON + ran + jump, since=ran), MEMORY, ANCHOR)
    assert (found is not None) == (abs(jump) > CLOCKS_DIFFER)
