"""The messages of this service, read once from their folders."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.notify.messages.causes import unfit
from services.notify.messages.description import Audience, Description, Events
from services.notify.messages.errors import MessageInvalid, MessagesInvalid
from services.notify.messages.file import (
    DESCRIPTION,
    SHORT_TEXTS,
    Texts,
    content_of,
    load_description,
    load_documents,
    load_short_texts,
    text_files,
)
from services.notify.messages.parity import differences
from services.notify.messages.text import (
    BINDING_LANGUAGE,
    Frame,
    MessageType,
    Text,
    known_names,
    read_text,
)

_FRAMES: Mapping[Audience, tuple[str, str, str]] = {
    Audience.APPLICANT: ("opening", "closing", "signature"),
    Audience.STAFF: ("opening.staff", "closing.staff", "closing.staff"),
}
"""Around every text; a translation for applicants also says that the German text is binding."""


@dataclass(frozen=True, slots=True)
class Messages:
    """All messages.

    Attributes:
        by_name: Each by its own name.
        by_cause: By the types of events that may ask for them.
        superseded_by: By the types of events that may make them untrue.
    """

    by_name: Mapping[str, MessageType]
    by_cause: Mapping[str, tuple[MessageType, ...]]
    superseded_by: Mapping[str, tuple[MessageType, ...]]


def load_messages(texts: Texts | None = None) -> Messages:
    """Read and check every message, of those in force here unless others are named.

    Raises:
        MessagesInvalid: A description or text is malformed, or the German text is missing; it tells
            all that is wrong in any of them.
    """
    texts = texts or Texts.in_force()
    wrong = list(texts.faults())
    # Editions of earlier releases name no documents.
    documents: dict[str, Mapping[str, str]] = {}
    for path in texts.find("documents.*.yaml").values():
        try:
            documents[path.name.split(".")[1]] = load_documents(path)
        except MessageInvalid as error:
            wrong.append(error)
    kinds: list[MessageType] = []
    for path in texts.folders():
        try:
            kinds.append(_message(path, texts, documents))
        except MessageInvalid as error:
            wrong.append(error)
    if wrong:
        raise MessagesInvalid(wrong)
    return Messages(
        {kind.name: kind for kind in kinds},
        _by_event(kinds, lambda about: about.cause),
        _by_event(kinds, lambda about: about.superseded_by),
    )


def _by_event(
    kinds: Iterable[MessageType], events_of: Callable[[Description], Iterable[Events]]
) -> dict[str, tuple[MessageType, ...]]:
    found: dict[str, dict[str, MessageType]] = defaultdict(dict)
    for kind in kinds:
        for events in events_of(kind.description):
            found[events.event][kind.name] = kind
    return {event: tuple(by_name.values()) for event, by_name in found.items()}


def _message(folder: Path, where: Texts, documents: Mapping[str, Mapping[str, str]]) -> MessageType:
    described = load_description(folder)
    wrong = [MessageInvalid(folder / DESCRIPTION, *found)] if (found := unfit(described)) else []
    short = load_short_texts(folder)
    texts: dict[str, Text] = {}
    files = text_files(folder)
    for path in files:
        named = documents.get(path.stem, {})
        try:
            frame = _frame(path, where, described.audience)
            texts[path.stem] = _text(path, frame, named, short.get(path.stem))
        except MessageInvalid as error:
            wrong.append(error)
    kind = MessageType(folder.name, described, texts)
    if BINDING_LANGUAGE in texts:
        wrong.extend(_contradictions(folder, where, kind, short))
    elif all(path.stem != BINDING_LANGUAGE for path in files):
        wrong.append(MessageInvalid(folder, f"the text {BINDING_LANGUAGE}.md is missing"))
    if wrong:
        raise MessagesInvalid(wrong)
    return kind


def _contradictions(
    folder: Path, where: Texts, kind: MessageType, short: Mapping[str, str]
) -> Iterator[MessageInvalid]:
    """Find what one text says against another, or against the description."""
    texts, binding = kind.texts, kind.texts[BINDING_LANGUAGE]
    languages = {path.stem for path in text_files(folder)}
    if short and (unlike := short.keys() ^ languages):
        yield MessageInvalid(folder / SHORT_TEXTS, f"check {', '.join(sorted(unlike))}")
    for language, text in texts.items():
        if unlike := text.documents.keys() ^ binding.documents.keys():
            names = ", ".join(sorted(unlike))
            yield MessageInvalid(where.file(f"documents.{language}.yaml"), f"check {names}")
        if language in short and text.short_names != binding.short_names:
            yield MessageInvalid(
                folder / SHORT_TEXTS, f"{language} takes other values than {BINDING_LANGUAGE}"
            )
        if unknown := (text.names | text.short_names) - known_names(kind.description):
            yield MessageInvalid(
                folder / f"{language}.md", f"takes unknown values: {', '.join(sorted(unknown))}"
            )
        if found := differences(binding, text):
            yield MessageInvalid(folder / f"{language}.md", *found)


def _frame(path: Path, where: Texts, audience: Audience) -> Frame:
    translated = audience is Audience.APPLICANT and path.stem != BINDING_LANGUAGE
    parts = (*_FRAMES[audience], *(["binding"] if translated else []))
    return Frame(*(content_of(where.file(f"{part}.{path.name}")) for part in parts))


def _text(path: Path, frame: Frame, documents: Mapping[str, str], brief: str | None) -> Text:
    try:
        return read_text(path.stem, content_of(path), frame, documents, brief)
    except ValueError as error:
        raise MessageInvalid(path, str(error)) from None
