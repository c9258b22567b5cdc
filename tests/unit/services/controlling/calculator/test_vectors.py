"""`gleichfall stats` gives every figure that was published, as it was published."""

import ast
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import pytest

from services.controlling.statistics.errors import NoSampleSuffices
from tests.unit.services.controlling.calculator.vectors import needs_vectors, published, stats

pytestmark = needs_vectors

LAST_PRINTED_SIZE = 2_000  # the table leaves larger samples out


def written(file: Path, *lines: Iterable[object]) -> Path:
    file.write_text("".join(",".join(map(str, line)) + "\n" for line in lines), encoding="utf-8")
    return file


def percent(value: object) -> Decimal:
    return Decimal(str(value)) / 100


def test_attribute_sample_sizes_of_the_aicpa() -> None:
    table = published("attribute_sample_size")
    risk = percent(table["risk"])
    for tolerable, row in zip(table["tol"], table["n"], strict=True):
        for expected, size in zip(table["exp"], row, strict=True):
            words = ["--tolerable", percent(tolerable), "--expected", percent(expected)]
            try:
                found = stats("sample-size", *words, "--risk", risk)["n"]
            except NoSampleSuffices:
                assert size is None
                continue
            assert found == size or (size is None and found > LAST_PRINTED_SIZE), words


def test_upper_limits_of_the_aicpa() -> None:
    table = published("upper_limit_percent")
    for sample, row in zip(table["n"], table["ub"], strict=True):
        for errors, limit in enumerate(row):
            upper = stats("upper-limit", "--errors", errors, "--sample", sample)["upper"]
            shown = (Decimal(upper) * 100).quantize(Decimal("0.1"), ROUND_CEILING)
            assert shown == Decimal(str(limit)), (errors, sample)


@pytest.mark.parametrize(("kind", "digits"), [("wilson", 6), ("clopper_pearson", 4)])
def test_intervals(kind: str, digits: int) -> None:
    for row in published(kind):
        for confidence in row.keys() - {"x", "n"}:
            found = stats(
                *("interval", "--errors", row["x"], "--sample", row["n"]),
                *("--confidence", confidence, "--method", kind.replace("_", "-")),
            )
            rounded = [round(found["lower"], digits), round(found["upper"], digits)]
            assert rounded == row[confidence], row


def test_exact_intervals_of_finite_populations() -> None:
    for row in published("hypergeometric_exact")["rows"]:
        found = stats(
            *("interval", "--errors", row["errors"], "--sample", row["sample"]),
            *("--population", row["population"]),
        )
        assert [found["lower_count"], found["upper_count"]] == row["count"]


def test_sample_sizes_for_a_proportion() -> None:
    for row in published("sample_size_proportion"):
        population = ("--population", row["N"]) if "N" in row else ()
        found = stats("proportion-size", "--half-width", row["e"], "--rate", row["P"], *population)
        assert found["n"] == row["n"]


def test_stratified_mean_with_finite_populations(tmp_path: Path) -> None:
    vector = published("stratified")
    rows = [
        (number, stratum["N"], value)
        for number, stratum in enumerate(vector["strata"])
        for value in stratum["x"]
    ]
    file = written(tmp_path / "strata.csv", ("stratum", "population", "value"), *rows)
    found = stats("stratified", file)
    assert found["estimate"] == pytest.approx(vector["mean"], abs=1e-6)
    assert found["standard_error"] == pytest.approx(vector["se_with_fpc"], abs=1e-7)
    assert found["standard_error_without_fpc"] == pytest.approx(vector["se_without_fpc"], abs=1e-7)


def test_agreement_of_several_reviewers(tmp_path: Path) -> None:
    (vector,) = (one for one in published("agreement") if "data" in one)
    reviewers = [answers.replace("*", "-").split() for answers in vector["data"].values()]
    rows = [
        ["" if answer == "-" else answer for answer in decision]
        for decision in zip(*reviewers, strict=True)
    ]
    file = written(tmp_path / "reviews.csv", vector["data"], *rows)
    for level, alpha in vector["krippendorff_alpha"].items():
        found = stats("agreement", file, "--level", level)
        assert round(found["alpha"]["estimate"], 6) == alpha
    found = stats("agreement", file)
    assert found["cohen"] is None
    ac1 = {limit: round(value, 3) for limit, value in found["ac1"].items()}
    lower, upper = vector["gwet_ac1_ci"]
    assert ac1 == {"estimate": vector["gwet_ac1"], "lower": lower, "upper": upper}


def test_agreement_in_a_table_of_two_reviewers(tmp_path: Path) -> None:
    (vector,) = (one for one in published("agreement") if "table" in one)
    found = stats("agreement", "--table", written(tmp_path / "table.csv", *vector["table"]))
    for name, value, limits in (
        ("cohen", vector["cohen_kappa"], vector["cohen_ci"]),
        ("ac1", vector["gwet_ac1"], vector["ac1_ci"]),
    ):
        assert [round(each, 3) for each in found[name].values()] == [value, *limits]


ACCEPTANCE = "acceptance_sampling.json"


@pytest.mark.parametrize("state", ["normal", "tightened", "reduced"])
def test_single_sampling_plans(state: str) -> None:
    letters = published("code_letters", ACCEPTANCE)["rows"]
    first_lots = {row[3]: row[0] for row in reversed(letters)} | {"R": 500_001}
    for letter, row in published("plans", ACCEPTANCE)[state].items():
        for aql, plan in row.items():
            found = stats(
                *("plan", "--lot", first_lots[letter], "--aql", aql, "--state", state),
                *("--level", "III" if letter == "R" else "II"),
            )
            assert found == {"letter": letter, **plan}


def test_code_letters_of_lot_sizes() -> None:
    for smallest, largest, *letters in published("code_letters", ACCEPTANCE)["rows"]:
        for level, letter in zip(("I", "II", "III"), letters, strict=True):
            for lot in (smallest, largest or 10**9):
                assert stats("plan", "--lot", lot, "--level", level, "--aql", 1)["letter"] == letter


def test_switching(tmp_path: Path) -> None:
    example = published("switching", ACCEPTANCE)["example"]
    file = written(tmp_path / "lots", [example["lots"]])
    assert stats("switching", file)["states"] == ["normal"] * 4 + ["tightened"]
    file = written(tmp_path / "lots", [example["lots"] + " " + example["lots2"]])
    assert stats("switching", file)["state"] == example["then2"]


def test_p_chart(tmp_path: Path) -> None:
    vector = published("p_chart")
    rows = [(defective, vector["n"]) for defective in vector["defective"]]
    found = stats("p-chart", written(tmp_path / "months.csv", ("errors", "sample"), *rows))
    for name in ("centre", "lcl", "ucl"):
        assert found[name] == pytest.approx(vector[name], abs=1e-7)
    assert found["out"] == vector["out"]


def test_funnel() -> None:
    vector = published("funnel")
    for row in vector["rows"]:
        baseline = percent(vector["baseline_percent"])
        found = stats("funnel", "--baseline", baseline, "--sample", row["n"])
        lower = {"lower95": found["lower95"], "lower998": found["lower998"]}
        both = {name: [found[f"lower{name}"], found[f"upper{name}"]] for name in ("95", "998")}
        for name, limit in row.items():
            if name != "n":
                shown = [100 * value for value in both[name]] if name in both else 100 * lower[name]
                assert shown == pytest.approx(limit, abs=1e-6)


def test_rivest_sampler_of_2011() -> None:
    for vector in published("rivest_2011"):
        data = vector["data"]
        found = stats(
            *("sampler", "--method", "rivest-2011", "--replacement", "--seed", data["seed"]),
            *("--take", data["count"], "--range", 1, data["total"]),
        )
        assert [one["id"] for one in found["sample"]] == vector["expected"]


def test_consistent_sampler(tmp_path: Path) -> None:
    for vector in published("consistent_sampler"):
        call = ast.parse(vector["call"], mode="eval").body
        assert isinstance(call, ast.Call)
        first = ast.literal_eval(call.args[0])
        options = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        if isinstance(first, str):
            file = written(tmp_path / "ids", [first])
            words = ("--seed", ast.literal_eval(call.args[1]), "--take", 1, "--digits", 64)
            (drawn,) = stats("sampler", *words, file)["sample"]
            assert vector["expected"].startswith(drawn["ticket"])
            continue
        file = written(tmp_path / "ids", *([one] for one in first))
        take = options.get("take", len(first))
        found = stats("sampler", "--seed", options["seed"], "--take", take, file)
        assert [one["id"] for one in found["sample"]] == vector["expected"]
