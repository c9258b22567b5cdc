"""Whether the German texts of all messages are plain enough to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.notify.messages.catalogue import BINDING_LANGUAGE, Messages
from services.notify.messages.preview import examples
from services.notify.messages.rendering import render
from services.notify.plain_language.verdict import Verdict, judge
from services.notify.plain_language.wording import Wording
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class JudgedText:
    """A text as it is read, subject and closing included, and the verdict on it.

    Attributes:
        message: Name of the message.
        without: The optional values that this reading leaves out; empty for the full text.
    """

    message: str
    without: str
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
        for without, values in examples(kind).items():
            rendered = render(kind, BINDING_LANGUAGE, values, organisation)
            read = f"{rendered.subject}\n\n{rendered.text}"
            yield JudgedText(name, without, judge(read, wording))
