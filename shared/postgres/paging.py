"""Long lists, a page at a time, by whatever column of theirs is asked for.

A page begins behind the last line of the one before, at the values by which the list is ordered:
what is added or goes away meanwhile lets no line be shown twice or never. What a list is ordered by
is what it shows, and nothing finer: a page's place stands in its address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from shared.errors import PermanentError
from shared.postgres.pool import Connection

PAGE = 50
Item = TypeVar("Item")
Other = TypeVar("Other")
Types = Mapping[str, Any]
"""Columns of `sort`, each with its type."""

Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Rank = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Words = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Moment = AwareDatetime


class OrderUnfit(PermanentError):
    """A list isn't ordered that way, or has no such place."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is to be read.

    Attributes:
        column: By what.
        descending: The last first.
        place: Behind which line, as the page before it told; empty: from the beginning.
        size: At most how many lines.
    """

    column: str
    descending: bool = False
    place: str = ""
    size: int = PAGE

    def behind(self, place: str) -> Self:
        """Go on behind a line."""
        return replace(self, place=place)

    def whole(self, size: int) -> Self:
        """Begin anew, so many lines at a time."""
        return replace(self, place="", size=size)

    def __str__(self) -> str:
        """Write it for an address: `due`, or `-due` for the last first."""
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some lines of a list.

    Attributes:
        further: Where it goes on; None: there it ends.
    """

    lines: Sequence[Item]
    further: str | None

    def each(self, read: Callable[[Item], Other]) -> "Page[Other]":
        """Give the same page with each line read."""
        return Page([read(line) for line in self.lines], self.further)


class Listing:
    """A statement whose lines are asked for in several orders.

    Args:
        statement: Joins `sort`, whose columns tell by what lines can be ordered, none of them ever
            null; has `{place}` among its own columns and `{behind}` among its conditions, and ends
            with `ORDER BY {order} LIMIT {size}`.
        columns: Of `sort`: one can order the list by them.
        unique: Of `sort`: what tells any two lines apart, and decides where all else is equal.
        usual: How the list is ordered when nobody asks.
    """

    def __init__(self, statement: str, columns: Types, *, unique: Types, usual: str) -> None:
        self._statement = statement
        self._keys = {name: {name: kind} | dict(unique) for name, kind in columns.items()}
        self._places = {name: _place(*keys.values()) for name, keys in self._keys.items()}
        self.usual = Order("")
        self.usual = self.order(usual)

    @property
    def columns(self) -> Sequence[str]:
        """By what lines can be ordered."""
        return list(self._keys)

    def order(self, sort: str = "", place: str = "") -> Order:
        """Read an order from an address.

        Raises:
            OrderUnfit: there is no such column, or no such place in that order.
        """
        if not sort:
            order = replace(self.usual, place=place, size=PAGE)
        else:
            order = Order(sort.removeprefix("-"), sort.startswith("-"), place, PAGE)
        if order.column not in self._keys:
            raise OrderUnfit(f"this list isn't ordered by {order.column!r}")
        self._values(order)
        return order

    async def page(
        self, connection: Connection, order: Order, *arguments: object
    ) -> Page[dict[str, Any]]:
        """Read a page.

        Args:
            connection: Where.
            order: How, and from where on.
            arguments: What the statement itself takes: $1, $2, …
        """
        values = (*arguments, order.size + 1, *self._values(order))
        rows = [dict(row) for row in await connection.fetch(self._text(order, values), *values)]
        places = [row.pop("place") for row in rows]
        more = len(rows) > order.size
        return Page(rows[: order.size], places[order.size - 1] if more else None)

    def _text(self, order: Order, values: Sequence[object]) -> str:
        keys = [f"sort.{name}" for name in self._keys[order.column]]
        first = len(values) - len(keys) + 1 if order.place else len(values) + 1
        placed = ", ".join(f"${number}" for number in range(first, len(values) + 1))
        sign, way = ("<", " DESC") if order.descending else (">", "")
        behind = f"({', '.join(keys)}) {sign} ({placed})" if order.place else "true"
        return (
            self._statement.replace("{place}", f"jsonb_build_array({', '.join(keys)}) AS place")
            .replace("{behind}", behind)
            .replace("{order}", ", ".join(f"{key}{way}" for key in keys))
            .replace("{size}", f"${first - 1}")
        )

    def _values(self, order: Order) -> tuple[Any, ...]:
        if not order.place:
            return ()
        try:
            return self._places[order.column].validate_json(order.place)
        except ValidationError:
            raise OrderUnfit(f"there is no place {order.place!r} in this list") from None


def _place(*types: Any) -> TypeAdapter[tuple[Any, ...]]:
    return TypeAdapter(tuple.__class_getitem__(types))  # type: ignore[arg-type]
