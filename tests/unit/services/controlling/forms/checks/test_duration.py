"""V3 and T1: told soon, decided within three months."""

from datetime import date, timedelta

import pytest

from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import ApplicationAcknowledged, ApplicationReceived
from shared.events.vocabulary import Grade, IntakeChannel
from tests.unit.services.controlling.forms.cases import Dated, say

APPLIED = ApplicationReceived(
    channel=IntakeChannel.ONLINE, service_key="residence-work", unit="unit-2"
)
RECEIVED = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("days", "grade", "sentence"),
    [
        (0, Grade.CORRECT, Sentence.TOLD_IN_TIME),
        (14, Grade.CORRECT, Sentence.TOLD_IN_TIME),
        (15, Grade.MINOR, Sentence.TOLD_LATE),
    ],
)
def test_the_days_until_the_acknowledgement_count(
    days: int, grade: Grade, sentence: Sentence
) -> None:
    told = RECEIVED + timedelta(days=days), ApplicationAcknowledged()
    found = say("V3", [(RECEIVED, APPLIED), told], within_days=14)

    assert (found.grade, found.sentence) == (grade, sentence)
    assert found.values["after"] == timedelta(days=days)


@pytest.mark.parametrize(
    ("facts", "within", "sentence"),
    [
        ([], 14, Sentence.NO_APPLICATION),
        ([(RECEIVED, ApplicationAcknowledged())], 14, Sentence.NO_APPLICATION),
        ([(RECEIVED, APPLIED)], 14, Sentence.NO_ACKNOWLEDGEMENT),
        (
            [(date(2026, 5, 1), ApplicationAcknowledged()), (RECEIVED, APPLIED)],
            14,
            Sentence.NO_ACKNOWLEDGEMENT,
        ),
        (
            [(RECEIVED, APPLIED), (RECEIVED, ApplicationAcknowledged())],
            None,
            Sentence.TOLD_WITHOUT_MEASURE,
        ),
    ],
)
def test_without_an_event_or_a_measure_it_cant_be_told(
    facts: list[Dated], within: int | None, sentence: Sentence
) -> None:
    found = say("V3", facts, within_days=within)

    assert (found.grade, found.sentence) == (None, sentence)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 1, 15), date(2026, 4, 15)),
        (date(2025, 11, 30), date(2026, 2, 28)),  # a day the month lacks becomes its last
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2025, 12, 3), date(2026, 3, 3)),
        (date(2026, 1, 4), date(2026, 4, 4)),  # a Saturday: a time to wait isn't lengthened
        (date(2025, 10, 1), date(2026, 1, 1)),  # nor by a holiday
    ],
)
def test_three_months_end_on_the_same_day_of_the_month(received: date, last: date) -> None:
    facts = [(received, APPLIED)]
    in_time, late = say("T1", facts, on=last), say("T1", facts, on=last + timedelta(days=1))

    assert (in_time.grade, in_time.sentence) == (Grade.CORRECT, Sentence.DECIDED_IN_TIME)
    assert (late.grade, late.sentence) == (Grade.MINOR, Sentence.DECIDED_LATE)
    assert in_time.values["ends"] == late.values["ends"] == last


def test_without_an_application_the_duration_cant_be_told() -> None:
    assert say("T1", []).grade is None


def test_the_first_of_two_applications_counts() -> None:
    facts: list[Dated] = [(date(2026, 1, 2), APPLIED), (date(2026, 6, 1), APPLIED)]

    assert say("T1", facts).grade is Grade.MINOR
