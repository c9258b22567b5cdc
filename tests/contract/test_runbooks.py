"""What runbooks have one type to see that it is over is typed in a test, under what it is for."""

import ast
import re

import pytest

from shared.configuration.places import ROOT
from tests.watched import FAULTS, RUNBOOKS, proofs

STATUS = "gleichfall status"
"""It is played under ServiceDown; under other needs its words are those of `/readyz`."""
TYPED = {
    "ClockDoubtful": (
        "tests/integration/test_clock.py",
        "test_a_start_33_days_later_is_not_believed_until_somebody_says_so",
    ),
    "CasesParked": (
        "tests/integration/test_dead_letters.py",
        "test_the_commands_show_and_repair_as_the_runbook_says",
    ),
    "EventsUnaccounted": (
        "tests/integration/test_restore.py",
        "test_with_all_databases_older_than_kafka_nothing_stays_lost",
    ),
    "EventsUnknown": (
        "tests/integration/test_restore.py",
        "test_with_all_databases_older_than_kafka_nothing_stays_lost",
    ),
    "NextPeriodNotPromised": (
        "tests/integration/test_opening_ahead.py",
        "test_a_month_without_a_decision_is_a_period_that_is_listed",
    ),
    "PromiseUnstamped": (
        "tests/integration/test_draw_commands.py",
        "test_the_list_tells_which_periods_were_promised_in_time_and_which_are_stamped",
    ),
    "FrameDiffers": (
        "tests/integration/test_frame_check.py",
        "test_the_operator_sees_gaps_as_footnotes",
    ),
    "SecondDecisionsUnsettled": (
        "tests/integration/test_second_decisions.py",
        "test_the_frame_is_red_until_a_second_decision_is_settled",
    ),
    "AuditChainBroken": (
        "tests/integration/test_audit.py",
        "test_the_command_is_red_until_what_was_tampered_with_is_restored",
    ),
    "EmergencyCounterMissing": (
        "tests/integration/test_service_figures.py",
        "test_the_counter_and_the_telephone_of_some_days_are_shown",
    ),
    "EmergencyCounterOverbooked": (
        "tests/integration/test_service_figures.py",
        "test_the_counter_and_the_telephone_of_some_days_are_shown",
    ),
    "MessagesDontLeave": (
        "tests/integration/delivery/test_what_is_void.py",
        "test_the_audit_tells_of_messages_that_nobody_takes",
    ),
}
"""By alert: the test that lets its fault be, and types the proof; those of FAULTS are played."""


def test_each_proof_is_typed_under_its_fault() -> None:
    headings = re.findall(r"^## (.+)$", RUNBOOKS.read_text(), re.MULTILINE)
    played = {fault.alert for fault in FAULTS}
    wanted = {alert for alert in headings if set(proofs(alert)) - {STATUS}}
    assert wanted - played == TYPED.keys()


@pytest.mark.parametrize(("alert", "test"), TYPED.items(), ids=TYPED)
def test_the_test_of_an_alert_types_its_proofs(alert: str, test: tuple[str, str]) -> None:
    file, name = test
    source = (ROOT / file).read_text()
    defined = {node.name for node in ast.parse(source).body if hasattr(node, "name")}
    assert name in defined
    for line in proofs(alert):
        assert f'"{line.split()[-1]}"' in source, line
