"""The files of a message: what is known about it, and where its texts are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from services.notify.errors import MessageInvalid
from services.notify.messages.description import Description
from shared.configuration.yaml_file import Mistake, located

FOLDER = Path(__file__).parent
DESCRIPTION = "message.yaml"
SHORT_TEXTS = "sms.yaml"
_DESCRIPTION = TypeAdapter(Description)
_NAMES = TypeAdapter(dict[str, str])
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Strings only. The one in C, which PyYAML has wherever it comes as a wheel, takes a tenth."""

_Read = TypeVar("_Read")


def folders(folder: Path = FOLDER) -> list[Path]:
    """Give the folder of each message."""
    return [path.parent for path in sorted(folder.glob(f"*/{DESCRIPTION}"))]


def text_files(folder: Path) -> Sequence[Path]:
    """Give the file of each language that a message has a text in."""
    return sorted(folder.glob("*.md"))


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


def read_as(path: Path, kind: TypeAdapter[_Read], rule: str = "") -> _Read:
    """Read a YAML file whose values are all text.

    Args:
        path: The file.
        kind: What it must hold.
        rule: What is said before each fault.

    Raises:
        MessageInvalid: It can't be read, or holds something else; all faults are told.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return kind.validate_python(yaml.load(text, Loader=_Loader))  # noqa: S506 - strings only
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise MessageInvalid(path, f"line {line}: {rule}is not YAML: {error.problem}") from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        mistakes = [Mistake(tuple(one["loc"]), f"{rule}{one['msg']}") for one in found]
        raise MessageInvalid(path, *map(str, located(text, mistakes))) from None
