"""What no figure can be made of is refused in a sentence, and soon."""

import pytest
from click.testing import CliRunner, Result

from services.controlling.calculator.commands import stats
from services.controlling.statistics.errors import ConfidenceTooHigh

SAMPLER = ("sampler", "--seed", "1")


def run(*words: str) -> Result:
    return CliRunner().invoke(stats, words)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((*SAMPLER, "--take", "3", "--range", "1", str(10**14)), "holds more than 1,000,000"),
        ((*SAMPLER, "--take", str(3 * 10**10), "--range", "1", "3", "--replacement"), "--take"),
        (("interval", "--errors", "1", "--sample", str(10**20)), "--sample"),
        (("interval", "--errors", "1", "--sample", "9", "--confidence", "1e-999999999"), "digits"),
    ],
)
def test_what_would_never_end_or_fit_is_refused(words: tuple[str, ...], reason: str) -> None:
    found = run(*words)

    assert found.exit_code == 2
    assert reason in found.output


@pytest.mark.parametrize("method", ["exact", "wilson"])
def test_a_confidence_that_floats_cant_tell_from_certainty_is_refused(method: str) -> None:
    sure = "0." + 30 * "9"
    failed = run(
        *("interval", "--errors", "1", "--sample", "9", "--confidence", sure, "--method", method)
    )

    assert isinstance(failed.exception, ConfidenceTooHigh)


@pytest.mark.parametrize("errors", [0, 1, 5 * 10**11, 10**12])
def test_an_interval_of_the_largest_sample_holds_its_own_rate(errors: int) -> None:
    found = dict(
        line.split()
        for line in run(
            "interval", "--errors", str(errors), "--sample", str(10**12)
        ).output.splitlines()
    )

    assert float(found["lower"]) <= float(found["rate"]) <= float(found["upper"])


def test_help_names_a_default_without_brackets() -> None:
    shown = " ".join(run("interval", "--help").output.split())

    assert "How sure the statement is. By default 0.95." in shown
