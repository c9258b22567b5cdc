"""Which other findings are looked for, and at what cost."""

import tracemalloc

import numpy as np

from services.controlling.statistics.alternatives import Errors, Figure, Findings

STEP = 5
MOST_BYTES = 4_000_000


def steps_after(empty: int) -> list[int | None]:
    """How finely the rates of a small part and of the whole are told beside so many empty parts."""
    found = np.array([1, 2, 2, *[0] * empty], dtype=np.int64)
    sizes = np.array([3, 15, 12, *[0] * empty], dtype=np.int64)
    first = np.arange(len(sizes)) == 0

    def told(errors: Errors, step: int) -> int:
        return int(errors.sum()) * 1000 // (30 * step)

    whole = Figure(told, (sizes > 0) / 30, sizes >= 0, 30, STEP)
    part = Figure(lambda errors, step: told(errors[:1] * 10, step), first / 3, first, 3, STEP)
    Findings(found, sizes, [part, whole]).open_up(first | (sizes == 0))
    return [part.step, whole.step]


def test_parts_without_decisions_cost_nothing_and_change_nothing() -> None:
    expected = steps_after(empty=0)
    tracemalloc.start()
    try:
        assert steps_after(empty=60) == expected
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
