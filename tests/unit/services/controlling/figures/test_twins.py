"""Like cases that ended in opposite ways are paired, each once."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.calculator.commands import stats
from services.controlling.figures.twins import Likeness, Twin, twins
from services.controlling.statistics.errors import TableInvalid
from services.controlling.statistics.tables import Row

WEEK = Likeness(("kind",), "refused", "on", timedelta(days=7))
Case = tuple[str, int, bool]
CASES = st.lists(st.tuples(st.sampled_from("xy"), st.integers(1, 28), st.booleans()), max_size=40)


def rows(cases: Sequence[Case]) -> list[Row]:
    return [
        Row(
            Path("cases"),
            number,
            {
                "case": str(number),
                "kind": kind,
                "on": f"2026-01-{day:02}",
                "refused": "yes" if refused else "no",
            },
        )
        for number, (kind, day, refused) in enumerate(cases)
    ]


def test_the_nearest_in_time_is_the_twin() -> None:
    found = twins(rows([("x", 10, True), ("x", 5, False), ("x", 12, False)]), WEEK)
    assert found == [Twin("0", "2", 2)]


def test_other_kinds_and_longer_times_are_no_twins() -> None:
    assert twins(rows([("x", 1, True), ("y", 1, False), ("x", 9, False)]), WEEK) == []
    assert twins(rows([("x", 1, True), ("x", 1, True)]), WEEK) == []


@given(CASES)
def test_twins_are_alike_opposite_near_and_each_in_one_pair(cases: list[Case]) -> None:
    found = twins(rows(cases), WEEK)
    used = [name for one in found for name in (one.with_outcome, one.without)]
    assert len(set(used)) == len(used)
    for one in found:
        refused, granted = cases[int(one.with_outcome)], cases[int(one.without)]
        assert refused[0] == granted[0]
        assert refused[2]
        assert not granted[2]
        assert abs(refused[1] - granted[1]) == one.days <= 7


@given(CASES)
def test_a_refused_case_without_a_twin_has_no_free_like_case_nearby(cases: list[Case]) -> None:
    found = twins(rows(cases), WEEK)
    used = {name for one in found for name in (one.with_outcome, one.without)}
    alone = [case for number, case in enumerate(cases) if str(number) not in used]
    for kind, day, refused in alone:
        assert not any(
            other == (kind, near, not refused)
            for other in alone
            for near in range(day - 7, day + 8)
        )


def test_the_command_lists_pairs_and_names_bad_days(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("case,kind,decided_on,refused\na,x,2026-01-01,yes\nb,x,2026-01-03,no\n")

    def run() -> Any:
        words = ["twins", str(file), "--alike", "kind", "--outcome", "refused", "--json"]
        return json.loads(CliRunner().invoke(stats, words, catch_exceptions=False).stdout)

    assert run() == {"cases": 2, "pairs": [{"with_outcome": "a", "without": "b", "days": 2}]}
    file.write_text("case,kind,decided_on,refused\na,x,yesterday,yes\n")
    with pytest.raises(TableInvalid, match="line 2: decided_on: must be a day"):
        run()
