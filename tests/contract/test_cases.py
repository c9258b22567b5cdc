"""What peers are tested with and strangers gave: right here too, or otherwise for a reason."""

import pytest

from shared.configuration.places import ROOT
from tests.cases.case import Case
from tests.cases.judging import CHECKS, ELSEWHERE, Outcome, files, judge, read

COVERED = [case for file in files() for case in read(file) if case.area in CHECKS]


@pytest.mark.parametrize("case", COVERED, ids=lambda case: case.id)
def test_a_case_of_a_covered_area_passes_or_is_decided_against(case: Case) -> None:
    judged = judge(case)

    assert judged.outcome in {Outcome.PASSED, Outcome.AGAINST}
    assert bool(judged.reason) == (judged.outcome is Outcome.AGAINST)


def test_an_area_that_we_do_not_have_yet_is_told_apart() -> None:
    case = Case(id="x", area="pigeon.post", subject="fly", input={}, expected=True)

    assert judge(case).outcome is Outcome.NOT_COVERED


def test_what_holds_an_area_elsewhere_is_there() -> None:
    assert not CHECKS.keys() & ELSEWHERE.keys()
    assert all((ROOT / file).is_file() for file in ELSEWHERE.values())


def test_a_wrong_expectation_fails() -> None:
    case = Case("x", "sms.fragments", "count", {"content": "a" * 161}, 1)

    assert judge(case).outcome is Outcome.FAILED
