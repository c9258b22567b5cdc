"""A due message that can't be read is named, so that the others can be claimed without it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.sending.errors import MessagesUnreadable
from services.notify.sending.store import claim
from shared.events.vocabulary import Channel


class Connection:
    """Gives the rows that the test wants."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self._rows = rows
        self.asked: tuple[Any, ...] = ()

    async def fetch(self, _: str, *arguments: object) -> list[dict[str, Any]]:
        self.asked = arguments
        return list(self._rows)


def row(**other: object) -> dict[str, Any]:
    known = {
        "id": uuid4(),
        "name": "application_received",
        "case_ref": "case-" + "a" * 26,
        "contact_ref": None,
        "channel": "email",
        "language": "de",
        "facts": "[]",
        "cause_id": None,
        "traceparent": None,
        "attempts": 1,
        "lane": "bulk",
        "planned_at": datetime.now(UTC),
        "expires_at": None,
        "provider": None,
        "about": "case-" + "a" * 26,
        "sequence": 1,
        "thread": uuid4(),
        "sealed": None,
        "ciphertext": None,
        "wrapped_key": None,
        "standing": None,
        "on_behalf_of": None,
    }
    return known | other


async def claimed(connection: Connection, *passed_over: UUID) -> list[UUID]:
    found = await claim(connection, timedelta(1), passed_over, Channel.EMAIL, 10)  # type: ignore[arg-type]
    return [one.attempt.id for one in found]


async def test_what_is_due_is_claimed_but_what_is_held() -> None:
    one, other, held = row(), row(), uuid4()
    connection = Connection(one, other)

    assert await claimed(connection, held) == [one["id"], other["id"]]
    assert connection.asked[-1] == (held,)


@pytest.mark.parametrize(
    "fault", [{"lane": "nonsense"}, {"facts": "{"}, {"channel": "pigeon"}], ids=str
)
async def test_of_rows_that_cannot_be_read_each_is_named_with_its_reason(
    fault: dict[str, str],
) -> None:
    broken = row(**fault)

    with pytest.raises(MessagesUnreadable, match="1 due messages") as unreadable:
        await claimed(Connection(row(), broken, row()))

    assert list(unreadable.value.errors) == [broken["id"]]
    assert isinstance(unreadable.value.errors[broken["id"]], ValueError)
