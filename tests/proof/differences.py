"""Whether units that err more are found, and no others."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from services.controlling.statistics.charts import Counts
from services.controlling.statistics.consistency import differences
from tests.proof.histories import Month, answers, wrong

ODD = {"unit-work": 3.0, "unit-family": 3.0}
"""Injected: these units err three times as often as the others."""
CRITERION = "S1"
"""It applies to every decision alike but for the direction, so units are comparable by that."""
FALSE_DISCOVERIES = 0.05


class Found(NamedTuple):
    """What the tests named.

    Attributes:
        tests: Histories drawn and tested.
        injected: Units that differ, over all tests.
        right: Of those, how many were named.
        false: Units named although they don't differ.
        alarms: Tests that named any unit wrongly.
        false_share: Mean share of the named units that don't differ: the false discovery rate.
    """

    tests: int
    injected: int
    right: int
    false: int
    alarms: int
    false_share: float


def named(months: Sequence[Month], draw: int) -> set[str]:
    """Name the units that differ, from the reviews of all months together."""
    mix: dict[str, dict[str, Counts]] = {}
    for month in months:
        for name in month.sample(draw).drawn:
            one = month.decisions[name]
            units = mix.setdefault(one.direction.value, {})
            errors, sample = units.get(one.unit, (0, 0))
            units[one.unit] = Counts(errors + wrong(answers(one)[CRITERION]), sample + 1)
    found = differences(mix, FALSE_DISCOVERIES).units
    return {unit for unit, one in found.items() if one and one.discovered}


def score(findings: Sequence[Collection[str]], injected: Mapping[str, float]) -> Found:
    """Hold what was named against what was injected."""
    false = [len(set(found) - injected.keys()) for found in findings]
    return Found(
        len(findings),
        len(findings) * len(injected),
        sum(len(set(found) & injected.keys()) for found in findings),
        sum(false),
        sum(map(bool, false)),
        sum(wrongly / max(1, len(found)) for wrongly, found in zip(false, findings, strict=True))
        / len(findings),
    )
