"""Of the pairs that were found the most alike are drawn from, with a chance that is known."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.periods.draw import Sampler
from services.controlling.twins.pairs import TWIN, Candidate, draw_pairs

SAMPLER = Sampler(bytes(32))
distances = st.lists(st.sampled_from(["0", "0.01", "0.02", "0.03"]), max_size=40)


def candidates(apart: list[str], sampler: Sampler = SAMPLER) -> list[Candidate]:
    return [
        Candidate(f"d{n}", f"t{n}", Decimal(far), sampler.ticket(f"d{n}{TWIN}"))
        for n, far in enumerate(apart)
    ]


@given(distances, st.integers(0, 12), st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_most_alike_have_one_chance_and_all_others_none(
    apart: list[str], budget: int, among: int, chance: object
) -> None:
    found = draw_pairs(candidates(apart), budget, among)
    pool = [one for one in found if one.chance or not budget]
    assert sum(one.drawn for one in found) == min(budget, len(pool))
    assert len({one.chance for one in pool}) <= 1
    assert not any(one.drawn for one in found if not one.chance)
    inside = [one.candidate.distance for one in found if one.chance]
    outside = [one.candidate.distance for one in found if not one.chance]
    if budget and apart:
        assert sum(one.chance for one in pool) < budget + Decimal("1e-20")
        assert len(inside) >= min(among, len(apart))
        assert not outside or max(inside) < min(outside)
    shuffled = candidates(apart)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw_pairs(shuffled, budget, among) == found


def test_over_many_seeds_each_of_the_most_alike_is_drawn_as_often_as_its_chance_says() -> None:
    apart = ["0"] * 3 + ["0.01"] * 4 + ["0.02"] * 5
    times: Counter[str] = Counter()
    for seed in range(2_000):
        sampler = Sampler(seed.to_bytes(32, "big"))
        for one in draw_pairs(candidates(apart, sampler), 2, 5):
            times[one.candidate.decision_id] += one.drawn
            assert one.chance == (Decimal(2) / 7 if one.candidate.distance < 1 / Decimal(60) else 0)
    assert set(times) - {name for name, count in times.items() if not count} == {
        f"d{n}" for n in range(7)
    }
    assert all(abs(times[f"d{n}"] / 2_000 - 2 / 7) < 0.04 for n in range(7))
