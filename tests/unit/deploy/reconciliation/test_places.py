"""What became of an accepted event: the first thing that accounts for it, or nothing."""

import pytest

from deploy.reconciliation.places import Fate, Place, Sighting, Surplus, balance, fate
from shared.events.registry import Topic

READS = "notify", Topic.CASE_EVENTS
NOWHERE = Sighting(applied=False, parked=False, dead_letter=False, settled_lately=False)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Sighting(applied=True, parked=False, dead_letter=True, settled_lately=True), Fate.APPLIED),
        (Sighting(applied=False, parked=True, dead_letter=True, settled_lately=True), Fate.PARKED),
        (
            Sighting(applied=False, parked=False, dead_letter=True, settled_lately=True),
            Fate.DEAD_LETTER,
        ),
        (
            Sighting(applied=False, parked=False, dead_letter=False, settled_lately=True),
            Fate.UNDER_WAY,
        ),
        (NOWHERE, Fate.MISSING),
    ],
)
def test_the_first_account_of_an_event_counts(seen: Sighting, expected: Fate) -> None:
    assert fate(seen, published=True, behind=False) is expected


def test_what_kafka_or_a_consumer_has_still_to_do_is_not_missing() -> None:
    assert fate(NOWHERE, published=False, behind=False) is Fate.UNDER_WAY
    assert fate(NOWHERE, published=True, behind=True) is Fate.UNDER_WAY


def test_a_balance_adds_up_to_what_was_accepted() -> None:
    fates = {
        Place("case-a", 3): Fate.PARKED,
        Place("case-a", 2): Fate.MISSING,
        Place("case-b", 1): Fate.APPLIED,
    }
    found = balance(*READS, 10, 2, fates, surplus=[])
    assert sum(found.amounts.values()) + found.discarded == found.accepted
    assert found.amounts[Fate.APPLIED] == 6
    assert found.missing == [Place("case-a", 2)]
    assert not found.holds


def test_a_balance_holds_unless_something_is_missing_or_too_much() -> None:
    assert balance(*READS, 3, 0, {Place("case-a", 3): Fate.PARKED}, surplus=[]).holds
    assert not balance(*READS, 3, 0, {}, surplus=[Surplus("case-a", 4, 3)]).holds
