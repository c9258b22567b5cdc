"""A period's figures say what was found, how sure it is, and what can't be said."""

from dataclasses import asdict
from itertools import cycle, islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.controlling.calculator.commands import stats as stats_commands
from services.controlling.policy.policy import Policy
from services.controlling.proof.errors import DrawDiffers
from services.controlling.statistics.errors import NothingReviewed, TableInvalid
from services.controlling.statistics.rounding import within
from tests.unit.services.controlling.calculator.vectors import stats
from tests.unit.services.controlling.figures.reviewed import (
    NORTH,
    SOUTH,
    Review,
    decision_id,
    drawn,
    frame,
    period,
    reviews,
    written,
)

HALF = Policy.model_validate(
    {"version": "half", "default_rate": "0.5", "default_minimum": 10}, strict=False
)


FINEST = 0.001


def step_of(rate: float, step: float = FINEST) -> dict[str, float]:
    """The step that a rate lies in."""
    return asdict(within(rate, round(1_000 * step)))


def around(lower: float, upper: float, step: float = FINEST) -> dict[str, float]:
    """Two ends, and the steps that they lie in."""
    return {"lower": step_of(lower, step)["lower"], "upper": step_of(upper, step)["upper"]}


def verdicts(names: list[str], wrong: int, **more: str) -> list[Review]:
    """Give verdicts of which the first so many are wrong."""
    return [
        {"decision": name, "on_the_file": "wrong" if number < wrong else "correct", **more}
        for number, name in enumerate(names)
    ]


def test_a_stratum_has_the_exact_interval_of_its_own_size(tmp_path: Path) -> None:
    decisions = frame(north=200)
    names = drawn(decisions, HALF)
    found = period(
        reviews(tmp_path, verdicts(names, 9)), "--draw", written(tmp_path, decisions, HALF)
    )
    row = found["strata"][NORTH]
    counts = ("--errors", 9, "--sample", len(names))
    exact = stats("interval", *counts, "--population", 200)
    assert (row["n"], row["population"]) == (len(names), 200)
    assert row["rate"]["lower"] <= exact["rate"] < row["rate"]["upper"]
    assert row["lower"] <= exact["lower"] < row["lower"] + FINEST
    assert row["upper"] - FINEST <= exact["upper"] < row["upper"]
    assert (row["method"], row["step"]) == ("exact", FINEST)
    assert row["design_weight"] == 200 / len(names)


def test_the_whole_weighs_each_stratum_by_its_size(tmp_path: Path) -> None:
    decisions = frame(north=40, south=400)
    policy = Policy.model_validate(
        {
            "version": "two",
            "default_rate": "0.1",
            "default_minimum": 20,
            "rates": ({"unit": "north", "rate": "1", "why": "all of it"},),
        },
        strict=False,
    )
    names = drawn(decisions, policy)
    north = [name for name in names if decisions[name] == NORTH]
    south = [name for name in names if decisions[name] == SOUTH]
    rows = verdicts(north, 20) + verdicts(south, 1)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions, policy))
    whole = found["whole"]
    assert whole["rate"] == step_of((20 + 400 / len(south)) / 440)
    assert whole["method"] == "stratified"
    assert whole["lower"] < whole["rate"]["lower"] < whole["upper"]
    assert found["units"]["north"]["rate"] == step_of(0.5)
    file = tmp_path / "strata.csv"
    file.write_text(
        f"stratum,population,errors,sample\nn,40,20,{len(north)}\ns,400,1,{len(south)}\n"
    )
    by_hand = stats("stratified", file)
    limits = {"lower": whole["lower"], "upper": whole["upper"]}
    expected = {name: by_hand[name] for name in ("lower", "upper")}
    assert limits == pytest.approx(expected, abs=FINEST)


def test_errors_are_counted_as_asked_and_only_where_the_question_applies(tmp_path: Path) -> None:
    decisions = frame(north=30)
    answers = ["significant_error", "minor_error", "correct", "not_applicable", "not_applicable"]
    rows = [
        {"decision": name, "F2": answer}
        for name, answer in zip(decisions, islice(cycle(answers), 30), strict=True)
    ]
    words = (reviews(tmp_path, rows), "--draw", written(tmp_path, decisions), "--question", "F2")
    row = period(*words)["strata"][NORTH]
    assert (row["n"], row["reviewed"], row["rate"]) == (18, 30, step_of(1 / 3))
    assert not {"errors", "answers", "standard_error", "wilson"} & row.keys()
    assert row["method"] == "clopper-pearson"
    both = period(*words, "--error", "minor_error", "--error", "significant_error")
    assert both["strata"][NORTH]["rate"] == step_of(2 / 3)


def test_other_rates_stand_beside_the_plain_one(tmp_path: Path) -> None:
    decisions = frame(north=60)
    names = list(decisions)
    rows = verdicts(names, 12, put_right="no", on_the_facts="correct")
    rows = [{**row, "put_right": "yes"} for row in rows[:3]] + rows[3:]
    rows = [{**row, "on_the_facts": "wrong"} for row in rows[:6]] + rows[6:]
    rows = [{**row, "second": row["on_the_file"]} for row in rows[:40]] + rows[40:]
    rows[0] = {**rows[0], "second": "correct", "settled": "correct"}
    row = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))["whole"]
    assert (row["rate"], row["appeal_adjusted"]["rate"]) == (step_of(0.2), step_of(0.15))
    assert (row["on_the_facts"]["n"], row["on_the_facts"]["rate"]) == (60, step_of(0.1))
    corrected = row["corrected"]
    assert corrected["rate"]["lower"] <= 0.2 * 11 / 12 <= corrected["rate"]["upper"]
    assert corrected["lower"] < corrected["rate"]["lower"] < corrected["upper"]


def test_reviewers_agreement_tells_how_often_not_on_what(tmp_path: Path) -> None:
    decisions = frame(north=20)
    rows = [{**row, "second": row["on_the_file"]} for row in verdicts(list(decisions), 5)]
    rows[0] = {**rows[0], "second": "correct"}
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    assert found["agreement"]["n"] == 20
    assert found["agreement"]["same"] == 19
    assert found["agreement"]["ac1"]["estimate"] == 0.9
    assert not {"categories", "matrix"} & found["agreement"].keys()
    assert any(
        one.startswith("Fewer than 7 double reviews that disagree") for one in found["footnotes"]
    )


def test_below_figures_of_a_file_stands_to_whom_they_may_be_passed_on(tmp_path: Path) -> None:
    decisions = frame(north=20)
    file, draw = reviews(tmp_path, verdicts(list(decisions), 5)), written(tmp_path, decisions)
    words = ["period", "2026-05", str(file), "--draw", str(draw), "--language", "en"]
    shown = CliRunner().invoke(stats_commands, words, catch_exceptions=False).stdout
    assert "computed from a file and held against no others" in " ".join(shown.split())


def test_a_unit_that_differs_is_named(tmp_path: Path) -> None:
    decisions = frame(north=80, south=80)
    names = list(decisions)
    rows = verdicts(names[:80], 30) + verdicts(names[80:], 3)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))["consistency"]
    assert found["p_value"] == {"lower": 0.0, "upper": 0.001}
    assert found["units"]["north"]
    assert found["deviation_limits"]["lower"] <= found["deviation"]["lower"]
    assert found["deviation"]["upper"] <= found["deviation_limits"]["upper"]


def test_figures_about_few_decisions_are_hidden_everywhere(tmp_path: Path) -> None:
    decisions = frame(north=5, south=30, west=9)
    rows = verdicts(list(decisions), 4, on_the_facts="correct", put_right="no")
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    assert found["whole"]["n"] == 44
    for kind in ("units", "strata"):
        hidden = {name.rpartition("/")[2] for name, row in found[kind].items() if row is None}
        assert hidden == {"north", "west"}
    units = (found["consistency"] or {"units": {"north": None, "west": None}})["units"]
    assert units["north"] is units["west"] is None


def test_kinds_that_one_unit_alone_decides_leave_no_small_rest(tmp_path: Path) -> None:
    """Unit north less papers would be the 6 decisions about education and free movement."""
    sizes = {
        "papers/adverse/north": 36,
        "education/adverse/north": 4,
        "eu/adverse/north": 2,
        "work/adverse/south": 30,
        "family/adverse/south": 30,
    }
    strata = [key for key, size in sizes.items() for _ in range(size)]
    decisions = {decision_id(number): key for number, key in enumerate(strata)}
    rows = verdicts(list(decisions), 3)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    assert found["whole"]["n"] == 102
    assert found["groups"]["education"] is found["groups"]["eu"] is None
    assert found["units"]["north"] is None or found["groups"]["papers"] is None


def test_facts_of_few_decisions_are_hidden_though_the_row_is_shown(tmp_path: Path) -> None:
    decisions = frame(north=20)
    rows = verdicts(list(decisions), 4)
    rows = [{**row, "on_the_facts": "wrong"} for row in rows[:6]] + rows[6:]
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    assert found["whole"]["n"] == 20
    assert found["whole"]["on_the_facts"] is None


def test_a_column_of_the_reviews_breaks_the_figures_down(tmp_path: Path) -> None:
    decisions = frame(north=60, south=60)
    kinds = cycle(["§ 25 AufenthG", "§ 28 AufenthG", "§ 28 AufenthG"])
    rows = [{**row, "legal_basis": next(kinds)} for row in verdicts(list(decisions), 30)]
    words = (reviews(tmp_path, rows), "--draw", written(tmp_path, decisions), "--by", "legal_basis")
    found = period(*words)["by"]
    assert {name: row["n"] for name, row in found.items()} == {
        "§ 25 AufenthG": 40,
        "§ 28 AufenthG": 80,
    }
    assert found["§ 25 AufenthG"]["population"] is None
    with pytest.raises(TableInvalid, match="lacks the column year"):
        period(*words[:-1], "year")


def test_only_what_was_drawn_at_random_enters(tmp_path: Path) -> None:
    decisions = frame(north=200)
    names = drawn(decisions, HALF)
    others = [name for name in decisions if name not in names][:10]
    rows = verdicts(names, 9) + verdicts(others, 10)
    file = written(tmp_path, decisions, HALF)
    found = period(reviews(tmp_path, rows), "--draw", file)
    assert found["whole"]["n"] == len(names)
    assert found["whole"]["rate"] == step_of(9 / len(names))
    assert any("10 reviews had another cause" in note for note in found["footnotes"])
    found = period(reviews(tmp_path, rows[5:]), "--draw", file)
    note = f"5 of {len(names)} drawn decisions have no answer (yet)"
    assert any(one.startswith(note) for one in found["footnotes"])


def test_no_review_and_none_of_the_sample_are_said(tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text("decision,on_the_file\n")
    draw = written(tmp_path, frame(north=20))
    with pytest.raises(TableInvalid, match="there is no row below the header"):
        period(file, "--draw", draw)
    with pytest.raises(NothingReviewed, match="the reviewed part of the sample is empty"):
        period(reviews(tmp_path, verdicts(["decision-unknown"], 0)), "--draw", draw)


def test_one_decision_shows_nothing(tmp_path: Path) -> None:
    rows = verdicts(list(frame(north=1)), 1)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, frame(north=20)))
    assert found["whole"] is None
    assert found["units"] == {"north": None}
    assert found["consistency"] is None
    assert "One decision was reviewed: no figure about it may be shown." in found["footnotes"]


def test_figures_of_a_draw_that_proves_less_say_so(tmp_path: Path) -> None:
    decisions = frame(north=9)
    rows = [{"decision": name, "on_the_file": "correct"} for name in decisions]
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    assert (
        "Nobody outside says when the seed of this draw was fixed: the draw proves less."
        in (found["footnotes"])
    )


def test_a_stratum_below_its_minimum_is_named(tmp_path: Path) -> None:
    decisions = frame(north=200, south=60)
    rows = verdicts([name for name in drawn(decisions, HALF) if decisions[name] == NORTH], 3)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions, HALF))
    assert f"Reviewed less than the policy's minimum: {SOUTH}." in found["footnotes"]
    assert (
        f"Nothing was reviewed of {SOUTH}: the whole speaks for 200 of 260 decisions."
        in found["footnotes"]
    )


def test_everything_drawn_is_the_truth(tmp_path: Path) -> None:
    decisions = frame(north=30, south=20)
    rows = verdicts(list(decisions), 5)
    found = period(reviews(tmp_path, rows), "--draw", written(tmp_path, decisions))
    whole = found["whole"]
    assert {"lower": whole["lower"], "upper": whole["upper"]} == whole["rate"] == step_of(0.1)
    assert any("Everything was reviewed" in note for note in found["footnotes"])


def test_a_question_that_never_applies_has_no_rate(tmp_path: Path) -> None:
    decisions = frame(north=20)
    rows = [{"decision": name, "N2": "not_applicable"} for name in decisions]
    found = period(
        reviews(tmp_path, rows), "--draw", written(tmp_path, decisions), "--question", "N2"
    )
    assert (found["whole"]["n"], found["whole"]["rate"]) == (0, None)
    assert any("applies to none" in note for note in found["footnotes"])


def test_no_error_and_only_errors_keep_an_interval(tmp_path: Path) -> None:
    decisions = frame(north=300, south=300)
    names = drawn(decisions, HALF)
    draw = written(tmp_path, decisions, HALF)
    none = period(reviews(tmp_path, verdicts(names, 0)), "--draw", draw)
    assert none["whole"]["rate"] == step_of(0)
    assert 0 < none["whole"]["upper"] < 0.02
    only = period(reviews(tmp_path, verdicts(names, len(names))), "--draw", draw)
    assert only["whole"]["rate"] == step_of(1)
    assert only["whole"]["upper"] == 1
    assert 0.98 < only["whole"]["lower"] < 1


def test_a_tampered_draw_gives_no_figures(tmp_path: Path) -> None:
    decisions = frame(north=20)
    draw = written(tmp_path, decisions)
    draw.write_bytes(draw.read_bytes().replace(b'"late":false', b'"late":true', 1))
    with pytest.raises(DrawDiffers):
        period(reviews(tmp_path, verdicts(list(decisions), 2)), "--draw", draw)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("decision,on_the_file\na,fine\n", "line 2: on_the_file: must be one of correct"),
        ("decision,on_the_file\na,\n", "on_the_file: is empty; where nobody asked it"),
        ("decision,on_the_file\na,not_applicable\n", "the question applies to every decision"),
        (
            "decision,on_the_file,second\na,wrong,not_applicable\n",
            "line 2: second: not_applicable is no answer here",
        ),
        ("decision,on_the_file\na,wrong\na,wrong\n", "line 3: decision: a stands in two rows"),
        ("decision,on_the_file,put_right\na,wrong,perhaps\n", "put_right: must be yes or no"),
        ("decision\na\n", "the header lacks the column on_the_file"),
    ],
)
def test_reviews_that_can_not_be_used_are_explained(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text(text)
    with pytest.raises(TableInvalid, match=sentence):
        period(file, "--draw", written(tmp_path, frame(north=20)))


def test_a_criterion_that_applies_to_every_decision_has_no_other_answer(tmp_path: Path) -> None:
    """Z1 is asked of all; V1 doesn't apply where the law waives the hearing."""
    decisions = frame(north=20)
    draw = written(tmp_path, decisions)
    for code in ("Z1", "V1", "M9"):
        file = reviews(
            tmp_path,
            [
                {"decision": name, code: "not_applicable" if number < 5 else "correct"}
                for number, name in enumerate(decisions)
            ],
        )
        if code == "Z1":
            with pytest.raises(TableInvalid, match="Z1: not_applicable is no answer here"):
                period(file, "--draw", draw, "--question", code)
        else:
            assert period(file, "--draw", draw, "--question", code)["whole"]["n"] == 15


def test_what_was_drawn_and_never_reviewed_bounds_each_rate(tmp_path: Path) -> None:
    """Of 40 drawn 30 are reviewed, 3 of them wrong: 3 of 40 at best, 13 of 40 at worst."""
    decisions = frame(north=40)
    found = period(
        reviews(tmp_path, verdicts(list(decisions)[:30], 3)), "--draw", written(tmp_path, decisions)
    )
    row = found["whole"]
    assert (row["missing"], row["bounds"]) == (10, around(3 / 40, 13 / 40))
    assert row["bounds"]["lower"] < row["rate"]["lower"] < row["bounds"]["upper"]
    assert found["completion"]["share"] == 0.75
    assert any("75.0 % of the drawn decisions have an answer" in one for one in found["footnotes"])


def test_a_stratum_nobody_reviewed_is_in_the_bounds_of_the_whole(tmp_path: Path) -> None:
    decisions = frame(north=50, south=50)
    north = [name for name in decisions if decisions[name] == NORTH]
    found = period(reviews(tmp_path, verdicts(north, 5)), "--draw", written(tmp_path, decisions))
    assert found["whole"]["rate"] == step_of(0.1)
    assert found["whole"]["bounds"] == around(0.05, 0.55)


def test_everything_answered_leaves_the_rate_alone(tmp_path: Path) -> None:
    decisions = frame(north=200, south=60)
    names = drawn(decisions, HALF)
    found = period(
        reviews(tmp_path, verdicts(names, 20)), "--draw", written(tmp_path, decisions, HALF)
    )
    whole = found["whole"]
    assert whole["missing"] == 0
    assert whole["bounds"] == whole["rate"]
    assert not any("have an answer" in one for one in found["footnotes"])


def test_a_stratum_reviewed_once_speaks_for_itself_unless_it_would_tell_of_it(
    tmp_path: Path,
) -> None:
    decisions = frame(north=40, south=60)
    south = next(name for name in decisions if decisions[name] == SOUTH)
    north = [name for name in decisions if decisions[name] == NORTH]
    found = period(
        reviews(tmp_path, verdicts([*north, south], 4)), "--draw", written(tmp_path, decisions)
    )
    assert found["whole"] is None, "one review that stands for 60 of 100 would be told by any rate"
    told = "The figures are about all 100 decisions of the period"
    assert any(one.startswith(told) for one in found["footnotes"])
    assert not any("Nothing was reviewed" in one for one in found["footnotes"])
