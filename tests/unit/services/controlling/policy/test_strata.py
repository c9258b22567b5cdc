"""What strata are called."""

import pytest

from services.controlling.policy.strata import Stratum
from shared.events.vocabulary import Direction


@pytest.mark.parametrize("unit", ["unit-1", "33/1"])
def test_a_stratum_is_read_back_from_its_key(unit: str) -> None:
    stratum = Stratum("work", Direction.ADVERSE, unit)
    assert Stratum.parse(stratum.key) == stratum
