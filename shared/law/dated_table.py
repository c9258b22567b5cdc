"""What every table of dated rules of law has in common: how it is read, and held against others."""

from abc import abstractmethod
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import ClassVar, Self

from shared.configuration.places import law_file
from shared.configuration.yaml_file import FileInvalid, Mistake, Section, load


class DatedTable(Section):
    """A table of rules, each in force on some days."""

    file: ClassVar[str]
    invalid: ClassVar[type[FileInvalid]]

    @classmethod
    def load(cls, path: Path | None = None, codes: Collection[str] | None = None) -> Self:
        """Read a table.

        Args:
            path: The file; without it, that of the law in force here.
            codes: The decision types that there are; None leaves that unchecked.

        Raises:
            FileInvalid: as `invalid`, with everything that is wrong, by line and field.
        """

        def contradictions(table: Self) -> Iterator[Mistake]:
            yield from table.contradictions()
            if codes is not None:
                yield from table.unknown_types(codes)

        return load(
            path or law_file(cls.file), cls, invalid=cls.invalid, contradictions=contradictions
        )

    @abstractmethod
    def contradictions(self) -> Iterator[Mistake]:
        """Say which rules can't be in force beside each other."""

    def unknown_types(self, codes: Collection[str]) -> Iterator[Mistake]:
        """Say which rules are about decision types that there aren't; by default they name none."""
        del codes
        return iter(())
