from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.circuit import LIMIT, PAUSES, Circuit, Position

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAUSE = PAUSES.first
SECOND = timedelta(seconds=1)


def opened(now: datetime = NOW) -> Circuit:
    circuit = Circuit()
    for _ in range(LIMIT):
        circuit = circuit.failed(now)
    return circuit


def test_a_provider_that_is_well_is_asked() -> None:
    assert Circuit().ask(NOW) == (Circuit(), True)


def test_failures_in_a_row_open_it_and_one_success_forgets_them() -> None:
    circuit = Circuit()
    for _ in range(LIMIT - 1):
        circuit = circuit.failed(NOW)
    assert circuit.position(NOW) is Position.CLOSED
    assert circuit.failed(NOW).position(NOW) is Position.OPEN
    assert circuit.succeeded().failed(NOW).position(NOW) is Position.CLOSED


def test_while_it_is_open_nobody_is_let_through() -> None:
    assert opened().ask(NOW + PAUSE - SECOND) == (opened(), False)


def test_after_the_pause_one_tries_and_the_others_wait_for_its_outcome() -> None:
    assert opened().position(NOW + PAUSE) is Position.HALF_OPEN

    circuit, first = opened().ask(NOW + PAUSE)
    circuit, second = circuit.ask(NOW + PAUSE)

    assert (first, second) == (True, False)
    assert circuit.succeeded().position(NOW + PAUSE) is Position.CLOSED


def test_each_try_that_fails_doubles_the_pause() -> None:
    circuit, now, pauses = opened(), NOW, []
    for _ in range(7):
        assert circuit.open_until is not None
        pauses.append(str(circuit.open_until - now))
        now = circuit.open_until
        circuit, asked = circuit.ask(now)
        assert asked
        circuit = circuit.failed(now)

    assert pauses == ["0:00:10", "0:00:20", "0:00:40", "0:01:20", "0:02:40", "0:05:00", "0:05:00"]


def test_one_that_tries_and_is_never_heard_of_is_followed_by_another() -> None:
    circuit, _ = opened().ask(NOW + PAUSE)

    circuit, asked = circuit.ask(NOW + 2 * PAUSE)

    assert asked


def test_failures_of_what_was_under_way_when_it_opened_change_nothing() -> None:
    assert opened().failed(NOW + SECOND) == opened()


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "succeed", "fail"]), st.integers(0, 400)), max_size=60
    )
)
def test_it_always_lets_somebody_through_again(happenings: list[tuple[str, int]]) -> None:
    circuit, now = Circuit(), NOW
    for kind, seconds in happenings:
        now += timedelta(seconds=seconds)
        if kind == "ask":
            circuit, _ = circuit.ask(now)
        else:
            circuit = circuit.succeeded() if kind == "succeed" else circuit.failed(now)

    _, asked = circuit.ask(now + PAUSES.longest)
    assert asked
