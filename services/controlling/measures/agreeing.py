"""A measure as the form on which it is agreed sends it, and what must be mended in it."""

from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from services.controlling.accounts.account import Role
from services.controlling.measures.measure import OWNERS, Kind, Plan


def _nothing(value: object) -> object:
    return None if value == "" else value


_Number = Annotated[int, Field(ge=1, lt=2**63)]


class Agreeing(BaseModel):
    """A measure as its form sends it.

    Attributes:
        on: The finding from which the form was opened; it offers those about the same question.
        finding: Those that were ticked.
    """

    on: _Number
    finding: list[_Number] = Field(default=[], max_length=200)
    kind: Annotated[Kind | None, BeforeValidator(_nothing)] = None
    title: str = Field(default="", max_length=200)
    owner: Annotated[Role | None, BeforeValidator(_nothing)] = None
    unit: Annotated[str | None, BeforeValidator(_nothing)] = Field(default=None, max_length=64)
    due: Annotated[date | None, BeforeValidator(_nothing)] = None
    confirmed: bool = False

    @property
    def plan(self) -> Plan:
        """What is agreed, once nothing is to be mended."""
        assert self.kind is not None
        assert self.owner is not None
        assert self.due is not None
        findings = tuple(sorted(set(self.finding)))
        return Plan(self.kind, self.title.strip(), self.owner, self.unit, self.due, findings)


class Fault(StrEnum):
    """What must be mended before a measure can be agreed; the value is the field's name."""

    FINDING = "finding"
    KIND = "kind"
    TITLE = "title"
    OWNER = "owner"
    UNIT = "unit"
    DUE = "due"


def faults(given: Agreeing, units: Collection[str], today: date) -> Iterator[Fault]:
    """Name what must be mended.

    Args:
        given: What was sent.
        units: The keys of the authority's units.
        today: Nothing can be due before.
    """
    if not given.finding:
        yield Fault.FINDING
    if given.kind is None:
        yield Fault.KIND
    if not given.title.strip():
        yield Fault.TITLE
    if given.owner not in OWNERS:
        yield Fault.OWNER
    nobodys = given.unit is None and given.owner is Role.UNIT_HEAD
    if nobodys or (given.unit is not None and given.unit not in units):
        yield Fault.UNIT
    if given.due is None or given.due < today:
        yield Fault.DUE
