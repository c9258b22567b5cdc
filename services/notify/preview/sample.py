"""A text as somebody gets it, with how long and how plain it is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from services.notify.channels.sms.alphabet import Sms
from services.notify.messages.catalogue import Messages
from services.notify.messages.rendering import Rendered
from services.notify.messages.text import BINDING_LANGUAGE, MessageType
from services.notify.plain_language.verdict import Verdict, judge
from services.notify.plain_language.wording import Wording
from services.notify.preview.preview import preview, preview_sms
from services.notify.recipients.preferences import spoken
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which text, in which language and on which way."""

    name: str
    language: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Sample:
    """A text filled with the examples of its description.

    Attributes:
        rendered: As it reads; None of an SMS.
        sms: As SMS; None of everything else.
        verdict: How plain it is; None where nobody measures its language, or so short a text.
    """

    rendered: Rendered | None
    sms: Sms | None
    verdict: Verdict | None

    @classmethod
    def of(
        cls, wanted: Wanted, messages: Messages, organisation: Organisation, wording: Wording
    ) -> Self:
        """Fill a text.

        Raises:
            MessageUnknown: There is no such message.
            TextUnavailable: It isn't written in that language or doesn't go that way.
        """
        name, language = wanted.name, wanted.language
        if wanted.channel is Channel.SMS:
            return cls(None, preview_sms(messages, name, language, organisation), None)
        rendered = preview(messages, name, language, wanted.channel, organisation)
        if language != BINDING_LANGUAGE:
            return cls(rendered, None, None)
        return cls(rendered, None, judge(f"{rendered.subject}\n\n{rendered.text}", wording))


def languages_of(messages: Messages) -> list[str]:
    """Give the languages that any text is written in, the binding one first."""
    every = {language for kind in messages.by_name.values() for language in kind.texts}
    return sorted(every, key=lambda one: (one != BINDING_LANGUAGE, one))


def in_place_of(kind: MessageType, languages: Iterable[str]) -> dict[str, str]:
    """Give, of languages that a message lacks, the one that is read in their place."""
    return {one: spoken(kind.texts, one) for one in languages if one not in kind.texts}
