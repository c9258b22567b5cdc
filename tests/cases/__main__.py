"""`make test-cases`: prints, per area, how many cases pass, and what is to be said of others."""

import sys
from collections import Counter, defaultdict

from tests.cases.judging import VARIABLE, Judged, Outcome, files, judge, read


def main() -> None:
    """Judge every case; leaves with 1 if one fails."""
    found = files()
    if not found:
        sys.exit(
            f"no cases stand beside the checkout (../shared/cases); name files with {VARIABLE}"
        )
    if missing := [str(file) for file in found if not file.is_file()]:
        sys.exit(f"{VARIABLE} names what is no file: {', '.join(missing)}")
    areas: defaultdict[str, list[Judged]] = defaultdict(list)
    for file in found:
        for case in read(file):
            areas[case.area].append(judge(case))
    everything = [one for judged in areas.values() for one in judged]
    for area, judged in sorted(areas.items()):
        _print_area(area, judged)
    _print_line("all", everything)
    if any(one.outcome is Outcome.FAILED for one in everything):
        sys.exit(1)


def _print_area(area: str, found: list[Judged]) -> None:
    _print_line(area, found)
    for judged in found:
        if judged.outcome is Outcome.FAILED:
            print(f"    {judged.case.id} failed: {judged.case.input} is not {judged.case.expected}")
        if judged.outcome is Outcome.AGAINST:
            print(f"    {judged.case.id} decided against: {judged.reason}")
        if judged.outcome is Outcome.NOT_COVERED:
            print(f"    {judged.case.id} not covered; see {judged.reason or 'nothing'}")


def _print_line(title: str, found: list[Judged]) -> None:
    amounts = Counter(judged.outcome for judged in found)
    told = (f"{amounts[one]:3} {one.value}" for one in Outcome if amounts[one])
    print(f"{title:24} {', '.join(told)}")


if __name__ == "__main__":
    main()
