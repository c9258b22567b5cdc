"""The draw: the published sampler, exact rates, no order, no prediction."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from consistent_sampler import first_fraction, sampler
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.periods.draw import Sampler, as_threshold, shortfall
from services.controlling.policy.policy import Rule
from services.controlling.policy.strata import Stratum
from shared.events.vocabulary import DrawReason
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.unit.services.controlling.periods.even import STRATUM, period
from tests.unit.services.controlling.proof.records import POLICY, sample

SEED = bytes(range(32))
DECISIONS = [f"decision-{number}" for number in range(4_000)]
STRATA = ("work/adverse/unit-a", "work/favourable/unit-a", "family/adverse/unit/b")
frames = st.dictionaries(
    st.integers(0, 10_000).map("decision-{}".format), st.sampled_from(STRATA), max_size=80
)
seeds = st.binary(min_size=32, max_size=32)


def drawn(seed: bytes, rate: Decimal, names: Sequence[str] = DECISIONS) -> set[str]:
    """Draw as the service does, all at one rate."""
    one = period(seed, rate)
    return {name for name in names if one.draw(name, STRATUM).drawn}


@needs_knowledge
def test_the_library_gives_the_published_samples() -> None:
    assert KNOWLEDGE is not None
    vectors = json.loads((KNOWLEDGE / "vectors" / "statistics.json").read_text())
    known = {"sampler": sampler, "first_fraction": first_fraction}
    for vector in vectors["consistent_sampler"]:
        found = eval(vector["call"], {"__builtins__": {}}, known)
        assert (found if isinstance(found, str) else list(found)) == vector["expected"]


def test_a_ticket_is_the_published_sampler_on_the_revealed_seed() -> None:
    """An outsider needs the 64 characters of the revealed seed and SHA-256, nothing of ours."""
    hashed = hashlib.sha256(SEED.hex().encode()).hexdigest() + "decision-1"
    digits = f"{int(hashlib.sha256(hashed.encode()).hexdigest(), 16):064d}"
    assert period(SEED, Decimal(1)).draw("decision-1", STRATUM).ticket == "0." + digits[::-1]


@given(st.binary(min_size=32, max_size=32), st.text())
def test_a_ticket_is_the_first_fraction_of_the_published_library(seed: bytes, name: str) -> None:
    assert Sampler(seed).ticket(name) == first_fraction(name, seed.hex())


@given(st.permutations(DECISIONS[:50]), st.decimals("0", "1", places=3))
def test_the_order_of_decisions_does_not_matter(order: list[str], rate: Decimal) -> None:
    whole = drawn(SEED, rate, order)
    assert whole == {name for name in DECISIONS[:50] if drawn(SEED, rate, [name])}


@given(st.binary(min_size=32, max_size=32), st.decimals("0", "1", places=8))
def test_a_rate_is_compared_exactly(seed: bytes, rate: Decimal) -> None:
    tickets = {name: Decimal(Sampler(seed).ticket(name)) for name in DECISIONS[:50]}
    assert drawn(seed, rate, DECISIONS[:50]) == {n for n, one in tickets.items() if one < rate}


@pytest.mark.parametrize(("rate", "amount"), [("0", 0), ("1", len(DECISIONS))])
def test_rates_of_nothing_and_everything_are_exact(rate: str, amount: int) -> None:
    assert len(drawn(SEED, Decimal(rate))) == amount


@given(st.binary(min_size=32, max_size=32))
def test_about_the_rate_is_drawn_whatever_the_seed(seed: bytes) -> None:
    amount = len(drawn(seed, Decimal("0.1"), DECISIONS[:1000]))
    assert 40 < amount < 170  # more than six standard deviations of a binomial(1000, 0.1)


def test_a_higher_rate_draws_the_same_decisions_and_more() -> None:
    assert drawn(SEED, Decimal("0.05")) < drawn(SEED, Decimal("0.20"))


def test_another_seed_draws_other_decisions() -> None:
    """Knowing all past draws helps nobody in the next period."""
    rate = Decimal("0.5")
    differing = drawn(SEED, rate) ^ drawn(bytes(32), rate)
    assert abs(len(differing) - len(DECISIONS) / 2) < 200  # over six standard deviations


@given(st.text("0123456789", min_size=64, max_size=78), st.decimals(0, 1, places=8))
def test_a_ticket_compares_as_text_as_it_does_as_a_number(digits: str, rate: Decimal) -> None:
    ticket = f"0.{digits}"
    assert (ticket < as_threshold(rate)) == (Decimal(ticket) < rate)


@pytest.mark.parametrize("rate", ["0", "0.1", "0.10", "0.00000001", "1", "1.0"])
def test_a_ticket_at_the_rate_is_not_below_it(rate: str) -> None:
    ticket = f"{Decimal(rate):.64f}"
    assert (ticket < as_threshold(Decimal(rate))) == (Decimal(ticket) < Decimal(rate))


@pytest.mark.parametrize(
    ("minimum", "size", "drawn", "missing"),
    [(5, 100, 2, 3), (5, 3, 1, 2), (5, 100, 9, 0), (0, 100, 0, 0), (5, 3, 3, 0)],
)
def test_a_stratum_is_filled_up_to_its_minimum_or_its_size(
    minimum: int, size: int, drawn: int, missing: int
) -> None:
    assert shortfall(Rule(Decimal("0.1"), minimum), size, drawn) == missing


@given(seeds, frames)
def test_the_order_of_arrival_does_not_change_the_topped_up_sample(
    seed: bytes, frame: dict[str, str]
) -> None:
    other_order = dict(sorted(frame.items(), reverse=True))
    assert sample(seed, frame) == sample(seed, other_order)


@given(seeds, frames)
def test_topping_up_one_stratum_never_touches_another(seed: bytes, frame: dict[str, str]) -> None:
    whole = sample(seed, frame)
    for stratum in STRATA:
        alone = {name: one for name, one in frame.items() if one == stratum}
        assert sample(seed, alone) == {n: why for n, why in whole.items() if n in alone}


@given(seeds, frames)
def test_the_sample_of_a_stratum_is_its_smallest_tickets(
    seed: bytes, frame: dict[str, str]
) -> None:
    drawn = sample(seed, frame)
    amounts = Counter(frame[name] for name in drawn)
    for stratum in set(frame.values()):
        members = [name for name in frame if frame[name] == stratum]
        by_ticket = sorted(members, key=Sampler(seed).ticket)
        assert set(by_ticket[: amounts[stratum]]) == {n for n in members if n in drawn}
        rule = POLICY.rule_of(Stratum.parse(stratum))
        assert amounts[stratum] >= min(rule.minimum, len(members))
        topped_up = [n for n in members if drawn.get(n) is DrawReason.TOP_UP]
        assert not topped_up or amounts[stratum] <= rule.minimum
