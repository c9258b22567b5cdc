"""Which ways a message may take to a recipient, and in which language. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from services.notify.messages.text import BINDING_LANGUAGE
from shared.contacts.consent import Consent
from shared.events.vocabulary import Channel, FailureReason

_COMMON = "en"
OPEN_TO: Mapping[Channel, frozenset[Consent]] = MappingProxyType(
    {
        # Who gives an address for news opens that way, until they close it. It only informs:
        # e-mail and SMS are never the notification in law (§ 41 VwVfG).
        Channel.EMAIL: frozenset(Consent) - {Consent.WITHDRAWN},
        Channel.SMS: frozenset(Consent) - {Consent.WITHDRAWN},
        # What is provided there can be notified in law, so silence is not enough: § 9(1) OZG.
        Channel.MAILBOX: frozenset({Consent.GIVEN, Consent.DEEMED}),
        # The authority may always write; nobody can end a procedure by refusing letters.
        Channel.LETTER: frozenset(Consent),
    }
)
"""With which consents a channel may be used."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What routing may know of a recipient: how they can and want to be reached, not where.

    Attributes:
        language: BCP 47.
        channels: The channels they gave an address for.
        preferred: Those they want to be used first, best one first.
        consent: What they said; a channel that is missing here is `UNASKED`.
    """

    language: str
    channels: frozenset[Channel]
    preferred: Sequence[Channel] = ()
    consent: Mapping[Channel, Consent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """How a message may travel.

    Attributes:
        channels: To be tried in this order; none if there is a reason.
        language: One that the message has.
        reason: Why no channel is left.
    """

    channels: tuple[Channel, ...]
    language: str
    reason: FailureReason | None


def route(offered: Sequence[Channel], languages: Collection[str], wishes: Wishes | None) -> Route:
    """Find the ways of a message to a recipient.

    Args:
        offered: The message's channels, best one first; its legal class has decided on them. What
            isn't among them can't be wished for.
        languages: The languages the message is written in; German is always one of them.
        wishes: None if nothing is known of the recipient.
    """
    if wishes is None:
        return Route((), BINDING_LANGUAGE, FailureReason.NO_CONTACT)
    language = spoken(languages, wishes.language)
    reachable = [channel for channel in _by_wish(offered, wishes) if channel in wishes.channels]
    allowed = tuple(
        channel for channel in reachable if _consent(wishes, channel) in OPEN_TO[channel]
    )
    return Route(allowed, language, None if allowed else _obstacle(reachable, wishes))


def spoken(languages: Collection[str], wanted: str) -> str:
    """Give the nearest language that a message has: zh-Hant-TW, zh-Hant, zh; else English.

    Who reads none of our languages reads English rather than German, which stands below it. The way
    of shortening is RFC 4647's lookup.
    """
    while wanted and wanted not in languages:
        wanted = wanted.rpartition("-")[0]
    return wanted or (_COMMON if _COMMON in languages else BINDING_LANGUAGE)


def _by_wish(offered: Sequence[Channel], wishes: Wishes) -> list[Channel]:
    preferred = [channel for channel in dict.fromkeys(wishes.preferred) if channel in offered]
    return list(dict.fromkeys([*preferred, *offered]))


def _consent(wishes: Wishes, channel: Channel) -> Consent:
    return wishes.consent.get(channel, Consent.UNASKED)


def _obstacle(reachable: Sequence[Channel], wishes: Wishes) -> FailureReason:
    if any(_consent(wishes, channel) is Consent.WITHDRAWN for channel in reachable):
        return FailureReason.CONSENT_WITHDRAWN
    return FailureReason.NO_CHANNEL
