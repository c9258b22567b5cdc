"""Units are compared with like cases, and chance isn't called a finding."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import contingency, false_discovery_control

from services.controlling.statistics.charts import Counts
from services.controlling.statistics.consistency import (
    CaseMix,
    differences,
    discoveries,
    homogeneity,
)
from services.controlling.statistics.errors import (
    CountsContradict,
    NothingReviewed,
    OutOfRange,
    TableInvalid,
)
from tests.unit.services.controlling.calculator.vectors import stats

COUNTS = st.integers(7, 40).flatmap(lambda n: st.builds(Counts, st.integers(0, n), st.just(n)))
MIX = st.dictionaries(
    st.sampled_from(["grant", "refusal", "expulsion"]),
    st.fixed_dictionaries(dict.fromkeys(("north", "south", "west"), COUNTS)),
    min_size=1,
)


def discovered(mix: CaseMix) -> set[str]:
    return {name for name, one in differences(mix).units.items() if one and one.discovered}


def test_a_harder_mix_of_cases_is_no_difference() -> None:
    """Both units err in 30 of 100 hard and 2 of 100 easy cases, but one has more hard ones."""
    mix: CaseMix = {
        "hard": {"north": Counts(270, 900), "south": Counts(30, 100)},
        "easy": {"north": Counts(2, 100), "south": Counts(18, 900)},
    }
    assert homogeneity(mix).p_value == pytest.approx(1)
    assert discovered(mix) == set()


@given(st.lists(st.floats(0, 1).map(lambda p: p**4), min_size=1, max_size=30))
def test_discoveries_are_those_of_the_library(p_values: list[float]) -> None:
    """Its adjusted values are rounded once more, so a tie may fall to either side."""
    adjusted = false_discovery_control(p_values)
    for found, value in zip(discoveries(p_values, 0.05), adjusted, strict=True):
        assert found == (value <= 0.05) or value == pytest.approx(0.05)


@given(COUNTS, COUNTS, COUNTS)
def test_one_kind_of_case_is_the_usual_test_of_a_table(a: Counts, b: Counts, c: Counts) -> None:
    found = homogeneity({"all": {"a": a, "b": b, "c": c}})
    table = [[one.errors for one in (a, b, c)], [one.sample - one.errors for one in (a, b, c)]]
    if not all(map(sum, table)):
        assert found == (0, 0, 1)
        return
    n = sum(map(sum, table))
    pearson = contingency.chi2_contingency(table, correction=False).statistic
    assert found.statistic == pytest.approx(pearson * (n - 1) / n, abs=1e-9)
    assert found.degrees_of_freedom == 2


@given(MIX)
@example({"grant": {"north": Counts(0, 7), "south": Counts(1, 29), "west": Counts(0, 7)}})
def test_with_two_units_both_tests_say_the_same(mix: dict[str, dict[str, Counts]]) -> None:
    pair = {
        kind: {unit: counts[unit] for unit in ("north", "south")} for kind, counts in mix.items()
    }
    expected = homogeneity(pair).p_value
    for one in differences(pair).units.values():
        assert one
        assert one.p_value == pytest.approx(expected, abs=1e-9)


@given(MIX)
def test_expected_and_found_errors_add_up(mix: dict[str, dict[str, Counts]]) -> None:
    found = [one for one in differences(mix).units.values() if one and not one.discovered]
    if len(found) == 3:
        errors = sum(one.errors for one in found)
        assert sum(one.expected for one in found) == pytest.approx(errors)


def test_units_that_differ_are_found_and_false_findings_stay_rare() -> None:
    chance = random.Random(7)

    def unit(rate: float) -> Counts:
        return Counts(sum(chance.random() < rate for _ in range(150)), 150)

    false = missed = 0
    for _ in range(100):
        rates = {f"unit-{number}": 0.05 for number in range(18)} | {"odd-1": 0.25, "odd-2": 0.25}
        names = discovered({"all": {name: unit(rate) for name, rate in rates.items()}})
        odd = {"odd-1", "odd-2"}
        missed += len(odd - names)
        false += bool(names - odd)
    assert missed < 5
    assert false < 40


def test_no_difference_means_no_finding_nearly_always() -> None:
    chance = random.Random(11)
    alarms = 0
    for _ in range(200):
        units = {
            str(number): Counts(sum(chance.random() < 0.1 for _ in range(100)), 100)
            for number in range(8)
        }
        alarms += bool(discovered({"all": units}))
    assert alarms <= 20


def test_a_unit_that_errs_often_does_not_make_the_others_look_good() -> None:
    """Against all three others each usual unit would err too seldom; against each other not."""
    units = {"odd": Counts(120, 200)} | {name: Counts(20, 200) for name in ("a", "b", "c")}
    assert discovered({"all": units}) == {"odd"}
    found = differences({"all": units}).units["a"]
    assert found
    assert found.expected == pytest.approx(20)


def test_units_that_all_differ_for_unknown_reasons_are_no_findings_where_that_was_chosen() -> None:
    chance = random.Random(5)
    rates = [chance.uniform(0.02, 0.5) for _ in range(40)]
    mix = {"all": {str(n): Counts(round(rate * 200), 200) for n, rate in enumerate(rates)}}
    dispersion, _, units = differences(mix, widened=True)
    assert dispersion
    assert dispersion > 5
    for one in units.values():
        assert one
        assert not one.discovered
        assert one.wider_alarm
        assert one.wider_alarm.lower <= one.errors / one.sample <= one.wider_alarm.upper
    assert len(discovered(mix)) == 19


def test_a_unit_with_few_reviews_is_not_shown_nor_can_it_be_worked_out() -> None:
    units = {"north": Counts(1, 6), "south": Counts(2, 30), "west": Counts(9, 90)}
    shown = differences({"all": units}).units
    assert shown["north"] is None
    assert shown["south"] is None
    assert shown["west"] is not None


def test_what_can_not_be_compared_is_said() -> None:
    with pytest.raises(CountsContradict, match="1 units can't differ"):
        homogeneity({"all": {"north": Counts(1, 10)}})
    with pytest.raises(NothingReviewed, match="kind all is empty"):
        homogeneity({"all": {}})
    with pytest.raises(OutOfRange):
        differences({"all": {"a": Counts(1, 5), "b": Counts(1, 5)}}, false_discoveries=0)


def test_a_file_names_who_differs(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    rows = "easy,north,1,90\neasy,south,2,90\nhard,north,30,90\nhard,south,5,90\n"
    file.write_text("kind,unit,errors,sample\n" + rows)
    found = stats("consistency", file)
    assert found["p_value"] < 0.001
    assert found["units"]["north"]["discovered"]
    file.write_text("kind,unit,errors,sample\neasy,north,1,9\neasy,north,2,9\n")
    with pytest.raises(TableInvalid, match="line 3: unit: north stands twice for easy"):
        stats("consistency", file)


def judges(spread: float, number: int = 54) -> CaseMix:
    """Make judges whose true rates lie so far apart, with cases enough to see it."""
    chance = random.Random(54)

    def judge() -> Counts:
        rate = min(0.95, max(0.05, chance.gauss(0.4, spread)))
        return Counts(sum(chance.random() < rate for _ in range(100)), 100)

    return {"all": {f"judge-{at}": judge() for at in range(number)}}


def test_judges_who_differ_are_named_unless_it_was_chosen_to_take_that_for_noise() -> None:
    mix = judges(0.15)
    assert homogeneity(mix).statistic > 400
    plain, widened = differences(mix), differences(mix, widened=True)
    assert sum(one.discovered for one in plain.units.values() if one) >= 20
    assert not any(one.discovered for one in widened.units.values() if one)
    assert plain.overdispersion is None
    assert widened.overdispersion is not None
    assert widened.overdispersion > 5
    for name, one in widened.units.items():
        same = plain.units[name]
        assert one
        assert one.warning
        assert one.wider_warning
        assert same
        assert same.wider_warning is None
        assert one.wider_warning.lower <= one.warning.lower
        assert one.warning.upper <= one.wider_warning.upper


def test_the_command_says_whether_limits_were_widened(tmp_path: Path) -> None:
    file = tmp_path / "judges.csv"
    rows = [f"all,{name},{one.errors},{one.sample}" for name, one in judges(0.15)["all"].items()]
    file.write_text("\n".join(["kind,unit,errors,sample", *rows]) + "\n")
    plain, widened = stats("consistency", file), stats("consistency", file, "--overdispersion")
    assert plain["overdispersion"] is None
    assert widened["overdispersion"] > 5
    assert plain["between_units"] == widened["between_units"]
    assert plain["between_units"]["standard_deviation"] == pytest.approx(0.15, abs=0.04)
    assert plain["units"]["judge-0"]["widened95"] is None
