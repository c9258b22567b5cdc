"""What must be mended before a measure can be agreed."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.controlling.measures.agreeing import Agreeing, Fault, faults

TODAY = date(2026, 12, 1)
WHOLE = {
    "on": 3, "finding": [4, 3, 4], "kind": "training", "title": " Üben ", "owner": "controlling",
    "unit": "", "due": "2026-12-01",
}  # fmt: skip


def lacking(**changed: object) -> list[Fault]:
    return list(faults(Agreeing.model_validate(WHOLE | changed), {"unit-1"}, TODAY))


def test_what_is_whole_can_be_agreed() -> None:
    assert lacking() == []
    plan = Agreeing.model_validate(WHOLE).plan
    assert (plan.title, plan.unit, plan.findings) == ("Üben", None, (3, 4))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"finding": []}, Fault.FINDING),
        ({"kind": ""}, Fault.KIND),
        ({"title": "  "}, Fault.TITLE),
        ({"owner": ""}, Fault.OWNER),
        ({"owner": "auditor"}, Fault.OWNER),
        ({"owner": "unit_head"}, Fault.UNIT),
        ({"unit": "unit-9"}, Fault.UNIT),
        ({"due": ""}, Fault.DUE),
        ({"due": "2026-11-30"}, Fault.DUE),
    ],
)
def test_each_lack_is_named(changed: dict[str, object], fault: Fault) -> None:
    assert lacking(**changed) == [fault]


@pytest.mark.parametrize(
    "changed", [{"kind": "bribe"}, {"finding": [0]}, {"title": "x" * 201}, {"on": 2**63}]
)
def test_what_no_form_of_ours_sends_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Agreeing.model_validate(WHOLE | changed)
