"""The files of a message: what is known about it, and where its texts are."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from services.notify.errors import MessageInvalid
from services.notify.messages.description import Description

FOLDER = Path(__file__).parent
DESCRIPTION = "message.yaml"
SHORT_TEXTS = "sms.yaml"
_NAMES = TypeAdapter(dict[str, str])
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Strings only. The one in C, which PyYAML has wherever it comes as a wheel, takes a tenth."""


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
    path = folder / DESCRIPTION
    try:
        return Description.model_validate(_read(path))
    except yaml.YAMLError as error:
        raise MessageInvalid(path, f"is not YAML: {error}") from None
    except ValidationError as error:
        raise MessageInvalid(path, _problems(error)) from None


def load_documents(path: Path) -> dict[str, str]:
    """Read what documents are called in one language, by the code that events give them.

    Raises:
        MessageInvalid: It is malformed.
    """
    try:
        return _NAMES.validate_python(_read(path))
    except (yaml.YAMLError, ValidationError) as error:
        problem = _problems(error) if isinstance(error, ValidationError) else error
        raise MessageInvalid(path, f"must give each code a name: {problem}") from None


def load_short_texts(folder: Path) -> dict[str, str]:
    """Read the short texts of a message by language; none if it has none of its own.

    Raises:
        MessageInvalid: They are malformed.
    """
    path = folder / SHORT_TEXTS
    if not path.exists():
        return {}
    try:
        return _NAMES.validate_python(_read(path))
    except (yaml.YAMLError, ValidationError) as error:
        problem = _problems(error) if isinstance(error, ValidationError) else error
        raise MessageInvalid(path, f"must give each language a text: {problem}") from None


def _read(path: Path) -> object:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - strings only


def _problems(error: ValidationError) -> str:
    return "; ".join(
        ": ".join((*map(str, found["loc"]), found["msg"]))
        for found in error.errors(include_url=False, include_context=False)
    )
