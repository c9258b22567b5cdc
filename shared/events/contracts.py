"""The committed contract documents, and whether they still say what the code does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.events import async_api, json_schema
from shared.events.registry import CATALOGUE

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Drift:
    """A document that differs from what the code would write; the path is relative."""

    path: Path
    what: str


def documents() -> Mapping[Path, str]:
    """Generate every document: its path below this package, and its text."""
    schemas = Path("schemas")
    generated: dict[Path, Any] = {
        schemas / f"{json_schema.short_name(entry)}.json": json_schema.data_schema(entry)
        for entry in CATALOGUE.values()
    }
    generated[schemas / f"{json_schema.WHOLE_EVENT}.json"] = json_schema.event_schema()
    generated |= {
        Path("asyncapi") / f"{service}.json": async_api.document(service)
        for service in async_api.ROLES
    }
    return {path: _text(document) for path, document in generated.items()}


def drift(folder: Path = FOLDER) -> list[Drift]:
    """Compare the documents in the folder with the code."""
    wanted = documents()
    found = _present(folder)
    missing = [Drift(path, "is missing") for path in sorted(wanted.keys() - found.keys())]
    stray = [Drift(path, "belongs to no event") for path in sorted(found.keys() - wanted.keys())]
    changed = [
        Drift(path, "differs from the code")
        for path in sorted(wanted.keys() & found.keys())
        if wanted[path] != found[path]
    ]
    return missing + stray + changed


def write(folder: Path = FOLDER) -> list[Path]:
    """Make the folder's documents say what the code does; give the paths that changed."""
    wanted = documents()
    outdated = [difference.path for difference in drift(folder)]
    for path in outdated:
        target = folder / path
        if path not in wanted:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(wanted[path], encoding="utf-8")
    return outdated


def _present(folder: Path) -> dict[Path, str]:
    return {
        path.relative_to(folder): path.read_text(encoding="utf-8")
        for kind in ("schemas", "asyncapi")
        for path in (folder / kind).glob("*.json")
    }


def _text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
