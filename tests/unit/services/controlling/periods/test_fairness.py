"""Nobody can foresee the draw, and no day of the month is spared or flooded.

Each claim is one statistical test with a fixed seed, hence the same at every run; beside it stands
a broken sampler that the same test must refuse.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.controlling.periods.draw import Sampler
from tests.unit.services.controlling.periods.even import STRATUM, period

RATE = Decimal("0.2")
PERIODS, DECISIONS = 60, 400
ERROR = 1e-6
"""The probability with which a fair sampler would fail one of these tests, over all seeds."""
Drawn = Sequence[bool]
"""What was drawn, decision by decision, in their order in the period."""


@dataclass(frozen=True)
class Month:
    """What deciders see of a period: the ids of its decisions in order, and its public name."""

    key: str
    ids: Sequence[str]


IDS = [f"decision-{number}" for number in range(DECISIONS)]
MONTHS = [Month(f"{2021 + n // 12}-{n % 12 + 1:02}", IDS) for n in range(PERIODS)]
"""The same ids each month: what would help a guesser most."""


def drawn(seed: bytes, ids: Sequence[str]) -> Drawn:
    """Draw as the service does."""
    one = period(seed, RATE)
    return [one.draw(name, STRATUM).drawn for name in ids]


def ours(month: Month, chance: random.Random) -> Drawn:
    return drawn(chance.randbytes(32), month.ids)


def every_fifth(month: Month, chance: random.Random) -> Drawn:
    """A random start and every fifth from there, as in DfE's claims."""
    start = chance.randrange(5)
    return [number % 5 == start for number in range(len(month.ids))]


def seed_of_the_name(month: Month, _: random.Random) -> Drawn:
    """A seed that whoever knows the program can work out."""
    return drawn(hashlib.sha256(month.key.encode()).digest(), month.ids)


def one_seed_for_all(month: Month, _: random.Random) -> Drawn:
    """The same decisions' numbers are drawn each month."""
    return drawn(bytes(32), month.ids)


def capped(month: Month, chance: random.Random) -> Drawn:
    """First come, first drawn, up to a cap, as in Caseflow: the month's end is spared."""
    left = DECISIONS // 8
    found = []
    for _ in month.ids:
        hit = left > 0 and chance.random() < float(RATE)
        left -= hit
        found.append(hit)
    return found


Method = Callable[[Month, random.Random], Drawn]
History = Sequence[Drawn]


def from_the_program(month: Month, _: History, seen: Drawn) -> bool:
    """Guess with the seed that the period's name would give."""
    seed = hashlib.sha256(month.key.encode()).digest()
    return drawn(seed, [month.ids[len(seen)]])[0]


def from_past_months(_: Month, past: History, seen: Drawn) -> bool:
    """Guess that what was drawn often at this place is drawn again."""
    return sum(drawn[len(seen)] for drawn in past[-12:]) > 3


def from_last_month(_: Month, past: History, seen: Drawn) -> bool:
    """Guess that last month's draw comes again."""
    return bool(past) and past[-1][len(seen)]


def from_the_gap(_: Month, __: History, seen: Drawn) -> bool:
    """Guess that it is time again, as long after the last one as that was after its own last."""
    return len(seen) >= 5 and seen[-5]


def from_the_streak(_: Month, __: History, seen: Drawn) -> bool:
    """Guess that a streak goes on."""
    return bool(seen) and seen[-1]


def from_the_drought(_: Month, __: History, seen: Drawn) -> bool:
    """Guess that one is due, because none was drawn for long."""
    return len(seen) >= 10 and not any(seen[-10:])


GUESSERS = (
    from_the_program,
    from_past_months,
    from_last_month,
    from_the_gap,
    from_the_streak,
    from_the_drought,
)


def best_guess(method: Method) -> float:
    """Let deciders bet on decisions before they are drawn; how unlikely is the best's success?

    They know the policy, the ids, and all draws before. Of those they bet on, chance lets the
    rate's share be drawn, whatever they do (binomial test, two-sided, times the guessers).
    """
    chance = random.Random(2026)
    past: list[Drawn] = []
    bets, hits = dict.fromkeys(GUESSERS, 0), dict.fromkeys(GUESSERS, 0)
    for month in MONTHS:
        seen: list[bool] = []
        for drawn in method(month, chance):
            for guess in GUESSERS:
                if guess(month, past, seen):
                    bets[guess] += 1
                    hits[guess] += drawn
            seen.append(drawn)
        past.append(seen)
    found = [
        stats.binomtest(hits[guess], bets[guess], float(RATE)).pvalue
        for guess in GUESSERS
        if bets[guess]
    ]
    return float(min(found)) * len(GUESSERS)


def evenness(method: Method) -> float:
    """How unlikely is it that the tenths of the months differ as they do (chi-square)?"""
    chance = random.Random(2026)
    tenth = DECISIONS // 10
    drawn = [0] * 10
    for month in MONTHS:
        for number, hit in enumerate(method(month, chance)):
            drawn[number // tenth] += hit
    undrawn = [tenth * PERIODS - amount for amount in drawn]
    return float(stats.chi2_contingency([drawn, undrawn]).pvalue)


def test_who_knows_policy_and_all_past_draws_guesses_no_better_than_chance() -> None:
    assert best_guess(ours) > ERROR


@pytest.mark.parametrize("method", [every_fifth, seed_of_the_name, one_seed_for_all])
def test_a_sampler_that_can_be_foreseen_is_found_out(method: Method) -> None:
    assert best_guess(method) < ERROR


def test_the_months_end_is_not_starved_nor_its_beginning_flooded() -> None:
    assert evenness(ours) > ERROR


def test_a_cap_that_starves_the_months_end_is_found_out() -> None:
    assert evenness(capped) < ERROR


def test_tickets_are_uniform() -> None:
    sampler = Sampler(bytes(range(32)))
    tickets = [float(sampler.ticket(f"decision-{number}")) for number in range(20_000)]
    assert stats.kstest(tickets, "uniform").pvalue > ERROR


@given(st.binary(min_size=32, max_size=32), st.permutations(range(30)))
def test_what_is_delivered_when_changes_nothing(seed: bytes, order: list[int]) -> None:
    """A decider who holds a decision back can't change whether it is drawn."""
    at_once = drawn(seed, [f"decision-{number}" for number in order])
    assert at_once == [drawn(seed, [f"decision-{number}"])[0] for number in order]
