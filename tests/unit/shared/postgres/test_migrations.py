"""Which migrations are due in which phase."""

from collections.abc import Sequence

import pytest

from shared.postgres.errors import MigrationChanged, MigrationSkipped, ReleasesSkipped
from shared.postgres.migrations import Migration, Phase, Standing, due, standing

FIRST = Migration("0001_pre_first", "CREATE TABLE a ();")
SECOND = Migration("0002_pre_second", "CREATE TABLE b ();")
CLEAN = Migration("0003_post_clean", "DROP TABLE a;")
THIRD = Migration("0004_pre_third", "CREATE TABLE c ();")
SWEEP = Migration("0005_post_sweep", "DROP TABLE b;")
ALL = [FIRST, SECOND, CLEAN, THIRD, SWEEP]


def stands(applied: Sequence[Migration], files: Sequence[Migration] = ALL) -> Standing:
    return standing("intake", files, {one.name: one.checksum for one in applied})


def names(
    applied: Sequence[Migration], phase: Phase, files: Sequence[Migration] = ALL
) -> list[str]:
    return [one.name for one in due({"intake": stands(applied, files)}, phase)["intake"]]


@pytest.mark.parametrize("phase", list(Phase))
def test_a_new_schema_gets_everything_in_order(phase: Phase) -> None:
    assert names([], phase) == [one.name for one in ALL]


def test_what_takes_away_waits_for_its_own_phase() -> None:
    assert names([FIRST], Phase.PRE, ALL[:3]) == [SECOND.name]
    assert names([FIRST, SECOND], Phase.PRE, ALL[:3]) == []
    assert names([FIRST, SECOND], Phase.POST, ALL[:3]) == [CLEAN.name]
    assert names([FIRST, SECOND, CLEAN], Phase.PRE) == [THIRD.name]
    assert names(ALL, Phase.PRE) == names(ALL, Phase.POST) == []


def test_a_release_is_finished_before_the_next_begins() -> None:
    with pytest.raises(MigrationSkipped, match=r"0003_post_clean.*migrate --post' first"):
        names([FIRST, SECOND], Phase.PRE)
    assert names([FIRST, SECOND], Phase.POST) == [CLEAN.name]
    with pytest.raises(MigrationSkipped, match=r"0004_pre_third.*gleichfall migrate' first"):
        names([FIRST, SECOND, CLEAN], Phase.POST)


def test_several_releases_at_once_are_refused_in_both_phases() -> None:
    """What the first of them takes away, running processes still need; the last one adds to it."""
    for phase in Phase:
        with pytest.raises(ReleasesSkipped, match=r"lacks 0002_pre_second.*migrate --stopped"):
            names([FIRST], phase)


def test_what_one_schema_has_to_finish_first_holds_up_the_others() -> None:
    schemas = {"intake": stands([FIRST], ALL[:3]), "notify": stands([FIRST, SECOND])}
    with pytest.raises(MigrationSkipped, match=r"0004_pre_third of notify comes after 0003"):
        due(schemas, Phase.PRE)
    assert due(schemas, Phase.POST) == {"intake": [], "notify": [CLEAN]}


def test_while_nothing_runs_all_that_is_missing_is_due_in_order() -> None:
    assert stands([FIRST]) == Standing(new=False, missing=ALL[1:])
    assert stands([]).new


def test_an_applied_file_stays_as_it_was() -> None:
    with pytest.raises(MigrationChanged):
        standing("intake", ALL, {FIRST.name: "another"})
