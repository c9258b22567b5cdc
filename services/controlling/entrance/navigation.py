"""What stands at the side of each page: only what the role may open, at whichever process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import AnyHttpUrl

from services.controlling.accounts.access import Call
from services.controlling.accounts.account import Role

OPERATES = frozenset({Role.OPERATIONS, Role.ADMIN, Role.AUDITOR})
"""Who sees how the software is."""
TELLS = frozenset({Role.OPERATIONS, Role.UNIT_HEAD, Role.FRONT_DESK})
"""Who sees what cases were told."""
CHECKS = frozenset({Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR, Role.STAFF_COUNCIL})
"""Whom the draw concerns; its pages are public, so nobody is refused there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page that people go to; its name is `navigation.<key>` in the catalogues.

    Attributes:
        path: The route of the page.
        roles: Who may open it, where another process leads to it; else its route alone says so.
        at: The address of the process that has it; empty: this one.
    """

    key: str
    path: str
    roles: frozenset[Role] = frozenset()
    at: str = ""

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"{self.at}{self.path}"


AT_WORKBENCH = (
    Place("reviews", "/reviews"),
    Place("board", "/board"),
    Place("results", "/results"),
    Place("findings", "/findings"),
    Place("appeals", "/appeals"),
    Place("measures", "/measures"),
    Place("guidance", "/guidance"),
    Place("today", "/today"),
    Place("process", "/process"),
    Place("clocks", "/clocks"),
    Place("policy", "/policy"),
    Place("audit", "/audit"),
    Place("accounts", "/accounts"),
)
"""In the order of people's days; a role's first one is where it begins."""
AT_DESK = (
    Place("operations", "/operations", OPERATES),
    Place("messages", "/messages", TELLS),
)
"""Likewise, at the desk."""
WORKBENCH = (Place("workbench", "/", frozenset(Role)),)
"""What leads back from the desk."""
AT_CONTROLLING = (Place("draw", "/draws", CHECKS),)
"""What anyone may see: what was promised of each draw, and what became of it."""
START = "/"
"""Where they begin who have no page of work here."""
LOOKED_AT = frozenset({"today", "process"})
"""What is looked at and holds no work: whoever has nothing else begins at the start page."""


def begins_at(places: Sequence[Place]) -> str:
    """Give the path of the page of this process where a role with such places begins."""
    own = (one.path for one in places if not one.at and one.key not in LOOKED_AT)
    return next(own, START)


def located(places: Sequence[Place], at: AnyHttpUrl | None) -> Sequence[Place]:
    """Give places of another process with its address; none where nobody knows it."""
    return [] if at is None else [replace(place, at=str(at).rstrip("/")) for place in places]


def navigation(
    table: Mapping[Call, frozenset[Role]],
    own: Sequence[Place],
    beyond: Sequence[Place] = (),
) -> Mapping[Role, Sequence[Place]]:
    """Give each role's places.

    Args:
        table: Who may open what here.
        own: The places of this process; those that it hasn't got are left out.
        beyond: The places of others, with their addresses.
    """
    return {
        role: [
            *(place for place in own if role in table.get(Call("GET", place.path), ())),
            *(place for place in beyond if role in place.roles),
        ]
        for role in Role
    }
