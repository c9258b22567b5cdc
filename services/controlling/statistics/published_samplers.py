"""The two published samplers, so that anyone can repeat a draw from its seed.

Sources: R. L. Rivest, "Consistent Sampling with Replacement" (2018), library `consistent_sampler`;
R. L. Rivest, "Reference implementation code for pseudo-random sampler for election audits"
(14 November 2011).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from consistent_sampler import sampler

from services.controlling.statistics.errors import CountsContradict, NothingReviewed


class Method(StrEnum):
    """Which sampler."""

    CONSISTENT = "consistent"
    RIVEST_2011 = "rivest-2011"


class Drawn(NamedTuple):
    """One item of a sample.

    Attributes:
        id: The item.
        ticket: The number that drew it: the smallest tickets are drawn by the consistent sampler;
            the hash that names the place in the list by Rivest's of 2011.
    """

    id: str | int
    ticket: str


def consistent(
    ids: Sequence[str | int], seed: str, take: int, *, digits: int = 9, replacement: bool = False
) -> list[Drawn]:
    """Draw the items with the smallest tickets; more items never change the tickets of others."""
    _check(ids, take, replacement=replacement)
    drawn = sampler(ids, seed, with_replacement=replacement, take=take, digits=digits)
    return [Drawn(item, ticket) for ticket, item, _ in islice(drawn, take)]


def rivest_2011(
    ids: Sequence[str | int], seed: str, take: int, *, replacement: bool = False
) -> list[Drawn]:
    """Draw by SHA-256 of "seed,1", "seed,2" and so on, modulo the length of the list."""
    _check(ids, take, replacement=replacement)
    drawn = _hashed(ids, seed)
    if not replacement:
        drawn = _first_time(drawn)
    return list(islice(drawn, take))


def _hashed(ids: Sequence[str | int], seed: str) -> Iterator[Drawn]:
    number = 0
    while True:
        number += 1
        ticket = sha256(f"{seed},{number}".encode()).hexdigest()
        yield Drawn(ids[int(ticket, 16) % len(ids)], ticket)


def _first_time(drawn: Iterator[Drawn]) -> Iterator[Drawn]:
    seen: set[str | int] = set()
    for one in drawn:
        if one.id not in seen:
            seen.add(one.id)
            yield one


def _check(ids: Sequence[str | int], take: int, *, replacement: bool) -> None:
    if not ids:
        raise NothingReviewed("the list to draw from")
    if len(set(ids)) < len(ids):
        raise CountsContradict("an id stands twice in the list to draw from")
    if take > len(ids) and not replacement:
        raise CountsContradict(f"{take} to draw from {len(ids)} without replacement")
