"""The organisation file: the shipped one is right, wrong ones are told where."""

from collections.abc import Callable
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.law.decision_types import DecisionTypes
from shared.organisation.errors import OrganisationInvalid
from shared.organisation.file import load_organisation
from shared.organisation.model import Reception, Span, Weekday

SHIPPED = Path(__file__).parents[4] / "deploy/organisation/karlsruhe.yaml"
Change = Callable[[dict[str, Any]], object]


def mistakes_after(folder: Path, change: Change) -> list[str]:
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    change(document)
    path = folder / "organisation.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(OrganisationInvalid) as caught:
        load_organisation(path)
    return [f"{mistake.field}: {mistake.reason}" for mistake in caught.value.mistakes]


def test_the_shipped_file_holds_the_public_facts() -> None:
    karlsruhe = load_organisation(SHIPPED)
    assert karlsruhe.staff.filled == Decimal("37.05")
    assert len(karlsruhe.units) == 4
    assert karlsruhe.units[3].name.de == "Humanitärer Aufenthalt, Ausreise und Sicherheit"


def test_a_telephone_line_that_is_a_key_alone_is_called_by_it(tmp_path: Path) -> None:
    """So organisations were written before; notify writes old messages anew with those."""
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    document["offices"][0]["lines"] = ["hotline-115"]
    path = tmp_path / "organisation.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    [line] = load_organisation(path).offices[0].lines
    assert (line.key, line.name.de, line.name.en) == ("hotline-115",) * 3


def test_units_whose_names_are_not_public_are_marked_as_placeholders() -> None:
    assert [unit.placeholder for unit in load_organisation(SHIPPED).units] == [
        True,
        True,
        True,
        False,
    ]


def test_every_group_of_decisions_belongs_to_one_unit_of_the_shipped_file() -> None:
    karlsruhe, types = load_organisation(SHIPPED), DecisionTypes.load()
    for group in types.groups:
        if group.key != types.unlisted:
            assert karlsruhe.unit_of(group.key) is not None, group.key


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda found: found["units"][1]["decision_groups"].append("education"),
            (
                "units.1.decision_groups.2: education belongs to unit-1 already; "
                "a group belongs to one unit"
            ),
        ),
        (
            lambda found: found["services"][0].update(offices=["townhall"]),
            "services.0.offices.0: there is no office townhall; known: kaiserallee",
        ),
        (
            lambda found: found["services"][0].update(decision_group="fishing"),
            (
                "services.0.decision_group: no unit decides fishing; "
                "add it to a unit's decision_groups"
            ),
        ),
        (
            lambda found: found["staff"].update(vacant=42),
            "staff.vacant: there can't be more vacancies than posts",
        ),
        (
            lambda found: found["roles"][1].update(key="head-of-authority"),
            "roles.1.key: head-of-authority is taken; choose another",
        ),
        (
            lambda found: found["offices"][0]["hours"].update(
                monday=["08:30-12:30", "12:00-14:00"]
            ),
            (
                "offices.0.hours.monday: hours overlap or are out of order; "
                "list them from morning to evening"
            ),
        ),
        (
            lambda found: found["offices"][0]["hours"].update(friday=["12:30-08:30"]),
            "offices.0.hours.friday.0: hours end after they start",
        ),
        (
            lambda found: found["jurisdiction"].update(holidays="DE-XX"),
            (
                "jurisdiction.holidays: write a code that the holidays library knows: DE-BW, "
                "or a country as AT"
            ),
        ),
        (
            lambda found: found["jurisdiction"].update(holidays="DE"),
            "jurisdiction.holidays: write the Land, too, as DE-BW: each has holidays of its own",
        ),
        (
            lambda found: found["jurisdiction"].update(time_zone="Europe/Karlsruhe"),
            "jurisdiction.time_zone: write a time zone of the IANA list, as Europe/Berlin",
        ),
        (
            lambda found: found["jurisdiction"].update(closing_days=["02-30"]),
            "jurisdiction.closing_days.0: is no day of the year; write MM-DD",
        ),
        (
            lambda found: found["jurisdiction"].update(procedural_law="LVwVfG-BY"),
            (
                "jurisdiction.procedural_law: notification_rules.yaml has no rule of LVwVfG-BY "
                "(did you mean LVwVfG-BW?); known: LVwVfG-BW, VwVfG"
            ),
        ),
        (
            lambda found: found["units"][0].update(split_from=["unit-9"]),
            "units.0.split_from.0: unit-9 has no other part; name it under formerly",
        ),
        (
            lambda found: found["units"][0].update(split_from=["unit-1"]),
            "units.0.split_from.0: unit-1 can't be a part of itself; leave it out",
        ),
        (
            lambda found: (
                found["units"][0].update(split_from=["unit-9"]),
                found["units"][1].update(formerly=["unit-9"]),
            ),
            "units.0.split_from.0: unit-9 was merged into unit-2; it can't be split, too",
        ),
    ],
)
def test_a_contradiction_is_named_with_its_mend(
    tmp_path: Path, change: Change, expected: str
) -> None:
    assert mistakes_after(tmp_path, change) == [expected]


def test_a_unit_receives_where_and_when_its_office_does_unless_it_says_otherwise() -> None:
    karlsruhe = load_organisation(SHIPPED)
    (office,) = karlsruhe.offices
    office = office.model_copy(update={"room": "Zimmer 1"})
    late = {Weekday.THURSDAY: (Span(time(14), time(17)),)}
    second, *others = karlsruhe.units
    second = second.model_copy(update={"room": "Zimmer 2", "hours": late, "formerly": ("old",)})
    here = karlsruhe.model_copy(update={"offices": (office,), "units": (second, *others)})

    assert here.reception(second.key, None) == Reception("Zimmer 2", late)
    assert here.reception("old", office.key) == Reception("Zimmer 2", late)
    assert here.reception(others[0].key, None) == Reception("Zimmer 1", office.hours)
    assert here.reception(None, office.key) == Reception("Zimmer 1", office.hours)
    assert office.where == "Kaiserallee 8, Zimmer 1"


def test_of_several_offices_none_is_named_unless_a_message_names_it() -> None:
    karlsruhe = load_organisation(SHIPPED)
    (office,) = karlsruhe.offices
    other = office.model_copy(update={"key": "other", "room": "Saal"})
    here = karlsruhe.model_copy(update={"offices": (office, other)})

    assert here.reception(None, None) == Reception(None, {})
    assert here.reception(None, "other") == Reception("Saal", office.hours)


def test_hours_of_a_unit_are_listed_from_morning_to_evening(tmp_path: Path) -> None:
    hours = {"monday": ["14:00-16:00", "09:00-12:00"]}
    (mistake,) = mistakes_after(tmp_path, lambda found: found["units"][0].update(hours=hours))
    assert mistake.startswith("units.0.hours.monday: hours overlap")


def test_posts_per_unit_are_refused_because_small_groups_are_persons(tmp_path: Path) -> None:
    (mistake,) = mistakes_after(tmp_path, lambda found: found["units"][0].update(posts=9))
    assert mistake.startswith("units.0.posts: ")
