"""The policy file: which rate a stratum gets, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from services.controlling.sampling.policy_file import PolicyInvalid, load_policy
from services.controlling.sampling.strata import Stratum
from shared.events.vocabulary import Direction
from shared.service.settings import ROOT

SHIPPED = ROOT / "deploy" / "policy" / "karlsruhe.yaml"


def policy(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("group", "direction", "rate"),
    [
        ("ending-stay", Direction.ADVERSE, "1"),
        ("ending-stay", Direction.FAVOURABLE, "1"),
        ("family", Direction.ADVERSE, "0.2"),
        ("family", Direction.FAVOURABLE, "0.1"),
        ("unlisted", Direction.ADVERSE, "0.05"),
    ],
)
def test_the_first_rate_that_covers_a_stratum_holds(
    group: str, direction: Direction, rate: str
) -> None:
    assert load_policy(SHIPPED).rule_of(Stratum(group, direction, "unit-1")).rate == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version: "1"\ndefault_rate: 1.5', "default_rate"),
        ('version: "1"\ndefault_rate: -0.1', "default_rate"),
        ('version: "1"\ndefault_rate: 0.1\ncap: 164', "cap"),
        ('version: "1"\ndefault_rate: 0.1\nrates: [{rate: 0.1}]', "why"),
        ("default_rate: 0.1", "version"),
        ("version: [", "line"),
    ],
)
def test_a_wrong_policy_names_line_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        load_policy(policy(tmp_path, text))
