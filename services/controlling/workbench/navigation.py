"""What stands at the side of each page: only what the role may open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.controlling.accounts.access import Call
from services.controlling.accounts.account import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A page that people go to; its name is `navigation.<key>` in the catalogues."""

    key: str
    path: str


PLACES = (
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
    Place("draw", "/draw"),
    Place("policy", "/policy"),
    Place("operations", "/operations"),
    Place("audit", "/audit"),
    Place("accounts", "/accounts"),
)
"""In the order of people's days; a role's first one is where it begins."""
LOOKED_AT = frozenset({"today", "process"})
"""What is looked at and holds no work: whoever has nothing else begins at the start page."""


def navigation(table: Mapping[Call, frozenset[Role]]) -> Mapping[Role, Sequence[Place]]:
    """Give each role's places, of those that there are."""
    return {
        role: [place for place in PLACES if role in table.get(Call("GET", place.path), ())]
        for role in Role
    }
