"""Mapping files: read, checked, and those that come with the importer."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.intake.importers.errors import MappingInvalid
from services.intake.importers.mapping.mapping import LogMapping

SHIPPED = Path(__file__).parent / "mappings"


def _problem(problem: ErrorDetails) -> str:
    """Write `activities.Create Fine.data.unit: ...`, without the tags of our unions."""
    path = [str(part) for part in problem["loc"] if not str(part).startswith("<")]
    return f"{'.'.join(path) or 'the document'}: {problem['msg'].removeprefix('Value error, ')}"


class _Loader(yaml.SafeLoader):
    """Reads YAML, but takes no key twice: the first of two rules would be lost silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def load_mapping(path: Path) -> LogMapping:
    """Read a mapping file.

    Raises:
        MappingInvalid: It can't be read or says something that can't be meant.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingInvalid(f"can't read the mapping {path}: {error}") from error
    return parse_mapping(text, path)


def parse_mapping(text: str, origin: object) -> LogMapping:
    """Read a mapping from YAML; `origin` names it in messages.

    Raises:
        MappingInvalid: It is no YAML or says something that can't be meant.
    """
    try:
        return LogMapping.model_validate(yaml.load(text, _Loader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise MappingInvalid(f"the mapping {origin} is no YAML: {where}") from None
    except ValidationError as error:
        wrong = "; ".join(_problem(problem) for problem in error.errors(include_url=False))
        raise MappingInvalid(f"the mapping {origin} is invalid: {wrong}") from None


def shipped_mappings() -> list[LogMapping]:
    """Give the mappings that come with the importer."""
    return [load_mapping(path) for path in sorted(SHIPPED.glob("*.yaml"))]
