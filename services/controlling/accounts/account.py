"""Who works with the reviews, and what each role is there for."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody may do; one account has one role."""

    LEADERSHIP = "leadership"
    CONTROLLING = "controlling"
    UNIT_HEAD = "unit_head"
    AUDITOR = "auditor"
    STAFF_COUNCIL = "staff_council"
    FRONT_DESK = "front_desk"
    OPERATIONS = "operations"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        id: Never changes and is never used again.
        login: What they sign in with; the identity provider's word for them.
        name: What colleagues call them.
        role: What they may do.
        unit: Where they work; a unit's head answers for this one.
        groups: Which groups of decisions they are competent for; none means all.
        share: How much of a full reviewer's work they take, from 0 to 1.
        absent_from: First day on which they aren't there.
        absent_until: Last such day.
        locked_at: Since when they can't sign in any more.
        created_at: Since when there is the account.
    """

    id: UUID
    login: str
    name: str
    role: Role
    unit: str | None
    groups: tuple[str, ...]
    share: Decimal
    absent_from: date | None
    absent_until: date | None
    locked_at: datetime | None
    created_at: datetime
