"""Whether the German texts of all messages are plain enough to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.notify.messages.catalogue import Messages
from services.notify.messages.examples import examples
from services.notify.messages.rendering import render
from services.notify.messages.text import BINDING_LANGUAGE
from services.notify.plain_language.verdict import Verdict, judge
from services.notify.plain_language.wording import Wording
from shared.events.vocabulary import Channel
from shared.organisation.model import Organisation

_OTHER_READINGS = {Channel.LETTER: "on paper", Channel.MAILBOX: "in a mailbox"}


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A text as it is read, subject and closing included, and the verdict on it.

    Attributes:
        message: Name of the message.
        reading: What makes it read otherwise: its way, or the optional values that are left out;
            empty for the full text of a mail.
    """

    message: str
    reading: str
    verdict: Verdict


def judge_messages(
    messages: Messages, wording: Wording, organisation: Organisation
) -> Iterator[JudgedText]:
    """Judge every message in each way it can read.

    A short text alone says little about its style, so each is measured as a whole.

    Raises:
        ValueMissing: A text can't be filled with the examples of its description.
    """
    for name, kind in messages.by_name.items():
        given = examples(kind, organisation)
        ways = {reading: (values, Channel.EMAIL) for reading, values in given.items()} | {
            reading: (given[""], way)
            for way, reading in _OTHER_READINGS.items()
            if way in kind.description.channels
        }
        judged: set[str] = set()
        for reading, (values, way) in ways.items():
            rendered = render(kind, BINDING_LANGUAGE, values, organisation, way=way)
            read = f"{rendered.subject}\n\n{rendered.text}"
            if read not in judged:
                yield JudgedText(name, reading, judge(read, wording))
            judged.add(read)
