"""From a log's events to ours."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.mapping.mapping_files import parse_mapping
from services.intake.importers.translation.translation import (
    Ignored,
    Refused,
    Translation,
    Translator,
)
from shared.events.catalogue.case import (
    AppealDecided,
    ApplicationReceived,
    DecisionMade,
    DecisionNotified,
)
from shared.events.event import Event, decode, encode
from shared.events.vocabulary import AppealOutcome, Direction, IntakeChannel, LateReason
from shared.security.pseudonyms import Pseudonymiser
from tests.unit.services.intake.importers.samples import CSV, MAPPING, mapping

KEY = Pseudonymiser(b"k" * 32)


def translate(text: str = CSV, by: LogMapping | None = None) -> list[Translation]:
    translator = Translator(by or mapping(), KEY)
    return [translator.translate(event) for event in read_csv(BytesIO(text.encode()))]


def events(translations: Sequence[Translation]) -> list[Event]:
    found = [part for one in translations for part in (one.start, one.outcome)]
    return [part for part in found if isinstance(part, Event)]


def event(translation: Translation) -> Event:
    assert isinstance(translation.outcome, Event), translation.outcome
    return translation.outcome


def test_every_event_of_the_log_gets_exactly_one_outcome_in_the_order_of_the_file() -> None:
    kinds = [(one.activity, type(one.outcome).__name__) for one in translate()]

    assert kinds == [
        ("check", "Ignored"),
        ("decide", "Event"),
        ("check", "Ignored"),
        ("send", "Event"),
        ("object", "Event"),
        ("decide", "Event"),
        ("answer", "Event"),
        ("undecided", "Refused"),
        ("unheard of", "Refused"),
    ]


def test_a_mapping_says_why_decisions_of_long_ago_come_now() -> None:
    by = parse_mapping(
        MAPPING.replace("type_code: park", "late_reason: history\n      type_code: park"), "a file"
    )
    told = [one.data for one in events(translate(by=by)) if isinstance(one.data, DecisionMade)]
    assert {one.late_reason for one in told} == {LateReason.HISTORY}


def test_what_has_no_mapping_is_refused_as_such_and_what_is_ignored_says_why() -> None:
    outcomes = [one.outcome for one in translate()]

    assert outcomes[0] == Ignored("inside the authority")
    assert outcomes[-2:] == [Refused("no mapping"), Refused("no mapping")]


def test_the_rules_fill_a_decision() -> None:
    facts = event(translate()[1]).data

    assert isinstance(facts, DecisionMade)
    assert facts.direction is Direction.ADVERSE
    assert facts.legal_basis == "§ 46 StVO"
    assert facts.unit == "desk-3"
    assert facts.features == {"zone": "A", "price": 31}
    assert facts.language == "uk"


def test_a_value_that_counts_as_missing_takes_the_declared_default() -> None:
    facts = event(translate()[5]).data

    assert isinstance(facts, DecisionMade)
    assert facts.unit == "desk-not-recorded"


def test_later_events_mean_the_latest_decision_of_their_own_case() -> None:
    first, second = (event(translate()[index]).data for index in (1, 5))
    sent, answered = (event(translate()[index]).data for index in (3, 6))

    assert isinstance(first, DecisionMade)
    assert isinstance(second, DecisionMade)
    assert isinstance(sent, DecisionNotified)
    assert isinstance(answered, AppealDecided)
    assert sent.decision_id == answered.decision_id == first.decision_id != second.decision_id


def test_a_carried_value_holds_for_the_later_events_of_its_case() -> None:
    answered = event(translate()[6]).data

    assert isinstance(answered, AppealDecided)
    assert answered.outcome is AppealOutcome.UPHELD


def test_days_are_those_of_the_authority() -> None:
    sent = event(translate()[3])

    assert isinstance(sent.data, DecisionNotified)
    assert sent.data.notified_on == date(2025, 4, 1), "23:30 in UTC is the next day in Berlin"


def test_a_timestamp_without_an_offset_is_the_authoritys_own() -> None:
    assert event(translate()[5]).time.isoformat() == "2025-04-01T08:00:00+02:00"


def test_the_start_of_a_case_implies_the_application_once() -> None:
    starts = [one.start for one in translate()]

    assert [start is not None for start in starts] == [True, False, True] + [False] * 6
    assert isinstance(starts[0], Event)
    assert isinstance(starts[0].data, ApplicationReceived)
    assert starts[0].data.channel is IntakeChannel.ONLINE
    assert starts[0].time.isoformat() == "2025-03-30T00:00:00+01:00"


def test_each_case_gets_one_recipient_whom_its_events_name() -> None:
    translations = translate()
    recipients = [one.recipient for one in translations if one.recipient is not None]
    sent = event(translations[3]).data

    assert len(recipients) == 2
    assert recipients[0].address == f"{recipients[0].contact_ref}@example.invalid"
    assert recipients[0].language == "uk"
    assert isinstance(sent, DecisionNotified)
    assert sent.contact_ref == recipients[0].contact_ref


def test_no_name_of_the_log_is_in_an_event() -> None:
    for one in events(translate()):
        envelope = encode(one)
        assert b"Meyer" not in (envelope.data or b"")
        assert "P1" not in (envelope.subject, envelope.id)
        assert decode(envelope, unknown="forbid").data == one.data


def test_the_same_officer_is_another_in_the_next_quarter() -> None:
    first, second = (event(translate()[index]).data for index in (1, 5))

    assert isinstance(first, DecisionMade)
    assert isinstance(second, DecisionMade)
    assert first.decider != second.decider


def test_the_same_log_gives_the_same_events_and_another_log_gives_others() -> None:
    other = mapping(MAPPING.replace("log:parking-permits", "log:other-permits"))
    ids = {one.id for one in events(translate())}

    assert [encode(one) for one in events(translate())] == [
        encode(one) for one in events(translate())
    ]
    assert len(ids) == len(events(translate()))
    assert ids.isdisjoint(one.id for one in events(translate(by=other)))
    assert {one.subject for one in events(translate())}.isdisjoint(
        one.subject for one in events(translate(by=other))
    )


def test_two_equal_rows_are_two_events() -> None:
    row = "P1,decide,2025-03-31T10:00:00+02:00,2025-03-30,Meyer,Desk 3,46,no,A,31\n"

    first, second = translate(CSV.partition("\n")[0] + "\n" + row + row)

    assert event(first).id != event(second).id


def test_what_is_left_out_need_not_name_a_case() -> None:
    (translation,) = translate(CSV.partition("\n")[0] + "\n,check,2025-03-31,,,,,,,\n")
    assert translation.outcome == Ignored("inside the authority")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",decide,2025-03-31,,Meyer,,46,no,A,", "permit is missing"),
        ("P9,send,2025-03-31,,,,,,,", "no decision before it in its case"),
        ("P9,decide,,,Meyer,,46,no,A,", "at is missing"),
        ("P9,decide,yesterday,,Meyer,,46,no,A,", "at is no timestamp"),
        ("P9,decide,0001-01-01T00:00:00,,Meyer,,46,no,A,", "at is no timestamp"),
        ("P9,decide,2025-03-31,,,,46,no,A,", "decider"),
        ("P9,decide,2025-03-31,,Meyer,,forty,no,A,", "article can't be read as integer"),
        ("P9,decide,2025-03-31,,Meyer,,1.000,no,A,", "article may be two numbers; tell the 'mark'"),
        ("P9,decide,2025-03-31,,Meyer,,46,perhaps,A,", "result holds a value that its 'map'"),
        ("P9,decide,2025-03-31,,Meyer,,46,no,Anna Meyer,", r"features\.\(withheld\)"),
        ("P9,decide", "a row of the wrong length"),
        ("1.23457E+11,decide,2025-03-31,,Meyer,,46,no,A,", "permit was lost in a spreadsheet"),
        ("#NV,decide,2025-03-31,,Meyer,,46,no,A,", "permit was lost in a spreadsheet"),
        ("P9,decide,2025-03-31,,1E+05,,46,no,A,", "officer was lost in a spreadsheet"),
    ],
)
def test_what_cannot_be_an_event_is_refused_with_a_reason_and_without_its_values(
    row: str, reason: str
) -> None:
    (translation,) = translate(CSV.partition("\n")[0] + "\n" + row + "\n")

    assert isinstance(translation.outcome, Refused)
    assert reason.replace("\\", "") in translation.outcome.reason
    assert "Meyer" not in translation.outcome.reason
    assert "perhaps" not in translation.outcome.reason


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(CSV.partition("\n")[0].split(",")),
            st.sampled_from(["P1", "P2", "decide", "send", "check", "2025-01-01", "no", "", "x y"])
            | st.text(max_size=8),
        ),
        max_size=12,
    )
)
def test_nothing_in_a_log_breaks_the_translation_and_every_event_is_valid(
    rows: list[dict[str, str]],
) -> None:
    translator = Translator(mapping(), KEY)

    for one in (translator.translate(LogEvent(row)) for row in rows):
        for made in events([one]):
            decode(encode(made), unknown="forbid")
