from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.recipients.preferences import Wishes, route, spoken
from shared.contacts.consent import Consent
from shared.events.vocabulary import Channel, FailureReason

EMAIL, SMS, LETTER, MAILBOX = Channel.EMAIL, Channel.SMS, Channel.LETTER, Channel.MAILBOX
ALL = frozenset(Channel)
TEXTS = {"de", "en", "uk", "zh-Hant"}


def _route(
    *offered: Channel,
    has: frozenset[Channel] = ALL,
    preferred: tuple[Channel, ...] = (),
    consent: Mapping[Channel, Consent] | None = None,
) -> tuple[tuple[Channel, ...], FailureReason | None]:
    found = route(offered, TEXTS, Wishes("de", has, preferred, consent or {}))
    return found.channels, found.reason


def test_the_message_gives_the_order_when_nothing_is_wished_for() -> None:
    assert _route(EMAIL, SMS, LETTER) == ((EMAIL, SMS, LETTER), None)


def test_what_is_preferred_goes_first() -> None:
    assert _route(EMAIL, SMS, LETTER, preferred=(LETTER, SMS)) == ((LETTER, SMS, EMAIL), None)


def test_what_the_message_does_not_offer_cannot_be_wished_for() -> None:
    assert _route(LETTER, preferred=(EMAIL, SMS)) == ((LETTER,), None)


def test_only_ways_with_an_address_are_left() -> None:
    assert _route(EMAIL, SMS, LETTER, has=frozenset({SMS})) == ((SMS,), None)
    assert _route(EMAIL, has=frozenset({SMS})) == ((), FailureReason.NO_CHANNEL)


def test_of_an_unknown_recipient_no_way_is_known() -> None:
    found = route((EMAIL,), TEXTS, None)

    assert (found.channels, found.language) == ((), "de")
    assert found.reason is FailureReason.NO_CONTACT


@pytest.mark.parametrize(
    ("channel", "consent", "is_open"),
    [
        (channel, consent, is_open)
        for channel, *answers in [
            (EMAIL, True, True, True, False),
            (SMS, True, True, True, False),
            (MAILBOX, True, True, False, False),
            (LETTER, True, True, True, True),
        ]
        for consent, is_open in zip(
            (Consent.GIVEN, Consent.DEEMED, Consent.UNASKED, Consent.WITHDRAWN),
            answers,
            strict=True,
        )
    ],
)
def test_consent_decides_per_channel(channel: Channel, consent: Consent, *, is_open: bool) -> None:
    channels, reason = _route(channel, consent={channel: consent})

    assert channels == ((channel,) if is_open else ())
    assert (reason is None) is is_open


def test_who_was_never_asked_gets_mail_but_no_mailbox() -> None:
    assert _route(MAILBOX, EMAIL) == ((EMAIL,), None)


def test_a_withdrawal_is_the_reason_only_where_it_closed_a_way() -> None:
    withdrawn = {EMAIL: Consent.WITHDRAWN}

    assert _route(EMAIL, consent=withdrawn) == ((), FailureReason.CONSENT_WITHDRAWN)
    assert _route(EMAIL, MAILBOX, consent=withdrawn) == ((), FailureReason.CONSENT_WITHDRAWN)
    assert _route(MAILBOX, consent=withdrawn) == ((), FailureReason.NO_CHANNEL)
    assert _route(EMAIL, has=frozenset({SMS}), consent=withdrawn) == ((), FailureReason.NO_CHANNEL)
    assert _route(EMAIL, LETTER, consent=withdrawn) == ((LETTER,), None)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("uk", "uk"),
        ("en-GB", "en"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hans", "en"),
        ("zh", "en"),
        ("ti", "en"),
        ("de-AT", "de"),
    ],
)
def test_the_nearest_language_is_spoken_else_english_else_german(
    wanted: str, language: str
) -> None:
    assert spoken(TEXTS, wanted) == language
    assert spoken({"de"}, wanted) == "de"


_CHANNELS = st.lists(st.sampled_from(Channel), unique=True).map(tuple)


@given(
    offered=_CHANNELS.filter(bool),
    has=st.frozensets(st.sampled_from(Channel)),
    preferred=st.lists(st.sampled_from(Channel)),
    consent=st.dictionaries(st.sampled_from(Channel), st.sampled_from(Consent)),
)
def test_a_route_never_leaves_what_is_offered_and_always_has_ways_or_a_reason(
    offered: tuple[Channel, ...],
    has: frozenset[Channel],
    preferred: list[Channel],
    consent: dict[Channel, Consent],
) -> None:
    found = route(offered, TEXTS, Wishes("de", has, preferred, consent))

    assert set(found.channels) <= set(offered) & has
    assert len(set(found.channels)) == len(found.channels)
    assert bool(found.channels) is (found.reason is None)
    assert LETTER in found.channels or LETTER not in set(offered) & has
    for first, second in product(found.channels, repeat=2):
        if first in preferred and second not in preferred:
            assert found.channels.index(first) < found.channels.index(second)
