"""What is told of few decisions is held against what was told of them before."""

from collections.abc import Mapping

from services.controlling.figures.beside import AsTold, Finding, Output, release_beside
from services.controlling.statistics.rounding import within
from services.controlling.statistics.suppression import Telling


def output(
    found: Mapping[str, list[Finding]], lines: Mapping[str, list[str]], told: Mapping[str, AsTold]
) -> Output[object]:
    """Tell the rates of some lines, each made of parts, by the steps that they lie in."""

    def telling(parts: list[str]) -> Telling[object]:
        size = sum(len(found[part]) for part in parts)

        def tell(errors: Mapping[str, int], step: int) -> object:
            return within(sum(errors[part] for part in parts) / size, step)

        return Telling(dict.fromkeys(parts, 1 / size), tell)

    findings = {finding: part for part, inside in found.items() for finding in inside}
    return Output(findings, {line: telling(parts) for line, parts in lines.items()}, told)


def findings(begin: int, size: int, errors: int) -> list[Finding]:
    return [
        Finding(f"d{begin + number}", "wrong" if number < errors else "correct", number < errors)
        for number in range(size)
    ]


MANY, FEW = findings(0, 40, 10), findings(100, 2, 1)
LINES = {"all": ["many", "few"]}


def test_the_very_same_figure_is_told_as_it_was() -> None:
    before = output({"many": MANY, "few": FEW}, LINES, {"all": AsTold(100, "as it was")})
    now = output({"many": MANY, "few": FEW}, LINES, {})
    assert release_beside(now, [before]) == {"all": "as it was"}


def test_what_would_tell_of_two_decisions_beside_it_is_told_roughly_or_not() -> None:
    """Of 40 at the finest step alone: beside 42 at the finest step it would tell of two."""
    alone = output({"many": MANY}, {"many": ["many"]}, {})
    assert release_beside(alone) == {"many": within(10 / 40, 1)}
    told = within(11 / 42, 1)
    before = output({"many": MANY, "few": FEW}, LINES, {"all": AsTold(1, told)})
    assert release_beside(alone, [before])["many"] != within(10 / 40, 1)


def test_another_answer_of_a_later_edition_is_another_finding() -> None:
    """One of 40 answers otherwise: at the finest step both editions would tell which way."""
    first = output({"many": MANY}, {"many": ["many"]}, {"many": AsTold(1, within(10 / 40, 1))})
    otherwise = [Finding(MANY[0].decision, "correct", error=False), *MANY[1:]]
    later = output({"many": otherwise}, {"many": ["many"]}, {})
    assert release_beside(later, [first])["many"] != within(9 / 40, 1)
