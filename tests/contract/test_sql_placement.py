"""SQL is visible as SQL: in `.sql` files beside a store, not in strings here and there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "deploy")
STATEMENT = re.compile(
    r"\b(SELECT|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|SCHEMA|ROLE|DATABASE))\s"
)

_OF_ONE_IMPORT = "a private SQLite file, gone after the import"
ALLOWED = {
    "shared/postgres/migrations.py": "makes schemas and roles, whose names can't be parameters",
    "shared/service/database.py": "asks the database whether it is there",
    "deploy/local/postgres.py": "makes the database of a fresh cluster",
    "services/intake/importers/translation/case_memory.py": _OF_ONE_IMPORT,
    "services/intake/importers/sending/comparison.py": _OF_ONE_IMPORT,
    "services/intake/importers/inspection/order.py": _OF_ONE_IMPORT,
}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def statements(source: str) -> list[str]:
    """The strings of a module that hold SQL; what explains the code doesn't count."""
    tree = ast.parse(source)
    explanations = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in explanations and STATEMENT.search(node.value)
    ]


def test_no_module_holds_sql_but_those_with_a_reason() -> None:
    found = {
        path.relative_to(ROOT).as_posix() for path in modules() if statements(path.read_text())
    }

    assert found == ALLOWED.keys()


@pytest.mark.parametrize(
    "source",
    [
        'QUERY = "SELECT 1 FROM x"',
        'fetch("""\n  INSERT INTO x VALUES (1)""")',
        'fetch(f"DELETE FROM {table}")',
        'fetch("UPDATE x SET y = 1")',
        'fetch("CREATE TABLE x (y int)")',
    ],
)
def test_sql_in_a_string_is_recognised(source: str) -> None:
    assert statements(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Reads with SELECT and writes with INSERT INTO."""',
        'name = "select one"',
        'raise Refused("choose one and DELETE the other")',
        'QUERIES["read"]',
    ],
)
def test_words_are_not_sql(source: str) -> None:
    assert not statements(source)
