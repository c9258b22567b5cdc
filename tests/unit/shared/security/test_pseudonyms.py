import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.pseudonyms import Pseudonymiser, PseudonymKind

BERLIN = ZoneInfo("Europe/Berlin")
KEY = bytes(range(32))
LASTING = [kind for kind in PseudonymKind if kind is not PseudonymKind.DECIDER]

pseudonymiser = Pseudonymiser(KEY)


@given(st.sampled_from(LASTING), st.text())
def test_the_same_value_always_gets_the_same_pseudonym(kind: PseudonymKind, value: str) -> None:
    assert pseudonymiser.of(kind, value) == Pseudonymiser(KEY).of(kind, value)


@given(st.sampled_from(LASTING), st.text())
def test_a_pseudonym_is_its_kind_and_26_characters_of_base32(
    kind: PseudonymKind, value: str
) -> None:
    assert re.fullmatch(f"{kind}-[a-z2-7]{{26}}", pseudonymiser.of(kind, value))


@given(st.text())
def test_one_value_cannot_be_linked_across_kinds(value: str) -> None:
    bodies = {pseudonymiser.of(kind, value).partition("-")[2] for kind in LASTING}
    bodies.add(pseudonymiser.decider(value, datetime(2026, 5, 1, tzinfo=UTC), BERLIN)[8:])

    assert len(bodies) == len(PseudonymKind)


@given(st.text(), st.text())
def test_two_values_never_share_a_pseudonym(one: str, other: str) -> None:
    same = pseudonymiser.of(PseudonymKind.CASE, one) == pseudonymiser.of(PseudonymKind.CASE, other)

    assert same == (one == other)


@given(st.text())
def test_another_key_gives_another_pseudonym(value: str) -> None:
    other = Pseudonymiser(bytes(32))

    assert other.of(PseudonymKind.CASE, value) != pseudonymiser.of(PseudonymKind.CASE, value)


def test_a_pseudonym_stays_as_it_was_published() -> None:
    assert pseudonymiser.of(PseudonymKind.CASE, "4711") == "case-rrsgsxv2nd6tl6kd6i4k3ig4lq"


def test_a_key_too_short_to_be_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Pseudonymiser(b"short")


def test_a_decider_has_no_lasting_pseudonym() -> None:
    with pytest.raises(ValueError, match=r"Pseudonymiser\.decider"):
        pseudonymiser.of(PseudonymKind.DECIDER, "officer 7")


moments = st.datetimes(
    min_value=datetime(2000, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(BERLIN),
)


def quarter(moment: datetime) -> tuple[int, int]:
    local = moment.astimezone(BERLIN)
    return local.year, (local.month - 1) // 3


@given(st.text(), moments, moments)
def test_a_decider_is_the_same_within_a_quarter_and_another_in_the_next(
    value: str, one: datetime, other: datetime
) -> None:
    same = pseudonymiser.decider(value, one, BERLIN) == pseudonymiser.decider(value, other, BERLIN)

    assert same == (quarter(one) == quarter(other))


def test_the_quarter_begins_at_midnight_of_the_authority() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=BERLIN)
    before = midnight - timedelta(seconds=1)
    in_utc = midnight.astimezone(UTC)

    assert in_utc.month == 6
    assert pseudonymiser.decider("officer 7", in_utc, BERLIN) == pseudonymiser.decider(
        "officer 7", midnight, BERLIN
    )
    assert pseudonymiser.decider("officer 7", before, BERLIN) != pseudonymiser.decider(
        "officer 7", midnight, BERLIN
    )


def test_a_moment_without_time_zone_has_no_quarter() -> None:
    moment = datetime(2026, 7, 1)

    with pytest.raises(ValueError, match="needs a time zone"):
        pseudonymiser.decider("officer 7", moment, BERLIN)
