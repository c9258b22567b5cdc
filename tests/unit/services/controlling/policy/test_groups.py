"""The groups that a period keeps are those of the catalogue."""

from datetime import date

from services.controlling.policy.groups import TypeGroups
from shared.law.decision_types import DecisionTypes

TYPES = DecisionTypes.load()
DAYS = [date(2004, 12, 31), date(2015, 8, 1), date(2020, 3, 1), date(2026, 5, 4), date(2040, 1, 1)]


def test_every_type_has_the_group_of_the_catalogue_on_every_day() -> None:
    kept = TypeGroups.model_validate_json(TypeGroups.of(TYPES).model_dump_json())
    for code in [*TYPES.codes, "nothing-like-it"]:
        for day in DAYS:
            assert kept.group_of(code, day) == TYPES.group_of(code, day), (code, day)
