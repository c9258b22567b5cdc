"""Which of the pairs that were found are reviewed: of the most alike some, by chance. Pure.

A pair takes part with one ticket, made like those of decisions: from the seed of the period of the
decision whose twin was sought, on its id followed by `:twin`. So it can be replayed once that seed
is public, and by nobody before.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from services.controlling.periods.draw import Sampler

TWIN = ":twin"
_ROUNDING = Decimal("1e-20")


class Candidate(NamedTuple):
    """A pair that was found and not drawn yet."""

    decision_id: str
    twin: str
    distance: Decimal
    ticket: str


class Drawn(NamedTuple):
    """What became of a candidate.

    Attributes:
        chance: With which it was drawn; 0: others are more alike.
    """

    candidate: Candidate
    chance: Decimal
    drawn: bool


def draw_pairs(candidates: Iterable[Candidate], budget: int, among: int) -> list[Drawn]:
    """Draw from the candidates of a round.

    The pool are the `among` most alike, and all that are as alike as the last of them; so nothing
    but likeness says who is in it, and everybody in it has the same chance: `budget` by its size.
    Drawn are its smallest tickets.

    Args:
        candidates: All of the round, in any order.
        budget: Pairs to draw at most.
        among: Pairs to draw from at least, if there are as many.
    """
    ranked = sorted(candidates, key=lambda one: (one.distance, one.ticket, one.decision_id))
    pool = _pool(ranked, among)
    chosen = sorted(pool, key=lambda one: (one.ticket, one.decision_id))[:budget]
    chance = min(Decimal(1), Decimal(budget) / len(pool)) if pool else Decimal(0)
    inside, drawn = set(pool), set(chosen)
    return [Drawn(one, chance if one in inside else Decimal(0), one in drawn) for one in ranked]


def _pool(ranked: Sequence[Candidate], among: int) -> Sequence[Candidate]:
    if len(ranked) <= among:
        return ranked
    last = ranked[among - 1].distance
    return [one for one in ranked if one.distance <= last]


def replayed(
    recorded: Iterable[Drawn], seeds: Mapping[str, bytes], budget: int, among: int
) -> list[str]:
    """Draw a round once more; tells what differs from what is recorded.

    Args:
        recorded: What is said to have become of its pairs.
        seeds: By decision whose twin was sought: what its period's tickets are made from, where
            that is public.
        budget: As recorded.
        among: As recorded.
    """
    said = {one.candidate: one for one in recorded}
    found = [
        f"{one.decision_id}: the seed gives ticket {ticket}, the record says {one.ticket}"
        for one in said
        if one.decision_id in seeds
        and (ticket := Sampler(seeds[one.decision_id]).ticket(one.decision_id + TWIN)) != one.ticket
    ]
    for due in draw_pairs(said, budget, among):
        one = said[due.candidate]
        name = one.candidate.decision_id
        if abs(one.chance - due.chance) > _ROUNDING:
            found.append(f"{name}: its chance is {due.chance}, the record says {one.chance}")
        if one.drawn != due.drawn:
            words = {True: "drawn", False: "not drawn"}
            found.append(f"{name}: it is {words[due.drawn]}, the record says {words[one.drawn]}")
    return found
