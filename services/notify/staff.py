"""What pages for staff need of the process that shows them.

Who may sign in, the audit log and the rule by which few cases are hidden are another service's; so
whoever brings both together gives them here.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fastapi import Request

from services.notify.messages.catalogue import Messages
from services.notify.messages.stationery import Stationery
from services.notify.withholding import Withhold
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection, Pool
from shared.web.sign_in.session import Signed


class Act(StrEnum):
    """What is written down, as the audit log calls it."""

    READ = "messages_read"
    RESENT = "message_resent"
    STOPPED = "message_stopped"
    TOLD = "recipient_told"
    EXPORTED = "exported"


class Work(Protocol):
    """One transaction, and what the audit log tells of it: both are kept, or neither is."""

    @property
    def connection(self) -> Connection:
        """On this service's schema."""

    def note(self, signed: Signed, act: Act, on: str, **detail: str | int | None) -> None:
        """Write down what somebody does with a case or a list, when it is done."""


@dataclass(frozen=True, slots=True)
class Staff:
    """What pages for staff stand on; kept in the state of their application.

    Attributes:
        pool: On this service's schema.
        acting: Opens a transaction in which something is done.
        own_unit: The only unit of whose cases somebody may see something; None for all.
        note_refused: Writes down that somebody tried what they may not.
        opens: Gives what tells which pages somebody's role may open.
        withhold: Names the figures about too few cases, and those that would give them away.
    """

    pool: Pool
    messages: Messages
    stationery: Stationery
    organisation: Organisation
    acting: Callable[[], AbstractAsyncContextManager[Work]]
    own_unit: Callable[[Signed], str | None]
    note_refused: Callable[[Request, Signed], Awaitable[None]]
    opens: Callable[[Request, Signed], Callable[[str], bool]]
    withhold: Withhold


def staff_of(request: Request) -> Staff:
    """Give what the application that a request reached has for pages for staff."""
    found = request.app.state.staff
    assert isinstance(found, Staff)
    return found
