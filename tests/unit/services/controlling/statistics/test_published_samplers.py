"""A draw can be repeated from its seed alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.controlling.calculator.commands import stats as command
from services.controlling.statistics.errors import CountsContradict, NothingReviewed
from services.controlling.statistics.published_samplers import consistent, rivest_2011
from tests.unit.services.controlling.calculator.vectors import stats

IDS = [f"decision-{number}" for number in range(40)]


def test_a_longer_list_changes_no_ticket() -> None:
    longer = dict(consistent([*IDS, "late"], "seed", 41))
    assert {name: longer[name] for name in IDS} == dict(consistent(IDS, "seed", 40))


def test_nothing_is_drawn_twice_unless_asked() -> None:
    for draw in (consistent, rivest_2011):
        assert sorted(str(one.id) for one in draw(IDS, "seed", 40)) == sorted(IDS)
        assert len({one.id for one in draw(IDS, "seed", 100, replacement=True)}) < 100


def test_what_can_not_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(CountsContradict, match="41 to draw from 40"):
        rivest_2011(IDS, "seed", 41)
    with pytest.raises(CountsContradict, match="stands twice"):
        consistent(["a", "a"], "seed", 1)
    with pytest.raises(NothingReviewed, match="list to draw from is empty"):
        stats("sampler", "--seed", "1", "--take", 1, "--range", 5, 4)
    both = ["sampler", "--seed", "1", "--take", "1", "--range", "1", "2", str(tmp_path / "ids")]
    assert "either FILE or --range" in CliRunner().invoke(command, both).output
