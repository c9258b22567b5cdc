"""Several periods are one figure: each stratum of each period weighs what it holds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.controlling.figures.cells import WHOLE, Cell, Kind
from services.controlling.figures.errors import PeriodsReversed
from services.controlling.figures.footnotes import Note, frame_footnotes
from services.controlling.figures.period import Asked, PeriodFigures, Told, period_figures
from services.controlling.figures.period_range import periods_and_files
from services.controlling.figures.report import FOLDER
from services.controlling.figures.reviews import DECISION, ON_THE_FILE, Answer, Review
from services.controlling.figures.sample import Latecomers, Sample, together
from services.controlling.figures.store import REGISTER
from services.controlling.figures.told import ToldRate
from services.controlling.periods.deadlines import Promise
from services.controlling.policy.errors import NoPeriodAfter
from services.controlling.statistics.errors import CountsContradict
from services.controlling.statistics.intervals import Interval
from services.controlling.statistics.rounding import around, within
from services.controlling.statistics.stratified import DomainStratum
from services.controlling.statistics.stratified_limits import stratified_limits
from services.controlling.statistics.tables import Row
from shared.web.pages.spoken import spoken

KEY = "work/adverse/unit-2"
Found = tuple[int, int, int]
"""Decisions of a stratum, reviewed ones, errors."""


def reviewed(period: str, strata: dict[str, Found], kind: str = "a") -> tuple[Sample, list[Review]]:
    drawn, reviews = {}, []
    for stratum, (_, sample, errors) in strata.items():
        for number in range(sample):
            decision = f"{period} {stratum} {number}"
            drawn[decision] = stratum
            answer = Answer.WRONG if number < errors else Answer.CORRECT
            row = Row(REGISTER, 2, {DECISION: decision, "kind": kind})
            reviews.append(Review(decision, {ON_THE_FILE: answer}, put_right=False, row=row))
    sizes = {stratum: one[0] for stratum, one in strata.items()}
    return Sample(drawn, sizes, dict.fromkeys(sizes, 7), Promise.PROVED, witnessed=True), reviews


def figures(*periods: tuple[str, dict[str, Found]], asked: Asked = Asked()) -> PeriodFigures:  # noqa: B008 - frozen
    made = {key: reviewed(key, strata) for key, strata in periods}
    reviews = [one for _, found in made.values() for one in found]
    return period_figures(together({key: one for key, (one, _) in made.items()}), reviews, asked)


def shown(found: PeriodFigures, cell: Cell = WHOLE) -> ToldRate:
    rate = found.rows[cell].plain
    assert rate is not None
    assert rate.estimate is not None
    return rate


JANUARY = ("2026-01", {KEY: (100, 20, 4), "family/adverse/unit-3": (50, 10, 1)})
FEBRUARY = ("2026-02", {KEY: (300, 10, 1), "family/adverse/unit-3": (50, 10, 3)})


def test_one_period_stays_as_it_is() -> None:
    sample, _ = reviewed(*JANUARY)
    assert together({"2026-01": sample}) is sample


def test_each_period_weighs_by_its_decisions() -> None:
    """A stratum's 4 of 20 stand for 20 errors of 100, its 1 of 10 for 30 of 300."""
    found = shown(figures(JANUARY, FEBRUARY), Cell(Kind.STRATUM, KEY))
    assert (found.population, found.sample) == (400, 30)
    assert found.estimate is not None
    assert found.estimate.rate == within((20 + 30) / 400, 1)
    limits = stratified_limits([
        DomainStratum("january", 100, 20, 20, 4), DomainStratum("february", 300, 10, 10, 1)
    ])  # fmt: skip
    assert found.estimate.limits == around(limits, 1)


def test_what_nobody_reviewed_is_counted_beside_what_was_told_of_another_month() -> None:
    march = ("2026-03", {KEY: (300, 0, 0), "family/adverse/unit-3": (50, 10, 3)})
    january, found = reviewed(*JANUARY)
    before = Told(january, found, Asked(), figures(JANUARY))
    of_march, more = reviewed(*march)
    both = together({"2026-01": january, "2026-03": of_march})
    told = period_figures(both, [*found, *more], Asked(), [before])
    row = told.rows[Cell(Kind.STRATUM, KEY)].plain
    assert row is not None
    assert (row.population, row.sample) == (400, 20)


def test_units_are_compared_as_they_are_today_beside_what_was_told_of_those_of_then() -> None:
    sample, found = reviewed(
        "2026-01",
        {
            f"{group}/adverse/unit-{number}": (100, 40, errors)
            for group in ("work", "family")
            for number, errors in ((1, 4), (2, 20), (3, 6))
        },
    )
    before = Told(sample, found, Asked(), period_figures(sample, found, Asked()))
    merged = Asked(unit_now=lambda unit, _: "unit-1" if unit == "unit-1" else "unit-9")
    told = period_figures(sample, found, merged, [before])
    assert told.consistency is None or set(told.consistency.units) == {"unit-1", "unit-9"}


def test_the_whole_has_the_strata_of_all_periods() -> None:
    found = shown(figures(JANUARY, FEBRUARY))
    assert found.population == 500
    assert found.estimate is not None
    assert found.estimate.rate == within((20 + 5 + 30 + 15) / 500, 1)
    assert found.estimate.method == "stratified"


def test_two_months_alike_are_known_better_than_one() -> None:
    one, two = shown(figures(JANUARY)), shown(figures(JANUARY, ("2026-02", JANUARY[1])))
    assert one.estimate is not None
    assert two.estimate is not None
    assert one.estimate.rate == two.estimate.rate
    narrow, wide = (each.limits.upper - each.limits.lower for each in (two.estimate, one.estimate))
    assert narrow < wide


def test_footnotes_are_joined() -> None:
    late = replace(reviewed(*JANUARY)[0], promise=Promise.LATE, late=Latecomers(2), gaps=["one"])
    told = replace(
        reviewed(*FEBRUARY)[0], promise=Promise.TOLD, late=Latecomers(3, 1, {"d"}), gaps=["two"]
    )
    empty = Sample({}, {}, {}, Promise.PROVED, witnessed=False)
    sample = together({"2026-01": late, "2026-02": told, "2026-03": empty})
    assert (sample.promise, list(sample.gaps)) == (Promise.LATE, ["one", "two"])
    assert (sample.late.undrawn, sample.late.earlier, sample.late.drawn) == (5, 1, {"d"})
    assert not sample.witnessed
    assert (sample.periods, sample.empty) == (["2026-01", "2026-02", "2026-03"], ["2026-03"])
    reviews = [one for made in (JANUARY, FEBRUARY) for one in reviewed(*made)[1]]
    say = spoken("en", FOLDER)
    found = period_figures(sample, reviews, Asked()).footnotes
    notes = {one.note: one.told(say) for one in found}
    assert "all 500 decisions of 2026-01, 2026-02, 2026-03" in notes[Note.SEVERAL]
    assert notes[Note.EMPTY] == "Nothing was decided in 2026-03."
    assert "one draw or more" in notes[Note.PROMISED_LATE]
    assert Note.POPULATION not in notes


def test_what_came_late_in_another_of_the_periods_stands_in_one_footnote() -> None:
    """Of three of January, February registered two, and April one."""
    january = replace(
        reviewed(*JANUARY)[0], late=Latecomers(elsewhere=["2026-02", "2026-02", "2026-04"])
    )
    february = replace(reviewed(*FEBRUARY)[0], late=Latecomers(earlier=2))
    late = together({"2026-01": january, "2026-02": february}).late
    notes = {one.note: one.values for one in frame_footnotes(late, [])}
    assert notes[Note.EARLIER]["earlier"] == 2
    assert notes[Note.ELSEWHERE]["elsewhere"] == 1


def test_a_decision_of_two_periods_is_refused() -> None:
    sample, _ = reviewed(*JANUARY)
    with pytest.raises(CountsContradict, match="two periods"):
        together({"2026-01": sample, "2026-02": sample})


def renamed(unit: str, _: str) -> str:
    return {"sg-work": "unit-2", "sg-labour": "unit-2"}.get(unit, unit)


def test_a_unit_goes_on_under_its_name_of_today() -> None:
    before = ("2026-01", {"work/adverse/sg-work": (100, 20, 4), "eu/adverse/sg-labour": (40, 8, 1)})
    found = figures(before, FEBRUARY, asked=Asked(unit_now=renamed))
    units = {cell.name for cell in found.rows if cell.kind is Kind.UNIT}
    assert units == {"unit-2", "unit-3"}
    assert shown(found, Cell(Kind.UNIT, "unit-2")).population == 440
    assert shown(found, Cell(Kind.STRATUM, KEY)).population == 400


def test_two_units_that_were_merged_keep_their_own_weights_within_a_period() -> None:
    """5 of 10 stand for 50 of 100, 0 of 10 for none of 20."""
    both = {"work/adverse/sg-work": (100, 10, 5), "work/adverse/sg-labour": (20, 10, 0)}
    found = shown(
        figures(("2026-01", both), asked=Asked(unit_now=renamed)), Cell(Kind.STRATUM, KEY)
    )
    assert found.population == 120
    assert found.estimate is not None
    assert found.estimate.rate == within(50 / 120, 1)


def test_what_has_no_answer_stands_beside_a_part_that_cuts_across_strata() -> None:
    """Two of 20 drawn ones have no answer; both may belong to the part."""
    (sample, reviews), asked = reviewed("2026-01", {KEY: (100, 20, 8)}), Asked(by="kind")
    answered = [
        replace(one, row=Row(REGISTER, 2, {**one.row.cells, "kind": "b" if number % 2 else "a"}))
        for number, one in enumerate(reviews[:18])
    ]
    rate = period_figures(sample, answered, asked).rows[Cell(Kind.CHOSEN, "a")].plain
    assert rate is not None
    assert rate.missing == 2
    assert rate.bounds == around(Interval(4 / 11, 6 / 11), 1)


@pytest.mark.parametrize(
    ("words", "periods", "files"),
    [
        (["2026-05"], ["2026-05"], []),
        (["2026-11..2027-02"], ["2026-11", "2026-12", "2027-01", "2027-02"], []),
        (["2026-Q1..2026-Q3", "x.csv"], ["2026-Q1", "2026-Q2", "2026-Q3"], ["x.csv"]),
        (["2025..2026"], ["2025", "2026"], []),
        (["2026-01", "2026-01..2026-02", "./2026"], ["2026-01", "2026-02"], ["./2026"]),
        (["2026-13", "2026-5"], [], ["2026-13", "2026-5"]),
    ],
)
def test_periods_are_told_from_files(
    words: Sequence[str], periods: list[str], files: list[str]
) -> None:
    assert periods_and_files(words) == (periods, files)


@pytest.mark.parametrize("word", ["2026-05..2026-04", "2026-01..2026-Q1", "2026..2026-05"])
def test_a_range_that_leads_nowhere_is_refused(word: str) -> None:
    with pytest.raises(PeriodsReversed, match=r"2026-01\.\.2026-06"):
        periods_and_files([word])


@pytest.mark.parametrize(
    ("word", "last"),
    [
        ("9999-12", "9999-12"),
        ("2026-01..9999-12", "9999-12"),
        ("9999-Q4", "9999-Q4"),
        ("2026..9999", "9999"),
    ],
)
def test_the_period_that_ends_the_calendar_is_refused(word: str, last: str) -> None:
    with pytest.raises(NoPeriodAfter, match=f"^{last} ends the calendar"):
        periods_and_files([word])
    assert periods_and_files(["9999-11", "9999-Q3", "9998"])[0] == ["9999-11", "9999-Q3", "9998"]
