"""What is asked of a list, as its address says it: a search, filters, an order and a place."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BeforeValidator

from shared.postgres.paging import Listing, OrderUnfit
from shared.web.problems import Problem

_NO_NUL = r"^[^\x00]*$"
Search = Annotated[str, Query(max_length=100, pattern=_NO_NUL)]
Key = Annotated[str, Query(max_length=200, pattern=_NO_NUL)]
"""One of the things that a list is narrowed to, as the database knows it."""


def _day(text: object) -> object:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


Day = Annotated[date | None, Query(), BeforeValidator(_day)]
"""A day that a list begins or ends with, as a form sends it: empty when none is chosen."""


class Wanted:
    """Which page of a list is wanted, and in which order."""

    def __init__(
        self,
        sort: Annotated[str, Query(max_length=40)] = "",
        after: Annotated[str, Query(max_length=1_000)] = "",
    ) -> None:
        self.sort, self.after = sort, after


WantedPage = Annotated[Wanted, Depends()]


class Selection:
    """What is asked of a list.

    Args:
        path: The list's own address.
        listing: What it is read by.
        wanted: In which order, and from where on.
        q: What it is searched for.
        filters: By what it is narrowed; what is empty doesn't narrow it.

    Raises:
        Problem: the list has no such column, or no such place.
    """

    def __init__(
        self,
        path: str,
        listing: Listing,
        wanted: Wanted,
        *,
        q: str = "",
        **filters: str | date | None,
    ) -> None:
        self.path, self.q = path, q.strip()
        asked = {"q": self.q} | filters
        self._asked = {name: str(value) for name, value in asked.items() if value}
        self._columns = listing.columns
        try:
            self.order = listing.order(wanted.sort, wanted.after)
        except OrderUnfit as unfit:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "list-unfit", str(unfit)) from unfit
        self._usual = str(self.order) == str(listing.usual)

    @property
    def text(self) -> str | None:
        """What is searched for; None: nothing."""
        return self.q or None

    @property
    def narrowed(self) -> bool:
        """Whether less is asked for than a list shows by itself."""
        return bool(self._asked)

    @property
    def sort(self) -> str:
        """The order, as a form sends it on; empty: the usual one."""
        return "" if self._usual else str(self.order)

    @property
    def first(self) -> str | None:
        """The address of the first page; None: this is it."""
        return self._address(sort=self.sort) if self.order.place else None

    @property
    def file(self) -> str:
        """The address of the whole list as a table, as it is searched, narrowed and ordered."""
        return self._address("/list.csv", sort=self.sort)

    def further(self, place: str | None) -> str | None:
        """Give the address of the page behind a line."""
        return None if place is None else self._address(sort=self.sort, after=place)

    def by(self, column: str) -> str:
        """Give the address of the list by a column; by the one it is by, the other way round."""
        turned = self.direction(column) == "ascending"
        return self._address(sort=f"-{column}" if turned else column)

    def direction(self, column: str) -> str | None:
        """Tell which way the list is ordered by a column, in the words of `aria-sort`."""
        if column not in self._columns:
            raise KeyError(column)
        if column != self.order.column:
            return None
        return "descending" if self.order.descending else "ascending"

    def _address(self, below: str = "", **more: str) -> str:
        fields = self._asked | {name: value for name, value in more.items() if value}
        return f"{self.path}{below}?{urlencode(fields)}" if fields else f"{self.path}{below}"
