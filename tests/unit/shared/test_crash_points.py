"""The order to crash is understood exactly, or refused; without one nothing happens."""

import subprocess
import sys

import pytest

from shared.crash_points import EXIT_CODE, CrashOrderInvalid, CrashPoint, armed

PASSES = """
from shared.crash_points import CrashPoint, armed
pass_point = armed("after_commit:3")
for turn in range(1, 5):
    pass_point(CrashPoint.AFTER_POLL)
    print(turn, flush=True)
    pass_point(CrashPoint.AFTER_COMMIT)
"""


def test_without_an_order_every_place_is_passed() -> None:
    for order in (None, ""):
        for point in CrashPoint:
            armed(order)(point)


@pytest.mark.parametrize(
    "order", ["after_commit", "after_commit:0", "after_commit:-1", "nowhere:1", ":1"]
)
def test_an_order_that_names_no_place_or_no_pass_is_refused(order: str) -> None:
    with pytest.raises(CrashOrderInvalid, match="after_commit"):
        armed(order)


def test_the_process_ends_at_the_ordered_pass_of_the_ordered_place_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PASSES], capture_output=True, text=True, check=False
    )

    assert done.returncode == EXIT_CODE
    assert done.stdout.split() == ["1", "2", "3"]
