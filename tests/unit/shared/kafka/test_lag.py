"""For how long the oldest record of a partition has waited, as looks from outside tell."""

from shared.kafka.lag import MOST, LagAge


def test_where_nothing_waits_nothing_has_an_age() -> None:
    age = LagAge()

    assert [age.look(5, 0, now) for now in (0, 100, 200)] == [0, 0, 0]


def test_what_waits_grows_older_until_it_is_applied() -> None:
    age = LagAge()
    age.look(5, 0, 0)

    assert age.look(5, 2, 10) == 0
    assert age.look(5, 9, 30) == 20
    assert age.look(7, 7, 40) == 10  # the seven behind them were first seen at 30
    assert age.look(14, 0, 50) == 0


def test_after_a_quiet_night_the_first_record_is_no_night_old() -> None:
    age = LagAge()
    age.look(5, 0, 0)

    assert age.look(5, 1, 40_000) == 0


def test_a_consumer_that_stands_for_days_costs_no_memory() -> None:
    age = LagAge()
    told = [age.look(5, now + 1, now) for now in range(3 * MOST)]

    assert told[-1] == 3 * MOST - 1
    assert len(age._ends) == MOST
