"""Chance that can be repeated."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.intake.simulation.chance import Chance, lasting_pseudonym
from shared.security.pseudonyms import PseudonymKind

AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


@given(st.integers(), st.text(max_size=20))
def test_the_same_key_gives_the_same_choices(seed: int, name: str) -> None:
    first, second = Chance(seed, name), Chance(seed, name)
    assert first.event_id(AT) == second.event_id(AT)
    assert first.count(5) == second.count(5)


def test_event_ids_are_uuids_of_version_7_with_the_time_of_the_event() -> None:
    found = UUID(Chance(1).event_id(AT))
    assert found.version == 7
    assert found.int >> 80 == int(AT.timestamp() * 1000)


@given(st.sampled_from(PseudonymKind), st.integers())
def test_pseudonyms_have_the_form_that_events_demand(kind: PseudonymKind, seed: int) -> None:
    form = rf"{kind.value}-[a-z2-7]{{26}}"
    assert re.fullmatch(form, Chance(seed).pseudonym(kind))
    assert re.fullmatch(form, lasting_pseudonym(kind, seed))


def test_counts_scatter_around_their_mean_as_rare_things_do() -> None:
    chance = Chance("counts")
    counts = [chance.count(20) for _ in range(2_000)]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / len(counts)
    assert abs(mean - 20) < 0.5
    assert abs(variance - 20) < 3


def test_durations_have_their_median_and_their_limit() -> None:
    chance = Chance("durations")
    found = sorted(chance.long_tailed(20, 90) for _ in range(2_001))
    assert 18 <= found[1_000] <= 22
    assert found[-1] == 90


@given(st.integers(), st.integers(1, 100_000))
def test_a_moment_lies_between_its_bounds(seed: int, seconds: int) -> None:
    end = AT + timedelta(seconds=seconds)
    assert AT <= Chance(seed).moment(AT, end) < end
