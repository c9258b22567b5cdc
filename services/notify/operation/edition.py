"""The edition of all texts: what a message's bytes are made from, but for its values and recipient.

A message that left names its edition, so it can be written again though texts, authority or sender
have changed since.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from pydantic import BaseModel, ConfigDict

from services.notify.channels.letter import typesetting
from services.notify.messages.catalogue import load_messages
from services.notify.messages.file import Texts
from services.notify.messages.materials import Materials, Sender
from services.notify.messages.stationery import load_stationery
from shared.organisation.model import Organisation

_FILES = ("*.md", "*/*.md", "*/message.yaml", "*/sms.yaml", "letter.*", "documents.*")
_WRITES = (
    "babel",
    "fonttools",
    "gleichfall",
    "icalendar",
    "jinja2",
    "markdown-it-py",
    "pydyf",
    "weasyprint",
)
"""Software whose release may change how a text is written."""


class _Document(BaseModel):
    """An edition as it is kept."""

    model_config = ConfigDict(frozen=True)

    organisation: Organisation
    sender: Sender
    software: dict[str, str]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition.

    Attributes:
        digest: Its name: SHA-256 of the document.
        document: JSON.
    """

    digest: bytes
    document: str

    @classmethod
    def current(
        cls, organisation: Organisation, sender: Sender, texts: Texts | None = None
    ) -> Self:
        """Take down what messages are written with now: with the texts in force here."""
        texts = texts or Texts.in_force()
        files = {name: path for pattern in _FILES for name, path in texts.find(pattern).items()}
        document = _Document(
            organisation=organisation,
            sender=sender,
            software=_software(),
            texts={name: files[name].read_text(encoding="utf-8") for name in sorted(files)},
        ).model_dump_json()
        return cls(sha256(document.encode()).digest(), document)


@dataclass(frozen=True, slots=True)
class Opened:
    """An edition to write with; `renewed` names software that has another release by now."""

    materials: Materials
    renewed: tuple[str, ...]


def opened(document: str) -> Opened:
    """Read an edition that was kept.

    Raises:
        MessageInvalid: This release can't read its texts any more.
    """
    kept = _Document.model_validate_json(document)
    with _unpacked(kept.texts) as folder:
        texts = Texts(folder)
        messages, stationery = load_messages(texts), load_stationery(texts)
    renewed = tuple(name for name, now in _software().items() if kept.software.get(name) != now)
    materials = Materials(messages, stationery, kept.organisation, kept.sender)
    return Opened(materials, renewed)


def _software() -> dict[str, str]:
    return {**{name: version(name) for name in _WRITES}, **typesetting.software()}


@contextmanager
def _unpacked(texts: dict[str, str]) -> Iterator[Path]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in texts.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        yield folder
