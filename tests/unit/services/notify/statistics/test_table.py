"""What may be shown of messages that were counted."""

from collections.abc import Hashable, Mapping

from services.controlling.statistics.suppression import suppressed
from services.notify.states import State
from services.notify.statistics.table import Column, Counted, Part, Table, table_of
from shared.events.vocabulary import Channel, FailureReason


def counted(
    messages: int,
    state: State = State.DELIVERED,
    *,
    name: str = "card_ready",
    channel: Channel = Channel.EMAIL,
    reason: FailureReason | None = None,
    left: bool = True,
    cases: int | None = None,
) -> Counted:
    part = Part(name, channel, state, reason, left)
    return Counted(part, messages, messages if cases is None else cases)


def withhold(cells: Mapping[Hashable, Mapping[Hashable, int]]) -> frozenset[Hashable]:
    return suppressed(
        {key: {part: (0, size) for part, size in parts.items()} for key, parts in cells.items()}
    )


def table(*parts: Counted) -> Table:
    return table_of(parts, withhold)


def test_each_message_stands_where_it_ended() -> None:
    found = table(
        counted(100),
        counted(20, State.ACCEPTED),
        counted(9, State.BOUNCED, reason=FailureReason.UNDELIVERABLE),
        counted(8, State.SUPPRESSED, reason=FailureReason.NO_CHANNEL, left=False),
        counted(10, State.EXPIRED, reason=FailureReason.TOO_LATE, left=False),
        counted(11, State.SUPERSEDED, reason=FailureReason.REPLACED, left=False),
        counted(12, State.HELD, left=False),
    )

    [row] = found.rows
    assert row.figures == {
        Column.PLANNED: 170,
        Column.LEFT: 129,
        Column.DELIVERED: 100,
        Column.FAILED: 17,
        Column.EXPIRED: 10,
        Column.SUPERSEDED: 11,
        Column.WAITING: 12,
    }
    assert found.whole == row.figures
    assert [(one.reason, one.messages) for one in found.failures] == [
        (FailureReason.TOO_LATE, 10),
        (FailureReason.UNDELIVERABLE, 9),
        (FailureReason.NO_CHANNEL, 8),
    ]


def test_what_is_about_few_cases_is_not_shown_nor_what_gives_it_away() -> None:
    found = table(
        counted(100),
        counted(3, State.BOUNCED, reason=FailureReason.UNDELIVERABLE),
        counted(200, name="case_closed"),
    )

    few, many = found.rows
    assert few.figures[Column.FAILED] is None
    assert None in {few.figures[Column.PLANNED], few.figures[Column.DELIVERED]}
    assert many.figures[Column.PLANNED] == 200
    assert found.failures[0].messages is None


def test_many_messages_of_one_case_are_still_about_few() -> None:
    found = table(counted(40, cases=1), counted(200, name="case_closed"))

    few, many = found.rows
    assert few.figures[Column.PLANNED] is None
    assert None in {many.figures[Column.PLANNED], found.whole[Column.PLANNED]}


def test_nought_is_told() -> None:
    found = table(counted(100))

    assert found.rows[0].figures[Column.FAILED] == 0


def test_without_messages_there_is_no_row() -> None:
    found = table()

    assert (found.rows, found.failures) == ([], [])
    assert set(found.whole.values()) == {0}
