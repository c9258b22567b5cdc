"""What waits and what is somebody's, as whoever assigns sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.controlling.policy.policy import Policy
from services.controlling.reviews.board.workload import USUAL, OpenWork
from services.controlling.reviews.life import State
from services.controlling.reviews.listed import Sought
from shared.events.vocabulary import DrawReason
from shared.postgres.paging import Listing, Order, Page, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A line of the board: a review that waits or is somebody's."""

    id: UUID
    state: State
    due: date
    unit: str
    account: UUID | None
    name: str | None
    type_code: str
    decided_at: datetime
    reasons: tuple[DrawReason, ...]
    on_hold_until: date | None
    hold_reason: str | None


class Shown(StrEnum):
    """Which reviews the board shows."""

    WAITING = "waiting"
    HELD = "held"
    OVERDUE = "overdue"
    ON_HOLD = "on_hold"


BOARD = Listing(
    QUERIES["board"],
    {"kind": Words, "unit": Words, "due": date, "holder": Words},
    unique={"id": UUID},
    usual="due",
)


async def board(
    connection: Connection,
    shown: Shown | None,
    sought: Sought,
    order: Order,
) -> Page[OnBoard]:
    """Give a page of the board."""
    found = await BOARD.page(
        connection,
        order,
        shown and shown.value,
        sought.text,
        sought.unit,
        sought.words,
        sought.today,
    )
    return found.each(_on_board)


@dataclass(frozen=True, slots=True)
class Holding:
    """A review that somebody wanted to give away, and who has it now; None: it waits."""

    id: UUID
    unit: str
    due: date
    name: str | None
    type_code: str
    decided_at: datetime


async def holders(connection: Connection, reviews: Sequence[UUID]) -> list[Holding]:
    """Tell who has some reviews by now; what isn't on the board any more is left out."""
    if not reviews:
        return []
    return [Holding(**row) for row in await connection.fetch(QUERIES["holders"], reviews)]


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many reviews wait or are somebody's, and how many of them are overdue."""

    waiting: int
    held: int
    waiting_overdue: int
    overdue: int


async def board_counts(connection: Connection, today: date) -> BoardCounts:
    """Count what is to do."""
    row = await connection.fetchrow(QUERIES["board_counts"], today)
    assert row is not None
    return BoardCounts(**row)


async def open_work(connection: Connection) -> list[OpenWork]:
    """Give what isn't done, by period and stratum, the newest period last."""
    return [
        OpenWork(_policy(row["policy"]), row["stratum"], row["waiting"], row["held"])
        for row in await connection.fetch(QUERIES["open_work"])
    ]


def _on_board(row: Mapping[str, Any]) -> OnBoard:
    known = {"state": State(row["state"]), "reasons": tuple(map(DrawReason, row["reasons"]))}
    return OnBoard(**{**row, **known})


@lru_cache(32)
def _policy(document: str | None) -> Policy:
    """Read the policy of a period; those of before policies were kept have none."""
    return USUAL if document is None else Policy.model_validate_json(document)
