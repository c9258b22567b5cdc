"""The policy file: what is refused, where, and what to write instead."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.controlling.policy.errors import NoPeriodAfter
from services.controlling.policy.file import Names, PolicyInvalid, load_policy
from services.controlling.policy.inspection import Experience, settle
from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.policy.strata import Stratum
from shared.configuration.places import ROOT
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation

SHIPPED = ROOT / "deploy" / "policy" / "karlsruhe.yaml"
ORGANISATION = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")


def merged() -> Organisation:
    """The authority after unit-9 was merged into unit-2."""
    units = [
        unit.model_copy(update={"formerly": ("unit-9",)}) if unit.key == "unit-2" else unit
        for unit in ORGANISATION.units
    ]
    return ORGANISATION.model_copy(update={"units": tuple(units)})


NAMES = Names(DecisionTypes.load(), merged())
HEAD = 'version: "1"\ndefault_rate: 0.1\n'


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(file(tmp_path, text), NAMES)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_shipped_policy_can_be_used_and_speaks_of_what_there_is() -> None:
    found = load_policy(SHIPPED, NAMES)
    assert found.triggers.keys() == {
        TriggerKind.APPEAL_LOST,
        TriggerKind.COURT_OVERTURNED,
        TriggerKind.LAW_CHANGED,
    }
    assert found.twins is not None


def test_the_example_of_the_guide_can_be_used() -> None:
    found = load_policy(SHIPPED.with_name("example.yaml"), NAMES)
    assert any(entry.inspection for entry in found.rates)


@pytest.mark.parametrize(
    ("group", "direction", "rate"),
    [
        ("ending-stay", Direction.ADVERSE, "0.05"),
        ("ending-stay", Direction.FAVOURABLE, "0.05"),
        ("family", Direction.ADVERSE, "0.05"),
        ("family", Direction.FAVOURABLE, "0.005"),
        ("late", Direction.ADVERSE, "1"),
    ],
)
def test_the_first_rate_that_covers_a_stratum_holds(
    group: str, direction: Direction, rate: str
) -> None:
    assert load_policy(SHIPPED).rule_of(Stratum(group, direction, "unit-1")).rate == Decimal(rate)


@pytest.mark.parametrize("name", ["expulsion", "loss-of-free-movement"])
def test_priorities_are_reviewed_whole_whatever_the_rates_say(name: str) -> None:
    settled = settle(load_policy(SHIPPED), Experience())
    stratum = Stratum("eu", Direction.FAVOURABLE, "unit-1", (("priority", name),))
    assert settled.rule_of(stratum).rate == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version: "1"\ndefault_rate: 1.5', "line 2, default_rate: "),
        ('version: "1"\ndefault_rate: -0.1', "line 2, default_rate: "),
        ("default_rate: 0.1", "line 1, version: is missing; add it"),
        (
            'version: "1"\ndefault_rate: 20 %',
            "line 2, default_rate: is a share from 0 to 1: write 0.2 for 20 %",
        ),
        (
            'version: "1"\ndefault_rate: 20',
            "line 2, default_rate: is a share from 0 to 1: write 0.2 for 20 %",
        ),
        (
            HEAD + "double_reviews: '0,1'",
            "line 3, double_reviews: is a number with a point: write 0.1",
        ),
        (
            HEAD + "split_by: [features.renewl]",
            "line 3, split_by.0: no decision has the feature renewl (did you mean renewal?); there",
        ),
        (
            HEAD + "valid_from: 2027-03-01\npriority:\n  - {name: law, types: [AufenthG-18b], "
            "changed: 2027-01-01, days: 28, why: because}",
            "line 5, priority.0.changed: its window ends on 2027-01-28, before the policy holds",
        ),
        ("version: [", "line 1: is not YAML"),
        (HEAD + "cap: 164", "line 3, cap: is unknown here"),
        (HEAD + "expected_errors: 0", "line 3, expected_errors: "),
        (HEAD + "period: week", "line 3, period: "),
        (
            HEAD + "rates:\n  - {rate: 0.1}",
            "line 4, rates.0.why: is missing; add it",
        ),
        (
            HEAD + "rates:\n  - {minimun: 3, rate: 0.1, why: because}",
            "line 4, rates.0.minimun: is unknown here (did you mean minimum?)",
        ),
        (
            HEAD + "rates:\n  - {group: famly, rate: 0.1, why: because}",
            "line 4, rates.0.group: there is no group famly (did you mean family?); there are",
        ),
        (
            HEAD + "rates:\n  - {unit: unit-7, rate: 0.1, why: because}",
            "line 4, rates.0.unit: there is no unit unit-7 (did you mean unit-",
        ),
        (
            HEAD + "rates:\n  - {unit: unit-9, rate: 0.1, why: because}",
            "line 4, rates.0.unit: unit-9 was merged into unit-2; name unit-2",
        ),
        (
            HEAD + "rates:\n  - {group: work, unit: unit-1, rate: 0.1, why: because}",
            "line 4, rates.0.unit: work is decided by unit-2, so this matches nothing; name unit-2",
        ),
        (
            HEAD + "rates:\n  - {where: {language: uk}, rate: 0.1, why: because}",
            (
                "line 4, rates.0.where.language: strata aren't made by language, so this matches "
                "nothing; add it to split_by"
            ),
        ),
        (
            HEAD + "split_by: [langage]",
            "line 3, split_by.0: the event has no field langage for this (did you mean language?)",
        ),
        (
            HEAD + "split_by: [decider]",
            "line 3, split_by.0: no stratum and no comparison is made of officers; leave it out",
        ),
        (HEAD + "split_by: [language, language]", "line 3, split_by.1: language stands here twice"),
        (
            HEAD + "rates:\n  - {why: because}",
            "line 4, rates.0.rate: is missing: write a rate or an inspection",
        ),
        (
            HEAD + "rates:\n  - {rate: 1, inspection: {quality: 2.5, lot: 50}, why: because}",
            "line 4, rates.0.rate: the inspection's plan decides how many are drawn; leave this",
        ),
        (
            HEAD + "rates:\n  - {inspection: {quality: 2.4, lot: 50}, why: because}",
            "line 4, rates.0.inspection.quality: no sampling plan: quality level 2.4 is not tabled",
        ),
        (
            HEAD + "rates:\n  - {direction: adverse, rate: 0.2, why: because}\n"
            "  - {direction: adverse, group: work, rate: 1, why: because}",
            "line 5, rates.1: never holds: rates.0 comes first and covers all of it",
        ),
        (
            HEAD + "priority:\n  - {name: a, types: [AufenthG-18x], why: because}",
            "line 4, priority.0.types.0: there is no decision type AufenthG-18x (did you mean",
        ),
        (
            HEAD + "priority:\n  - {name: a, types: [AufenthG-53], days: 30, why: because}",
            "line 4, priority.0.changed: is missing: changed and days go together",
        ),
        (
            HEAD + "priority:\n  - {name: a, types: [AufenthG-53], why: because}\n"
            "  - {name: b, types: [AufenthG-53], why: because}",
            "line 5, priority.1.types: priorities above hold all of these already; leave it out",
        ),
        (
            HEAD + "valid_from: 2026-07-15",
            (
                "line 3, valid_from: 2026-07-15 lies within the period 2026-07; a policy takes "
                "effect at the start of one: write 2026-07-01 or 2026-08-01"
            ),
        ),
        (
            HEAD + "period: quarter\nvalid_from: 2026-08-01",
            (
                "line 4, valid_from: 2026-08-01 lies within the period 2026-Q3; a policy takes "
                "effect at the start of one: write 2026-07-01 or 2026-10-01"
            ),
        ),
        (HEAD + "triggers: {apeal_lodged: {}}", "line 3, triggers.apeal_lodged"),
        (
            HEAD + "twins:\n  within_days: 90\n  maximum_distance: 0.1\n  features:\n"
            "    - {field: decider}",
            "line 7, twins.features.0.field: no stratum and no comparison is made of officers",
        ),
    ],
)
def test_a_policy_that_is_wrong_says_where_and_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    (mistake,) = mistakes(tmp_path, text)
    assert mistake.startswith(said)


def test_the_narrower_rule_first_is_no_contradiction(tmp_path: Path) -> None:
    text = (
        HEAD + "rates:\n  - {direction: adverse, group: work, rate: 1, why: because}\n"
        "  - {direction: adverse, rate: 0.2, why: because}"
    )
    assert len(load_policy(file(tmp_path, text), NAMES).rates) == 2


@pytest.mark.parametrize(
    ("value", "text"), [("true", "true"), ("3", "3"), ("uk", "uk"), ("null", "none")]
)
def test_a_rule_may_ask_for_any_value_of_a_field(tmp_path: Path, value: str, text: str) -> None:
    found = load_policy(
        file(
            tmp_path,
            HEAD + f"split_by: [features.x]\nrates:\n  - where: {{features.x: {value}}}\n"
            "    rate: 1\n    why: because",
        )
    )
    stratum = Stratum("work", Direction.ADVERSE, "unit-1", (("features.x", text),))
    assert found.rule_of(stratum).rate == 1
    other = Stratum("work", Direction.ADVERSE, "unit-1", (("features.x", "else"),))
    assert found.rule_of(other).rate == Decimal("0.1")


def test_a_policy_is_kept_and_read_again_unchanged() -> None:
    found = settle(load_policy(SHIPPED), Experience())
    assert Policy.model_validate_json(found.model_dump_json()) == found


def test_a_policy_kept_before_it_could_say_all_this_still_counts() -> None:
    old = Policy.model_validate_json(
        '{"version":"2026-2","period":"month","default_rate":"0.10","default_minimum":0,'
        '"close_after_days":7,"rates":[{"group":"ending-stay","direction":null,"unit":null,'
        '"rate":"1","minimum":0,"why":"all"}]}'
    )
    assert old.rule_of(Stratum("ending-stay", Direction.ADVERSE, "unit-1")).rate == 1
    assert old.priority == ()


def test_valid_from_is_read_as_a_day(tmp_path: Path) -> None:
    found = load_policy(file(tmp_path, HEAD + "valid_from: 2026-07-01"))
    assert found.valid_from == date(2026, 7, 1)


def test_a_policy_can_not_begin_within_the_period_that_ends_the_calendar(tmp_path: Path) -> None:
    with pytest.raises(NoPeriodAfter, match=r"^9999-12 ends the calendar"):
        mistakes(tmp_path, HEAD + "valid_from: 9999-12-15")
