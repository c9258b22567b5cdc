"""A second source of chance: what nobody could know when a period's seed was promised.

As election audits do it: in Colorado twenty ten-sided dice are thrown in public (8 CCR 1505-1, rule
25.2.2), after the lists of ballots are committed to. Here it enters a seed that is secret and
promised already: who holds the key can't choose the value, who throws doesn't know the seed.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.controlling.periods.commitment import measured
from services.controlling.periods.errors import WitnessedByOne, WitnessTooWeak
from shared.events.vocabulary import WitnessRole

_DOMAIN = "gleichfall-witness-1"
LEAST: Final = 20
MOST: Final = 200
_DIFFERENT = 4
_CHARACTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Witness:
    """What was typed in.

    Attributes:
        value: As it entered the seed.
        roles: Who watched how it came about.
        at: When it was typed in.
    """

    value: str
    roles: tuple[WitnessRole, ...]
    at: datetime


def kept(value: str | None, roles: Sequence[str] | None, at: datetime | None) -> Witness | None:
    """Give what a period's row holds; None: it isn't witnessed."""
    if value is None or roles is None or at is None:
        return None
    return Witness(value, tuple(map(WitnessRole, roles)), at)


def mixed(seed: bytes, value: str | None) -> bytes:
    """Give the 32 bytes that tickets are made from; without a value they are the seed itself.

    SHA-256 over a name of its own, the seed's 64 hexadecimal characters and the value, each behind
    its length.
    """
    if value is None:
        return seed
    parts = (text.encode() for text in (_DOMAIN, seed.hex(), value))
    return hashlib.sha256(b"".join(measured(parts))).digest()


def value_of(typed: str) -> str:
    """Read a value as it was typed; blanks and capital letters make no difference.

    Twenty throws of a common die are 51 bits. How it came about can't be seen from it, but what
    came about by nobody's throw often can: of twenty throws, three faces or fewer come up
    in one case of fifty thousand.

    Raises:
        WitnessTooWeak: it is too short or too long, holds other signs, or too few different ones.
    """
    value = "".join(typed.split()).lower()
    if not LEAST <= len(value) <= MOST:
        raise WitnessTooWeak(f"it has {len(value)} signs")
    if strange := sorted(set(value) - _CHARACTERS):
        raise WitnessTooWeak(f"{strange[0]!r} is neither a digit nor a letter from a to z")
    if len(set(value)) < _DIFFERENT:
        raise WitnessTooWeak(f"it is made of {len(set(value))} different signs: nobody threw that")
    return value


def reminder(key: str, until: datetime) -> str:
    """Tell people that a period still wants its witness."""
    return f"{key} can be witnessed until {until:%Y-%m-%d %H:%M} UTC: gleichfall draw witness"


def watching(roles: Collection[WitnessRole]) -> tuple[WitnessRole, ...]:
    """Give who watched, each once, in one order.

    Raises:
        WitnessedByOne: nobody could contradict them.
    """
    watched = tuple(role for role in WitnessRole if role in roles)
    if len(watched) < 2:  # noqa: PLR2004 - one can't contradict themselves
        raise WitnessedByOne
    return watched
