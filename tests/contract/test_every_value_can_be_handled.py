"""What the door lets in, nobody behind it stumbles over: every value of every field of every type.

Called here is what needs no database: planning, texts on every way, calendar files, what triggers
reviews, a case's line of events. The loops around them hold what they can't work on.
"""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.controlling.forms.case_file import CaseFile
from services.controlling.triggers.causes import fails_check, triggered_by
from services.notify.cases.standing import Following
from services.notify.channels.wiring import CHANNELS
from services.notify.lanes import Lane
from services.notify.message import Attempt, Claim
from services.notify.messages.catalogue import load_messages
from services.notify.messages.duties import Duties
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.stationery import load_stationery
from services.notify.planning.expiry import Times
from services.notify.planning.plan import PlannedMessage, announcements, plan
from services.notify.planning.quiet_hours import QuietHours, leaves_at
from services.notify.recipients.preferences import Wishes
from shared.configuration.places import ORGANISATION
from shared.contacts.contact import Contact
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event, encode
from shared.events.kafka_binding import to_kafka
from shared.events.registry import EventType
from shared.events.vocabulary import Channel
from shared.law.decision_types import DecisionTypes
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from tests.contract.admitted import FROM_OUTSIDE, NOW, admitted

ORGANISATION_READ = load_organisation(ORGANISATION)
CALENDAR = Calendar("DE-BW", ZoneInfo("Europe/Berlin"))
TIMES, TYPES, MESSAGES = Times.of(CALENDAR), DecisionTypes.load(), load_messages()
FOLLOWING = Following(Duties.load(), TIMES.limits, TIMES.calendar)
MATERIALS = Materials(
    MESSAGES, load_stationery(), ORGANISATION_READ, Sender("Amt", "amt@example.org")
)
ANNA = "contact-" + "a" * 26
CONTACT = Contact.model_validate(
    {
        "contact_ref": ANNA,
        "language": "de",
        "email": "anna@example.org",
        "phone": "+491713920012",
        "mailbox": "e0e02494-eca2-4a6b-9320-fc527747878c",
        "postal_address": ("Anna", "Musterstraße 1", "99999 Musterstadt"),
    }
)
WRITERS = {way.channel: way.write for way in CHANNELS}


@pytest.mark.parametrize("entry", FROM_OUTSIDE, ids=lambda entry: entry.name)
@settings(max_examples=20, deadline=None)
@given(source=st.data())
def test_what_the_door_lets_in_can_be_handled(entry: EventType, source: st.DataObject) -> None:
    event = source.draw(admitted(entry))

    to_kafka(encode(event))
    triggered_by(event)
    if isinstance(event.data, DecisionMade):
        fails_check(event.data, TYPES.find(event.data.type_code, CALENDAR.day_of(event.time)))
        CaseFile.of([event], event.data.decision_id, CALENDAR)
    for message in _planned(event):
        list(announcements(message))
        leaves_at(message.leaves_at or NOW, Channel.SMS, QuietHours(CALENDAR))
        kind = MESSAGES.by_name[message.name]
        for language in kind.texts:
            claim = _claim(message, event, language)
            for channel in {*kind.description.channels} - {Channel.LETTER}:
                assert WRITERS[channel](MATERIALS, claim, CONTACT) is not None


@pytest.mark.parametrize("entry", FROM_OUTSIDE, ids=lambda entry: entry.name)
@settings(max_examples=2, deadline=None)
@given(source=st.data())
def test_what_the_door_lets_in_can_be_printed(entry: EventType, source: st.DataObject) -> None:
    """One language of each message: to set a letter takes long."""
    event = source.draw(admitted(entry))
    for message in _planned(event):
        kind = MESSAGES.by_name[message.name]
        language = source.draw(st.sampled_from(sorted(kind.texts)))
        if Channel.LETTER in kind.description.channels:
            letter = WRITERS[Channel.LETTER](MATERIALS, _claim(message, event, language), CONTACT)
            assert letter is not None


WISHES = {ANNA: Wishes("de", frozenset({Channel.EMAIL}))}


def _planned(event: Event) -> Sequence[PlannedMessage]:
    return plan(
        [event],
        {event.subject: ANNA},
        WISHES,
        MESSAGES,
        TIMES,
        following=FOLLOWING,
        standings={},
        parties={},
        now=NOW,
        passed=NOW,
    ).messages


def _claim(message: PlannedMessage, event: Event, language: str) -> Claim:
    facts_told: dict[str, object] = event.data.model_dump(mode="json")
    return Claim(
        attempt=Attempt(
            id=UUID(int=1),
            name=message.name,
            case_ref=message.case_ref,
            contact_ref=ANNA,
            channel=Channel.EMAIL,
            language=language,
            cause_id=None,
            traceparent=None,
            number=1,
            lane=Lane.URGENT,
            planned_at=NOW,
            expires_at=message.expires_at,
            asked="gateway",
        ),
        about=message.about,
        sequence=1,
        thread=UUID(int=2),
        facts=facts_told,
        sealed=None,
        ciphertext=None,
        wrapped_key=None,
    )
