"""Who came in vain, by office."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.visits import Visits, count_visits, together_visits
from shared.events.catalogue.office import VisitorRedirected
from shared.events.vocabulary import Misdirection

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
VISITS = st.lists(
    st.builds(
        VisitorRedirected,
        office=st.sampled_from(("north", "south")),
        misdirection=st.sampled_from(Misdirection),
    ).map(lambda data: Fact(Part.VISITS, AT.date(), AT, data))
)


def came(office: str, misdirection: Misdirection) -> Fact:
    data = VisitorRedirected(office=office, misdirection=misdirection)
    return Fact(Part.VISITS, AT.date(), AT, data)


def test_who_came_in_vain_is_counted_by_office_and_by_what_was_wrong() -> None:
    found = count_visits(
        [
            came("north", Misdirection.WRONG_COUNTER),
            came("north", Misdirection.WRONG_COUNTER),
            came("north", Misdirection.WRONG_CHANNEL),
            came("south", Misdirection.WRONG_CHANNEL),
        ]
    )
    assert found == {"north": Visits(2, 1), "south": Visits(wrong_channel=1)}
    assert found["north"].redirected == 3


@given(VISITS, VISITS, st.randoms())
def test_neither_order_nor_days_change_the_sum(
    some: list[Fact], others: list[Fact], chance: object
) -> None:
    shuffled = sorted(some + others, key=lambda _: chance.random())  # type: ignore[attr-defined]
    apart = [*count_visits(some).values(), *count_visits(others).values()]
    assert together_visits(apart) == together_visits([*count_visits(shuffled).values()])
