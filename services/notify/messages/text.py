"""A message as it is written: its texts by language, before any value is known. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.notify.messages.description import Description, Placeholder, ValueType
from services.notify.template.passages import Part, key, names, parse
from services.notify.template.passages import Placeholder as Place

BINDING_LANGUAGE = "de"
"""§ 23 VwVfG: the official language is German; every message has this text."""
_NO_DOCUMENTS: Mapping[str, str] = MappingProxyType({})
OF_THE_AUTHORITY: Mapping[str, str] = MappingProxyType(
    {
        "authority": "name.de",
        "place": "place",
        "phone": "contact.phone",
        "e-mail": "contact.email",
        "web": "contact.web",
    }
)
"""What every text may say of who writes, and where the organisation file has it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message in one language, ready to be filled.

    Attributes:
        language: As in its file's name.
        subject: One line.
        body: Markdown with passages, from the greeting to the closing.
        short: What is said where every letter is paid for.
        brief: Whether that is a text of its own; else it is the same without greeting and subject.
        source: The body as it was written.
        documents: What documents are called, by code.
    """

    language: str
    subject: tuple[Part, ...]
    body: tuple[Part, ...]
    short: tuple[Part, ...]
    brief: bool
    source: str
    documents: Mapping[str, str]

    @property
    def names(self) -> frozenset[str]:
        """The values that it takes."""
        return frozenset(map(key, names((*self.subject, *self.body))))

    @property
    def short_names(self) -> frozenset[str]:
        """The values that it takes where it is short."""
        return frozenset(map(key, names(self.short)))


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message that can be sent: its description and its texts by language."""

    name: str
    description: Description
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every text in one language.

    Attributes:
        opening: Before it: the greeting.
        closing: After it: where to ask, and who writes.
        signature: After it where every letter is paid for: who writes.
        binding: What stands below a translation; not below a short text of its own, which informs.
    """

    opening: str
    closing: str
    signature: str
    binding: str = ""


def read_text(
    language: str,
    source: str,
    frame: Frame,
    documents: Mapping[str, str] = _NO_DOCUMENTS,
    brief: str | None = None,
) -> Text:
    """Read a text: its first line is the subject after a colon, the rest stands in the frame.

    Args:
        language: As in its file's name.
        source: What stands in the file.
        frame: What stands around it.
        documents: What documents are called, by code.
        brief: The short text, where there is one of its own.

    Raises:
        ValueError: There is no subject.
    """
    heading, _, body = source.partition("\n\n")
    label, colon, subject = heading.partition(":")
    if not label or not colon or not subject.strip() or "\n" in heading:
        raise ValueError("the first line must be the subject, as in 'Betreff: …', then a blank one")
    framed = _joined(frame.opening, body, frame.closing, frame.binding)
    short = (
        _joined(body, frame.signature, frame.binding)
        if brief is None
        else f"{brief.strip()}\n{frame.signature.strip()}"
    )
    return Text(
        language,
        parse(subject.strip()),
        parse(framed),
        parse(short),
        brief is not None,
        framed,
        documents,
    )


def title_of(kind: MessageType, language: str) -> str:
    """Give the subject of a message without its values, in a language or else in German."""
    text = kind.texts.get(language) or kind.texts[BINDING_LANGUAGE]
    said = ("…" if isinstance(part, Place) else part for part in text.subject if part)
    return "".join(part for part in said if isinstance(part, str))


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part)


def known_names(description: Description) -> frozenset[str]:
    """Give the names of all values that texts of a message may take."""
    given = {
        name
        for field, placeholder in description.placeholders.items()
        for name in _names_of(field, placeholder)
    }
    heeded = ("has duties",) if description.heeds else ()
    of_the_case = ("reference", "has reference")
    of_others = ("represented", "has represented", "as representative", "as addition")
    always = (*OF_THE_AUTHORITY, *of_the_case, *of_others, "name", "has name", "on paper")
    return frozenset(map(key, (*given, *heeded, *always)))


def _names_of(field: str, placeholder: Placeholder) -> Iterable[str]:
    if placeholder.type is ValueType.MOMENT:
        yield from (f"{field} day", f"{field} time")
    elif placeholder.type is ValueType.AMOUNT:
        yield from (field, f"{field} one")
    else:
        yield field
    if placeholder.optional:
        yield f"has {field}"
