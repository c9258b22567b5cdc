"""Texts as staff look at them."""

import pytest

from services.notify.errors import TextUnavailable
from services.notify.messages.catalogue import load_messages
from services.notify.messages.text import title_of
from services.notify.plain_language.wording import load_wording
from services.notify.preview.errors import MessageUnknown
from services.notify.preview.sample import Sample, Wanted, in_place_of, languages_of
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

MESSAGES, HERE, WORDING = load_messages(), load_organisation(ORGANISATION), load_wording()


def sample(name: str, language: str, channel: Channel) -> Sample:
    return Sample.of(Wanted(name, language, channel), MESSAGES, HERE, WORDING)


def test_every_text_is_shown_in_every_language_and_on_every_way_that_it_has() -> None:
    for name, kind in MESSAGES.by_name.items():
        for language in kind.texts:
            for channel in kind.description.channels:
                found = sample(name, language, channel)
                assert (found.sms is None) is (channel is not Channel.SMS)
                assert (found.rendered is None) is (channel is Channel.SMS)


def test_only_german_is_measured() -> None:
    german = sample("appointment_booked", "de", Channel.EMAIL).verdict

    assert german is not None
    assert german.passed
    assert sample("appointment_booked", "tr", Channel.EMAIL).verdict is None


def test_a_language_that_a_text_lacks_is_replaced_as_when_it_is_sent() -> None:
    languages = languages_of(MESSAGES)
    staff = MESSAGES.by_name["delivery_failed"]

    assert languages[0] == "de"
    assert in_place_of(staff, languages) == dict.fromkeys(("ar", "fr", "tr", "uk"), "en")
    assert in_place_of(MESSAGES.by_name["card_ready"], languages) == {}
    assert in_place_of(MESSAGES.by_name["card_ready"], ["uk-UA"]) == {"uk-UA": "uk"}


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(MessageUnknown):
        sample("nosuch", "de", Channel.EMAIL)
    with pytest.raises(TextUnavailable):
        sample("delivery_failed", "tr", Channel.EMAIL)
    with pytest.raises(TextUnavailable):
        sample("delivery_failed", "de", Channel.SMS)


@pytest.mark.parametrize(
    ("name", "language", "title"),
    [
        ("appointment_booked", "de", "Ihr Termin am …"),
        ("appointment_cancelled", "de", "Ihr Termin fällt aus"),
        ("card_ready", "de", "Ihre Karte ist fertig"),
        ("card_ready", "nl", "Ihre Karte ist fertig"),
    ],
)
def test_a_text_is_called_by_its_subject_without_values(
    name: str, language: str, title: str
) -> None:
    assert title_of(MESSAGES.by_name[name], language) == title
