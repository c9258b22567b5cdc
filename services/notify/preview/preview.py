"""A message as a recipient would read it, filled with the examples of its description."""

from datetime import UTC, datetime
from uuid import UUID

from services.notify.channels.letter.writing import Letter, typeset
from services.notify.channels.sms.alphabet import Sms, as_sms
from services.notify.errors import TextUnavailable
from services.notify.messages.catalogue import Messages
from services.notify.messages.examples import examples
from services.notify.messages.rendering import (
    REFERENCE,
    Rendered,
    Values,
    render_short,
    render_whole,
)
from services.notify.messages.stationery import Stationery
from services.notify.messages.text import MessageType
from services.notify.preview.errors import MessageUnknown
from services.notify.template.markdown import as_html
from services.notify.template.markup import as_edited
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation


def preview(
    messages: Messages, name: str, language: str, channel: Channel, organisation: Organisation
) -> Rendered:
    """Render a message with its examples.

    Raises:
        MessageUnknown: There is no such message.
        TextUnavailable: The message isn't written in that language or doesn't go that way.
    """
    kind = _kind(messages, name, language, channel)
    return render_whole(kind, language, _filled(kind, organisation), organisation, way=channel)


def preview_sms(messages: Messages, name: str, language: str, organisation: Organisation) -> Sms:
    """Write a message as SMS with its examples; raises as `preview` does."""
    kind = _kind(messages, name, language, Channel.SMS)
    return as_sms(render_short(kind, language, _filled(kind, organisation), organisation))


def preview_letter(
    messages: Messages, name: str, language: str, organisation: Organisation, stationery: Stationery
) -> Letter:
    """Write a message as a letter, with its examples, to nobody.

    Raises:
        MessageUnknown, TextUnavailable: As `preview`.
        CharacterMissing, LetterTooLong, TypesettingUnavailable: As `typeset`.
    """
    kind = _kind(messages, name, language, Channel.LETTER)
    return typeset(
        render_whole(kind, language, _filled(kind, organisation), organisation, way=Channel.LETTER),
        identity=UUID(int=0),
        stationery=stationery,
        authority=organisation.authority,
        recipient=("Erika Mustermann", "Heidestraße 17", "51147 Köln"),
        reference="case-" + "a" * 26,
        dated=datetime.now(UTC).date(),
        reception=organisation.reception(None, None),
    )


def marked(messages: Messages, name: str, language: str) -> Rendered:
    """Show a text as its editors need it: with all its passages, and a mark for each value.

    Raises:
        MessageUnknown: There is no such message.
        TextUnavailable: The message isn't written in that language.
    """
    text = _kind(messages, name, language).texts[language]
    subject = "".join(one if isinstance(one, str) else f"(({one.name}))" for one in text.subject)
    return Rendered(language, subject, text.source, as_edited(as_html(text.source), {}, str))


def _filled(kind: MessageType, here: Organisation) -> Values:
    return {REFERENCE: "33.2-1234/26", **examples(kind, here)[""]}


def _kind(
    messages: Messages, name: str, language: str, channel: Channel | None = None
) -> MessageType:
    kind = messages.by_name.get(name)
    if kind is None:
        raise MessageUnknown(name, messages.by_name)
    if language not in kind.texts:
        raise TextUnavailable(name, language, kind.texts)
    if channel is not None and channel not in kind.description.channels:
        raise TextUnavailable(name, channel, kind.description.channels)
    return kind
