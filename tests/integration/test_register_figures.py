"""A period's figures are the same whether its reviews come from the register or from a file."""

import asyncio
import csv
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.errors import PeriodOpen, PeriodUnknown
from services.controlling.figures.errors import (
    BreakdownTells,
    DrawWithoutReviews,
    FiguresUnreleased,
    QuestionUnknown,
    ToldOtherwise,
)
from services.controlling.figures.store import hold_figures
from services.controlling.reviews import assigning
from services.controlling.statistics.errors import NothingReviewed
from tests.integration.controlling_helpers import (
    MAY,
    Operator,
    apply,
    case_events,
    decided,
    policy,
)
from tests.integration.review_helpers import Desk
from tests.integration.reviewed_period_helpers import (
    CRITERIA,
    Reviewers,
    closed,
    released,
    write,
)

pytestmark = pytest.mark.stack

MAY_KEY = "2026-05"
ASKED = [(), *(("--question", code) for code in CRITERIA)]


@pytest.fixture
def stats(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path, group="stats")


@pytest.fixture
def exporting(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path, group="reviews")


@pytest.mark.parametrize("seed", range(3))
async def test_register_and_file_give_the_same_figures_byte_for_byte(
    desk: Desk, stats: Operator, exporting: Operator, tmp_path: Path, seed: int
) -> None:
    await closed(desk.controlling, 120)
    rows = await Reviewers(desk.owner, desk.controlling, seed).review()
    own = write(rows, tmp_path / "own.csv")
    exported = tmp_path / "exported.csv"
    await exporting.does("export", MAY_KEY, "--out", str(exported))
    assert _cells(exported) == _cells(own)
    await released(desk.controlling, MAY_KEY)
    for asked in ASKED:
        register = from_json(await stats.does("period", MAY_KEY, *asked, "--json"))
        assert register.pop("editions") == {MAY_KEY: 1}
        assert register.pop("released_at")
        file = from_json(await stats.does("period", MAY_KEY, str(own), *asked, "--json"))
        assert not any(taken_out(register, "corrected"))
        assert not (any(taken_out(file, "corrected")) and asked)
        assert not any(beyond_chance_taken_out(register))
        assert any(beyond_chance_taken_out(file)) is not bool(asked)
        assert register == file
    assert from_json(await stats.does("period", MAY_KEY, "--json"))["whole"]["n"] > 7


def taken_out(figures: Any, name: str) -> list[Any]:
    """Take one figure out of all lines."""
    kinds = ("units", "groups", "directions", "strata")
    lines = [figures["whole"], *(line for kind in kinds for line in figures[kind].values())]
    return [line.pop(name) for line in lines if line is not None]


def beyond_chance_taken_out(figures: Any) -> list[Any]:
    """Take out what is told of agreement beyond how often it was."""
    told = figures["agreement"] or {}
    return [told.pop(name, None) for name in ("cohen", "ac1", "alpha")]


async def test_figures_of_a_table_have_nothing_of_the_reviews_that_the_register_holds(
    desk: Desk, stats: Operator, tmp_path: Path
) -> None:
    """A table of half of the reviews tells the same when the register has none any more."""
    await closed(desk.controlling, 120)
    rows = await Reviewers(desk.owner, desk.controlling, 1).review()
    table = str(write(rows[: len(rows) // 2], tmp_path / "half.csv"))
    told = await stats.does("period", MAY_KEY, table, "--json")
    await desk.owner.execute(
        "UPDATE controlling.review SET state = 'in_review', signed_at = NULL WHERE state = 'signed'"
    )
    assert await stats.does("period", MAY_KEY, table, "--json") == told


async def test_figures_are_told_again_as_they_were(desk: Desk, stats: Operator) -> None:
    """Whatever is signed later, and whatever else was asked meanwhile."""
    await closed(desk.controlling, 120)
    await Reviewers(desk.owner, desk.controlling, 1).review()
    unreleased = await stats.fails("period", MAY_KEY)
    assert isinstance(unreleased, FiguresUnreleased)
    assert "drawn decisions are reviewed" in str(unreleased)
    await released(desk.controlling, MAY_KEY)
    first = await stats.does("period", MAY_KEY, "--json")
    by_type = await stats.does("period", MAY_KEY, "--by", "decision_type", "--json")
    await desk.owner.execute(
        "UPDATE controlling.review SET state = 'in_review', signed_at = NULL"
        " WHERE id IN (SELECT id FROM controlling.review WHERE state = 'signed' LIMIT 6)"
    )
    assert await stats.does("period", MAY_KEY, "--json") == first
    assert await stats.does("period", MAY_KEY, "--by", "decision_type", "--json") == by_type
    with_types = from_json(by_type)
    for kind in ("whole", "units", "groups", "directions", "strata"):
        assert with_types[kind] == from_json(first)[kind]
    assert with_types["by"]


async def test_what_was_told_is_told_again_while_others_tell_something_for_the_first_time(
    desk: Desk, stats: Operator
) -> None:
    await closed(desk.controlling, 120)
    await Reviewers(desk.owner, desk.controlling, 1).review()
    await released(desk.controlling, MAY_KEY)
    first = await stats.does("period", MAY_KEY, "--json")
    async with desk.controlling.acquire() as connection, connection.transaction():
        await hold_figures(connection)
        again = await asyncio.wait_for(stats.does("period", MAY_KEY, "--json"), 30)
    assert again == first


async def test_what_was_released_and_told_is_changed_by_no_service(
    desk: Desk, stats: Operator
) -> None:
    await closed(desk.controlling, 40)
    await Reviewers(desk.owner, desk.controlling, 1).review()
    await released(desk.controlling, MAY_KEY)
    await stats.does("period", MAY_KEY)
    for statement in (
        "DELETE FROM released_review",
        "DELETE FROM released_figure",
        "UPDATE released_review SET reviews = '[]'",
        "UPDATE released_figure SET figures = '{}'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.controlling.execute(statement)


async def test_what_would_tell_the_same_answers_otherwise_is_refused(
    desk: Desk, stats: Operator
) -> None:
    await closed(desk.controlling, 120)
    await Reviewers(desk.owner, desk.controlling, 1).review()
    await released(desk.controlling, MAY_KEY)
    for words in (("--error", "disputable"), ("--confidence", "0.9")):
        assert isinstance(await stats.fails("period", MAY_KEY, *words), ToldOtherwise)
    for by in ("F2", "on_the_facts", "unit"):
        assert isinstance(await stats.fails("period", MAY_KEY, "--by", by), BreakdownTells)
    assert isinstance(await stats.fails("period", MAY_KEY, "--draw", __file__), DrawWithoutReviews)


async def test_a_figure_of_several_periods_is_held_against_each_of_them(
    desk: Desk, stats: Operator
) -> None:
    await closed(desk.controlling, 80, months=(3, 4, 5))
    await Reviewers(desk.owner, desk.controlling, 6).review()
    await released(desk.controlling, "2026-03", "2026-04")
    assert isinstance(await stats.fails("period", "2026-03..2026-05"), FiguresUnreleased)
    await released(desk.controlling, MAY_KEY)
    words = ("period", "2026-03..2026-05", "--json")
    told = await stats.does(*words)
    assert await stats.does(*words) == told
    kept = await desk.controlling.fetch("SELECT periods FROM released_figure ORDER BY number")
    assert [row["periods"] for row in kept] == [
        ["2026-03"],
        ["2026-04"],
        ["2026-05"],
        ["2026-03", "2026-04", "2026-05"],
    ]


async def test_who_reviewed_for_another_reason_is_exported_and_never_counted(
    desk: Desk, stats: Operator, exporting: Operator, tmp_path: Path
) -> None:
    await closed(desk.controlling, 40)
    await Reviewers(desk.owner, desk.controlling, 2).review(ended=1)
    random = await desk.owner.fetchval(
        "UPDATE controlling.draw SET reasons = '{appeal}' WHERE decision_id = ("
        " SELECT decision_id FROM controlling.draw WHERE 'random' = ANY(reasons) LIMIT 1)"
        " RETURNING decision_id"
    )
    await desk.owner.execute(
        "UPDATE controlling.decision SET drawn = false WHERE decision_id = $1", random
    )
    reviewed = await desk.owner.fetchval("SELECT count(*) FROM controlling.decision WHERE drawn")
    await released(desk.controlling, MAY_KEY)
    found = from_json(await stats.does("period", MAY_KEY, "--json"))
    assert found["whole"]["reviewed"] == reviewed
    assert (
        "Fewer than 7 reviews had another cause than the random draw; they are left out."
        in (found["footnotes"])
    )
    exported = tmp_path / "exported.csv"
    await exporting.does("export", MAY_KEY, "--out", str(exported))
    assert random in exported.read_text()


async def test_what_was_drawn_and_declined_is_missing_and_bounds_each_rate(
    desk: Desk, stats: Operator
) -> None:
    await closed(desk.controlling, 40, policy("1"))
    who = await desk.person(1)
    await desk.settle()
    given = await desk.next_for(who)
    rows = await Reviewers(desk.owner, desk.controlling, 2).review(ended=1)
    async with desk.change() as change:
        await assigning.decline(change, who, given.id, "my sister")
    await released(desk.controlling, MAY_KEY)
    found = from_json(await stats.does("period", MAY_KEY, "--json"))
    whole, wrong = found["whole"], sum(row["on_the_file"] == "wrong" for row in rows)
    assert (whole["n"], whole["population"], whole["missing"]) == (len(rows), 40, 1) == (39, 40, 1)
    lower, upper = whole["bounds"]["lower"], whole["bounds"]["upper"]
    assert lower <= wrong / 40 < (wrong + 1) / 40 <= upper
    assert upper - lower < 2 / 40 + 2 * whole["step"]
    assert (found["completion"]["drawn"], found["completion"]["answered"]) == (40, 39)
    [note] = [one for one in found["footnotes"] if "have no answer" in one]
    assert note.startswith("1 of 40 drawn decisions")


async def test_what_cant_be_answered_says_why(
    desk: Desk, stats: Operator, exporting: Operator, tmp_path: Path
) -> None:
    await closed(desk.controlling, 40)
    assert isinstance(await stats.fails("period", "2031-01"), PeriodUnknown)
    assert isinstance(await stats.fails("period", MAY_KEY), NothingReviewed)
    await Reviewers(desk.owner, desk.controlling, 3).review()
    await released(desk.controlling, MAY_KEY)
    unknown = await stats.fails("period", MAY_KEY, "--question", "Q9")
    assert isinstance(unknown, QuestionUnknown)
    assert "no review asks the question Q9; what they were asked: on_the_file" in str(unknown)
    file = str(tmp_path / "exported.csv")
    assert isinstance(await exporting.fails("export", "2031-01", "--out", file), PeriodUnknown)
    assert not Path(file).exists()  # noqa: ASYNC240 - nobody waits beside it


async def test_a_period_that_has_not_begun_has_no_figures_and_its_days_are_told(
    desk: Desk, stats: Operator, exporting: Operator
) -> None:
    far = decided(1, MAY.replace(year=2126))
    await apply(desk.controlling, case_events(policy("1")), far)
    for group, asked in ((exporting, "release"), (stats, "period")):
        refusal = await group.fails(asked, "2126-05")
        assert isinstance(refusal, PeriodOpen)
        assert "2126-05 lasts from 2126-05-01 to 2126-05-31 and isn't closed yet" in str(refusal)
        assert "'gleichfall draw close 2126-05': ask again then" in str(refusal)


async def test_what_is_exported_is_noted(desk: Desk, exporting: Operator, tmp_path: Path) -> None:
    await closed(desk.controlling, 40)
    await exporting.does("export", MAY_KEY, "--out", str(tmp_path / "exported.csv"))
    assert await desk.acts() == ["exported"]


def _cells(file: Path) -> list[tuple[str, ...]]:
    """Give what stands in a file's rows in the columns that the test knows of, in some order."""
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = ("decision", "stratum", "decision_type", "on_the_file", "on_the_facts", "second",
             "settled", "put_right", *CRITERIA)  # fmt: skip
    return sorted(tuple(row[column] for column in known) for row in rows)
