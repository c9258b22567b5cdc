"""A second source of chance enters the seed byte by byte, and only what may be chance is taken."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.periods.deadlines import awaits_witness
from services.controlling.periods.draw import PeriodDraw, Sampler
from services.controlling.periods.errors import WitnessedByOne, WitnessTooWeak
from services.controlling.periods.witness import kept, mixed, reminder, value_of, watching
from services.controlling.policy.policy import Policy
from shared.events.vocabulary import WitnessRole

SEED = bytes(range(32))
POLICY = Policy(version="test-1", default_rate=Decimal("0.5"))
THROWN = "35126416235152364423"
VALUES = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=20, max_size=200)


def test_the_value_enters_behind_the_seed_each_behind_its_length() -> None:
    length = b"\0\0\0\0\0\0\0"
    written = b"".join([
        length + b"\x14gleichfall-witness-1",
        length + b"\x40" + SEED.hex().encode(),
        length + b"\x14" + THROWN.encode(),
    ])  # fmt: skip
    assert mixed(SEED, THROWN) == hashlib.sha256(written).digest()


def test_without_a_value_the_seed_is_alone() -> None:
    assert mixed(SEED, None) == SEED


@given(st.binary(min_size=32, max_size=32), VALUES, VALUES)
def test_another_value_or_seed_makes_other_tickets(seed: bytes, one: str, other: str) -> None:
    assert (mixed(seed, one) == mixed(seed, other)) == (one == other)
    assert mixed(seed, one) != seed
    assert (mixed(seed, one) == mixed(SEED, one)) == (seed == SEED)


def test_a_period_draws_by_what_was_mixed() -> None:
    draw = PeriodDraw("2026-05", SEED, POLICY, closed=False, witness=THROWN)
    assert draw.ticket("one") == Sampler(mixed(SEED, THROWN)).ticket("one")
    alone = PeriodDraw("2026-05", SEED, POLICY, closed=False)
    assert draw.ticket("one") != alone.ticket("one")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("35126 41623 51523 64423", THROWN),
        (" 3 5 1 2 6 4 1 6 2 3 5 1 5 2 3 6 4 4 2 3\n", THROWN),
        ("C0FFEE c0ffee 1234 5678", "c0ffeec0ffee12345678"),
    ],
)
def test_blanks_and_capitals_make_no_difference(typed: str, value: str) -> None:
    assert value_of(typed) == value


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("3512641623515236442", "it has 19 signs"),
        ("", "it has 0 signs"),
        ("12345678" * 26, "it has 208 signs"),
        ("3-5-1-2-6-4-1-6-2-3-5-1", "'-' is neither a digit nor a letter"),
        ("würfel" * 4, "'ü' is neither a digit nor a letter"),
        ("١٢٣٤٥٦١٢٣٤٥٦١٢٣٤٥٦١٢", "neither a digit nor a letter"),
        ("1" * 20, "made of 1 different signs"),
        ("123" * 8, "made of 3 different signs"),
    ],
)
def test_what_may_be_no_chance_is_refused_with_what_to_do(typed: str, reason: str) -> None:
    with pytest.raises(WitnessTooWeak, match=reason) as refused:
        value_of(typed)
    assert "throw a die 20 times or more" in str(refused.value)


def test_two_roles_watch_each_named_once_and_in_one_order() -> None:
    council, auditor = WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR
    assert watching([auditor, council, auditor]) == (council, auditor)
    for alone in ([], [council], [council, council]):
        with pytest.raises(WitnessedByOne, match="two or more"):
            watching(alone)


def test_a_period_waits_for_its_witness_until_its_day_begins_first_on_earth() -> None:
    may = date(2026, 5, 1)
    until = datetime(2026, 4, 30, 10, tzinfo=UTC)
    assert awaits_witness(may, None, until - timedelta(seconds=1)) == until
    assert awaits_witness(may, None, until) is None
    assert awaits_witness(may, until - timedelta(days=3), until - timedelta(days=2)) is None
    assert reminder("2026-05", until).startswith(
        "2026-05 can be witnessed until 2026-04-30 10:00 UTC: gleichfall draw witness"
    )


def test_a_row_without_all_of_it_is_not_witnessed() -> None:
    now = datetime.now(UTC)
    assert kept(None, None, None) is None
    found = kept(THROWN, ["staff_council", "public"], now)
    assert found is not None
    assert found.roles == (WitnessRole.STAFF_COUNCIL, WitnessRole.PUBLIC)
