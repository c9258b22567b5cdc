"""SQL visible as SQL: statements by name, from the `sql` folder beside a store."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pydantic_core import to_json

from shared.errors import PermanentError

_HEADING = re.compile(r"^-- name: (?P<name>[a-z_]+)\s*$", re.MULTILINE)


class QueryMissing(PermanentError):
    """A store asks for a statement that no `.sql` file holds."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(f"no statement named {name!r} in {folder}/*.sql; add '-- name: {name}'")


class Queries(Mapping[str, str]):
    """Statements by name."""

    def __init__(self, folder: Path, statements: Mapping[str, str]) -> None:
        self._folder = folder
        self._statements = MappingProxyType(dict(statements))

    def __getitem__(self, name: str) -> str:
        """Give one statement.

        Raises:
            QueryMissing: no statement has that name.
        """
        try:
            return self._statements[name]
        except KeyError:
            raise QueryMissing(name, self._folder) from None

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204 - Mapping's own signature
        return iter(self._statements)

    def __len__(self) -> int:
        return len(self._statements)


def as_document(rows: Sequence[tuple[object, ...]]) -> str:
    """Write a batch as one JSON document, for `jsonb_array_elements($1::jsonb) AS row`.

    asyncpg asks of each element of each array whether it is a list itself, which costs more than
    all the rest of sending it.
    """
    return to_json(rows).decode()


def as_words(texts: Iterable[str]) -> str:
    """Write texts without spaces, such as subjects, as one, for `string_to_array($1, ' ')`.

    It is sent in a third of the time of an array.
    """
    return " ".join(texts)


def rows_changed(tag: str) -> int:
    """Read the number of rows from what PostgreSQL says of a statement, such as `INSERT 0 5`."""
    return int(tag.rpartition(" ")[2])


def load(module_file: str) -> Queries:
    """Read every `sql/*.sql` beside the module, split at its `-- name: …` lines."""
    folder = Path(module_file).parent / "sql"
    statements: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = _HEADING.split(path.read_text(encoding="utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in statements:
                raise TypeError(f"statement {name!r} stands twice in {folder}")
            statements[name] = text.strip()
    return Queries(folder, statements)
