"""Texts in the place of another language, as when a file was saved under a wrong name."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from services.notify.messages.file import (
    SHORT_TEXTS,
    Texts,
    load_documents,
    load_short_texts,
    text_files,
)
from services.notify.preview.language import language_of


class Foreign(NamedTuple):
    """A text in another language than its place says.

    Attributes:
        file: Where it stands; with several texts, `key` says which.
        expected: The language of its place.
        found: The language that it is in.
    """

    file: Path
    expected: str
    found: str


def foreign_texts(texts: Texts) -> Iterator[Foreign]:
    """Find them among all texts; what can't be told clearly isn't said.

    Raises:
        MessageInvalid: A list of short texts or names can't be read.
    """
    for file, language, text in _texts(texts):
        found = language_of(text)
        if found is not None and found != language:
            yield Foreign(file, language, found)


def _texts(texts: Texts) -> Iterator[tuple[Path, str, str]]:
    for path in texts.find("*.md").values():
        yield path, path.stem.rpartition(".")[2], path.read_text(encoding="utf-8")
    for name in ("documents", "letter"):
        for path in texts.find(f"{name}.*.yaml").values():
            yield path, path.stem.rpartition(".")[2], _lines(load_documents(path))
    for of_message in texts.folders():
        for path in text_files(of_message):
            yield path, path.stem, path.read_text(encoding="utf-8")
        for language, text in load_short_texts(of_message).items():
            yield of_message / SHORT_TEXTS, language, text


def _lines(words: Mapping[str, str]) -> str:
    return "\n".join(words.values())
