"""SQL is found by name, and a missing name is said at once."""

from pathlib import Path

import pytest

from shared.postgres.queries import QueryMissing, load


def store(folder: Path, **files: str) -> str:
    (folder / "sql").mkdir()
    for name, text in files.items():
        (folder / "sql" / f"{name}.sql").write_text(text)
    return str(folder / "store.py")


def test_statements_are_split_at_their_names(tmp_path: Path) -> None:
    queries = load(store(tmp_path, a="-- name: one\nSELECT 1\n\n-- name: two\nSELECT 2\n"))
    assert dict(queries) == {"one": "SELECT 1", "two": "SELECT 2"}


def test_a_missing_statement_is_named_with_its_folder(tmp_path: Path) -> None:
    queries = load(store(tmp_path))
    with pytest.raises(QueryMissing, match="'gone'"):
        queries["gone"]


def test_a_name_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="stands twice"):
        load(store(tmp_path, a="-- name: one\nSELECT 1", b="-- name: one\nSELECT 2"))
