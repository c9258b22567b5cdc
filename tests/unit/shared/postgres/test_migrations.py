"""Which migrations are due in which phase."""

import pytest

from shared.postgres.errors import MigrationChanged, MigrationSkipped
from shared.postgres.migrations import Migration, Phase, due

FIRST = Migration("0001_pre_first", "CREATE TABLE a ();")
SECOND = Migration("0002_pre_second", "CREATE TABLE b ();")
CLEAN = Migration("0003_post_clean", "DROP TABLE a;")
THIRD = Migration("0004_pre_third", "CREATE TABLE c ();")
ALL = [FIRST, SECOND, CLEAN, THIRD]


def names(applied: list[Migration], phase: Phase | None, files: list[Migration] = ALL) -> list[str]:
    known = {one.name: one.checksum for one in applied}
    return [one.name for one in due("intake", files, known, phase)]


@pytest.mark.parametrize("phase", [Phase.PRE, Phase.POST, None])
def test_a_new_schema_gets_everything_in_order(phase: Phase | None) -> None:
    assert names([], phase) == [one.name for one in ALL]


def test_what_takes_away_waits_for_its_own_phase() -> None:
    assert names([FIRST], Phase.PRE, ALL[:3]) == [SECOND.name]
    assert names([FIRST, SECOND], Phase.PRE, ALL[:3]) == []
    assert names([FIRST, SECOND], Phase.POST) == [CLEAN.name]
    assert names([FIRST, SECOND, CLEAN], Phase.PRE) == [THIRD.name]


def test_a_release_is_finished_before_the_next_begins() -> None:
    with pytest.raises(MigrationSkipped, match=r"0003_post_clean.*migrate --post' first"):
        names([FIRST, SECOND], Phase.PRE)
    with pytest.raises(MigrationSkipped, match=r"0002_pre_second.*gleichfall migrate' first"):
        names([FIRST], Phase.POST)


def test_while_nothing_runs_both_phases_go_in_order() -> None:
    assert names([FIRST], None) == [SECOND.name, CLEAN.name, THIRD.name]


def test_an_applied_file_stays_as_it_was() -> None:
    with pytest.raises(MigrationChanged):
        due("intake", ALL, {FIRST.name: "another"}, Phase.PRE)
