"""Which systems may send, and what each may say: one file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.configuration.yaml_file import FileInvalid, Mistake, Place, Section, load
from shared.events.json_schema import short_name
from shared.events.registry import CATALOGUE
from shared.events.vocabulary import Code
from shared.security.identity import OWN_SOURCES, SourceSystem

Source = Annotated[str, StringConstraints(pattern=r"^[^\s*]+\*?$", max_length=256)]
WholeSource = Annotated[str, StringConstraints(pattern=r"^[^\s*]+$", max_length=256)]
Pattern = Annotated[str, StringConstraints(pattern=r"^[a-z_.*]+$")]


COUNTED = "decisions.counted"
"""What a system states only for the sources that the file names as those that count."""


class SystemsInvalid(FileInvalid):
    """The file of systems can't be used; the message names line, field and mend."""


class _System(Section):
    key: Code
    sources: tuple[Source, ...] = Field(min_length=1)
    types: tuple[Pattern, ...] = Field(min_length=1)
    units: tuple[Code, ...] | None = None
    contacts: bool = False
    others: bool = False
    unlisted: tuple[Source, ...] = ()
    counts: tuple[WholeSource, ...] = ()
    history: tuple[Source, ...] = ()


class _Systems(Section):
    systems: tuple[_System, ...] = Field(min_length=1)


def load_systems(path: Path) -> Mapping[str, SourceSystem]:
    """Read the file of systems; gives them by their key.

    Raises:
        SystemsInvalid: with everything that is wrong, by line and field.
    """
    found = load(path, _Systems, invalid=SystemsInvalid, contradictions=_contradictions)
    return {
        one.key: SourceSystem(
            one.key,
            one.sources,
            one.types,
            None if one.units is None else frozenset(one.units),
            contacts=one.contacts,
            others=one.others,
            unlisted=one.unlisted,
            counts=one.counts,
            history=one.history,
        )
        for one in found.systems
    }


def fact_of(event_type: str) -> str:
    """Give the short name of a type, without its version: `decision.made`."""
    return _FACTS[event_type]


_FACTS = {name: short_name(entry).rpartition(".")[0] for name, entry in CATALOGUE.items()}


def _contradictions(found: _Systems) -> Iterator[Mistake]:
    seen: set[str] = set()
    for position, one in enumerate(found.systems):
        if one.key in seen:
            yield Mistake(("systems", position, "key"), f"{one.key} is taken; choose another")
        seen.add(one.key)
        for place, source in enumerate(one.sources):
            if source.casefold() in OWN_SOURCES:
                yield Mistake(
                    ("systems", position, "sources", place),
                    "is what a service of this system speaks as; choose another",
                )
        yield from _counting(("systems", position), one)
        for place, pattern in enumerate(one.types):
            system = SourceSystem(one.key, (), (pattern,))
            if not any(system.states(fact) for fact in _FACTS.values()):
                yield Mistake(
                    ("systems", position, "types", place),
                    "fits no event of the catalogue; see 'gleichfall events list'",
                )


def _counting(way: Place, one: _System) -> Iterator[Mistake]:
    """Find counts that nobody could send, or that would be refused without a word at the start."""
    system = SourceSystem(one.key, one.sources, one.types)
    if COUNTED in one.types and not one.counts:
        reason = f"{COUNTED} is taken of sources that count alone; name them: counts: [source]"
        yield Mistake((*way, "types", one.types.index(COUNTED)), reason)
    for place, source in enumerate(one.counts):
        if not system.allows(source):
            yield Mistake((*way, "counts", place), "isn't among the sources of this system")
        elif not system.states(COUNTED):
            yield Mistake((*way, "counts", place), f"may not count: add {COUNTED} to types")
