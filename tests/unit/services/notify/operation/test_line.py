"""A message's line of time, and what may be done with it as it stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notify.operation.line import acts_on, line_of, stands
from services.notify.operation.written import Action, Intervention, Written
from services.notify.states import LIVING, State
from shared.events.vocabulary import Channel, FailureReason

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = Written(
    id=UUID(int=1),
    name="appointment_reminder",
    channel=Channel.EMAIL,
    language="de",
    state=State.HELD,
    reason=None,
    why=None,
    attempts=0,
    planned_at=MAY + 5 * HOUR,
    next_at=MAY + 5 * HOUR,
    ended_at=None,
    digest=None,
    kept=True,
    erased=False,
    provided_at=None,
    interventions=(),
    capacity=None,
    cause="gleichfall.appointment.booked.v1",
    entered_at=MAY,
    accepted_at=None,
    awaits_contact=False,
    untrue=False,
    to_tell=False,
)
BOUNCED = replace(
    HELD,
    state=State.BOUNCED,
    reason=FailureReason.UNDELIVERABLE,
    next_at=None,
    accepted_at=MAY + 2 * HOUR,
    ended_at=MAY + 3 * HOUR,
)


def told(one: Written) -> list[str]:
    return [moment.what for moment in line_of(one)]


def by_somebody(action: Action, at: datetime) -> Intervention:
    return Intervention(action, "ops-7", "asked for", at, None)


def test_what_waits_says_since_when_and_until_when() -> None:
    assert [(one.what, one.at) for one in line_of(HELD)] == [
        ("entered", MAY),
        ("next", MAY + 5 * HOUR),
    ]


def test_what_left_and_came_back_says_both_in_their_order() -> None:
    assert told(BOUNCED) == ["entered", "left", "bounced"]


def test_what_was_handed_over_has_no_end_beside_it() -> None:
    accepted = replace(BOUNCED, state=State.ACCEPTED, reason=None)

    assert told(accepted) == ["entered", "left"]
    assert told(replace(accepted, ended_at=None, next_at=MAY + 9 * HOUR)) == [
        "entered",
        "left",
        "report_by",
    ]


def test_what_came_into_a_mailbox_says_so_with_its_proof() -> None:
    provided = replace(BOUNCED, state=State.DELIVERED, reason=None, provided_at=MAY + 3 * HOUR)

    assert told(provided) == ["entered", "left", "provided"]


def test_what_people_did_stands_where_it_happened() -> None:
    done = by_somebody(Action.RESENT, MAY + 4 * HOUR)

    assert told(replace(BOUNCED, interventions=(done,))) == ["entered", "left", "bounced", "resent"]


def test_what_is_being_handed_over_names_no_time_at_which_it_goes_on() -> None:
    assert told(replace(HELD, state=State.SENDING)) == ["entered"]


@pytest.mark.parametrize("state", sorted(LIVING))
def test_what_lives_can_be_stopped_unless_it_is_being_handed_over(state: State) -> None:
    acts = acts_on(replace(HELD, state=state))

    assert acts == ([] if state is State.SENDING else [Action.STOPPED])


def test_what_has_ended_can_be_sent_again_once_while_it_is_true_and_kept() -> None:
    done = by_somebody(Action.RESENT, MAY)

    assert acts_on(BOUNCED) == [Action.RESENT]
    assert acts_on(replace(BOUNCED, interventions=(done,))) == []
    assert acts_on(replace(BOUNCED, untrue=True)) == []
    assert acts_on(replace(BOUNCED, kept=False)) == []


def test_whom_nothing_reached_is_to_be_told_first_of_all() -> None:
    assert acts_on(replace(BOUNCED, to_tell=True)) == [Action.TOLD, Action.RESENT]


def test_what_waits_for_an_address_or_for_a_report_says_so() -> None:
    accepted = replace(BOUNCED, state=State.ACCEPTED)

    assert stands(HELD) == "held"
    assert stands(replace(HELD, awaits_contact=True)) == "awaits_contact"
    assert stands(accepted) == "accepted.silent"
    assert stands(replace(accepted, next_at=MAY)) == "accepted.owed"
