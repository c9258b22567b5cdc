"""A period's figures are the same whether its reviews come from the register or from a file."""

import csv
from pathlib import Path

import pytest
from pydantic_core import from_json

from deploy.local.infrastructure import Addresses
from services.controlling.errors import PeriodUnknown
from services.controlling.figures.errors import QuestionUnknown
from services.controlling.statistics.errors import NothingReviewed
from tests.integration.controlling_helpers import Operator
from tests.integration.review_helpers import Desk
from tests.integration.reviewed_period_helpers import CRITERIA, Reviewers, closed, write

pytestmark = pytest.mark.stack

MAY_KEY = "2026-05"
ASKED = [
    (),
    ("--question", "on_the_facts"),
    *(("--question", code) for code in CRITERIA),
    ("--error", "disputable", "--error", "wrong"),
    ("--by", "decision_type"),
    ("--question", "S1", "--by", "V2", "--error", "minor_error"),
]


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
    for asked in ASKED:
        register = await stats.does("period", MAY_KEY, *asked, "--json")
        assert register == await stats.does("period", MAY_KEY, str(own), *asked, "--json")
    assert from_json(await stats.does("period", MAY_KEY, "--json"))["whole"]["n"] > 7


async def test_what_isnt_signed_by_both_says_nothing(desk: Desk, stats: Operator) -> None:
    await closed(desk.controlling, 40)
    await Reviewers(desk.owner, desk.controlling, 1).review(ended=1)
    whole = from_json(await stats.does("period", MAY_KEY, "--json"))["whole"]
    twice = await desk.owner.fetch(
        "SELECT decision_id FROM controlling.review WHERE round = 2 AND state = 'signed' LIMIT 3"
    )
    await desk.owner.execute(
        "UPDATE controlling.review SET state = 'in_review', signed_at = NULL"
        " WHERE round = 2 AND decision_id = ANY($1)",
        [row["decision_id"] for row in twice],
    )
    left = from_json(await stats.does("period", MAY_KEY, "--json"))["whole"]
    assert (len(twice), left["reviewed"]) == (3, whole["reviewed"] - 3)


async def test_who_reviewed_for_another_reason_is_exported_and_never_counted(
    desk: Desk, stats: Operator, exporting: Operator, tmp_path: Path
) -> None:
    await closed(desk.controlling, 40)
    await Reviewers(desk.owner, desk.controlling, 2).review(ended=1)
    before = from_json(await stats.does("period", MAY_KEY, "--json"))
    random = await desk.owner.fetchval(
        "UPDATE controlling.draw SET reasons = '{appeal}' WHERE decision_id = ("
        " SELECT decision_id FROM controlling.draw WHERE 'random' = ANY(reasons) LIMIT 1)"
        " RETURNING decision_id"
    )
    await desk.owner.execute(
        "UPDATE controlling.decision SET drawn = false WHERE decision_id = $1", random
    )
    found = from_json(await stats.does("period", MAY_KEY, "--json"))
    assert found["whole"]["reviewed"] == before["whole"]["reviewed"] - 1
    assert (
        "1 reviews had another cause than the random draw; they are left out."
        in (found["footnotes"])
    )
    exported = tmp_path / "exported.csv"
    await exporting.does("export", MAY_KEY, "--out", str(exported))
    assert random in exported.read_text()


async def test_what_cant_be_answered_says_why(
    desk: Desk, stats: Operator, exporting: Operator, tmp_path: Path
) -> None:
    await closed(desk.controlling, 40)
    assert isinstance(await stats.fails("period", "2031-01"), PeriodUnknown)
    assert isinstance(await stats.fails("period", MAY_KEY), NothingReviewed)
    await Reviewers(desk.owner, desk.controlling, 3).review()
    unknown = await stats.fails("period", MAY_KEY, "--question", "Q9")
    assert isinstance(unknown, QuestionUnknown)
    assert "no review asks the question Q9; what they were asked: on_the_file" in str(unknown)
    file = str(tmp_path / "exported.csv")
    assert isinstance(await exporting.fails("export", "2031-01", "--out", file), PeriodUnknown)
    assert not Path(file).exists()  # noqa: ASYNC240


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
