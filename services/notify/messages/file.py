"""The files of messages: what is known about each, and where its texts are."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from services.notify.messages.description import Description
from services.notify.messages.errors import MessageInvalid
from shared.configuration.places import TEXTS_VARIABLE
from shared.configuration.yaml_file import Mistake, excess, located

FOLDER = Path(__file__).parent
DESCRIPTION = "message.yaml"
SHORT_TEXTS = "sms.yaml"
_DESCRIPTION = TypeAdapter(Description)
_NAMES = TypeAdapter(dict[str, str])
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Strings only. The one in C, which PyYAML has wherever it comes as a wheel, takes a tenth."""

_Read = TypeVar("_Read")


_AROUND = re.compile(
    r"(opening|closing)(\.staff)?\.[a-z]{2,3}\.md|(signature|binding)\.[a-z]{2,3}\.md"
    r"|(documents|letter)\.[a-z]{2,3}\.yaml|letter\.(css|html)"
)
"""What stands around messages, and what documents are called."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Where the files of texts lie.

    Attributes:
        shipped: Those that come with the system.
        own: An authority's own, which stand in their place: a message whole, with its description
            and all its texts; of what stands around messages, single files.
    """

    shipped: Path = FOLDER
    own: Path | None = None

    @classmethod
    def in_force(cls) -> Self:
        """Give those in force here: with the folder GLEICHFALL_TEXTS."""
        own = os.environ.get(TEXTS_VARIABLE)
        return cls(own=Path(own) if own else None)

    def file(self, name: str) -> Path:
        """Give a file that stands beside the messages."""
        if self.own is not None and (self.own / name).exists():
            return self.own / name
        return self.shipped / name

    def find(self, pattern: str) -> dict[str, Path]:
        """Give files by their names within the folder, in order."""
        found = {path.relative_to(self.shipped): path for path in self.shipped.glob(pattern)}
        if (own := self.own) is not None:
            brought = {path.name for path in own.glob("*/")}
            found = {name: path for name, path in found.items() if name.parts[0] not in brought}
            files = {path.relative_to(own): path for path in own.glob(pattern)}
            found |= {name: path for name, path in files.items() if not _hidden(name.parts[0])}
        return {str(name): path for name, path in sorted(found.items())}

    def folders(self) -> list[Path]:
        """Give the folder of each message."""
        return [path.parent for path in self.find(f"*/{DESCRIPTION}").values()]

    def faults(self) -> Iterator[MessageInvalid]:
        """Find files of an authority that nobody would read.

        Names with a dot in front are passed over: editors, Git and mounts of containers make them.
        """
        if self.own is None:
            return
        if not self.own.is_dir():
            yield MessageInvalid(self.own, f"is no folder; {TEXTS_VARIABLE} names it")
            return
        for path in sorted(one for one in self.own.iterdir() if not _hidden(one.name)):
            if path.is_file() and not _AROUND.fullmatch(path.name):
                yield MessageInvalid(path, "has no name that a file of texts has")
            elif path.is_dir() and not (path / DESCRIPTION).exists():
                yield MessageInvalid(path / DESCRIPTION, "is missing: a message is brought whole")
            elif path.is_dir():
                known = {DESCRIPTION, SHORT_TEXTS, *(one.name for one in text_files(path))}
                names = {one.name for one in path.iterdir() if not _hidden(one.name)}
                for unread in sorted(names - known):
                    yield MessageInvalid(path / unread, "has no name that a file of texts has")


def _hidden(name: str) -> bool:
    return name.startswith(".")


def text_files(folder: Path) -> Sequence[Path]:
    """Give the file of each language that a message has a text in."""
    return sorted(path for path in folder.glob("*.md") if not _hidden(path.name))


def load_description(folder: Path) -> Description:
    """Read what is known about a message besides its words.

    Raises:
        MessageInvalid: It is malformed.
    """
    return read_as(folder / DESCRIPTION, _DESCRIPTION)


def load_documents(path: Path) -> dict[str, str]:
    """Read what documents are called in one language, by the code that events give them.

    Raises:
        MessageInvalid: It is malformed.
    """
    return read_as(path, _NAMES, "must give each code a name: ")


def load_short_texts(folder: Path) -> dict[str, str]:
    """Read the short texts of a message by language; none if it has none of its own.

    Raises:
        MessageInvalid: They are malformed.
    """
    path = folder / SHORT_TEXTS
    if not path.exists():
        return {}
    return read_as(path, _NAMES, "must give each language a text: ")


def content_of(path: Path) -> str:
    """Read a file of texts.

    Raises:
        MessageInvalid: It can't be read, or isn't UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MessageInvalid(path, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise MessageInvalid(path, "is not UTF-8 text") from None


def read_as(path: Path, kind: TypeAdapter[_Read], rule: str = "") -> _Read:
    """Read a YAML file whose values are all text.

    Args:
        path: The file.
        kind: What it must hold.
        rule: What is said before each fault.

    Raises:
        MessageInvalid: It can't be read, or holds something else; all faults are told.
    """
    text = content_of(path)
    try:
        if beyond := excess(text):
            raise MessageInvalid(path, str(beyond))
        return kind.validate_python(yaml.load(text, Loader=_Loader))  # noqa: S506 - strings only
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise MessageInvalid(path, f"line {line}: {rule}is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:  # a character that YAML doesn't allow
        raise MessageInvalid(path, f"{rule}is not YAML: {str(error).splitlines()[0]}") from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        mistakes = [Mistake(tuple(one["loc"]), f"{rule}{one['msg']}") for one in found]
        raise MessageInvalid(path, *map(str, located(text, mistakes))) from None
