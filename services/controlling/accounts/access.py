"""Which role may open what: declared at each route, and read from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from fastapi import FastAPI, Request, params
from fastapi.routing import iter_route_contexts

from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import write
from shared.web.access import Access, AccessUndeclared, Guard, guards
from shared.web.problems import Problem
from shared.web.sign_in.recognising import pool_of
from shared.web.sign_in.session import Signed

_LONGEST = 200


class Forbidden(Problem):
    """Somebody is signed in and may not do this."""

    def __init__(self, role: Role) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN,
            "forbidden",
            "The role may not do this",
            f"The role {role} isn't among those for whom this is.",
        )


@dataclass(frozen=True, slots=True)
class Allowed(Guard):
    """Lets those pass who are signed in and have one of the roles."""

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> Signed:
        """Give who is signed in.

        Raises:
            Forbidden: the role isn't among those for whom this is.
        """
        signed = await super(Allowed, self).__call__(request)
        assert isinstance(signed, Signed)
        role = Role(signed.account.role)
        if role not in self.roles:
            raise await refuse(request, signed)
        return signed


async def refuse(request: Request, signed: Signed) -> Forbidden:
    """Write down that somebody tried what they may not; gives what to raise."""
    await note_refused(request, signed)
    return Forbidden(Role(signed.account.role))


async def note_refused(request: Request, signed: Signed) -> None:
    """Write down that somebody tried what they may not, whatever they are answered.

    Who may open some things of a kind hears of any other that there is none, whether it exists or
    not; both are written down, so that the time it takes doesn't tell either. In a transaction of
    its own: what is tried in the caller's is taken back.
    """
    tried = f"{request.method} {request.url.path}"[:_LONGEST]
    async with pool_of(request).acquire() as connection, connection.transaction():
        await write(connection, Entry.by(signed.account, Act.REFUSED, tried))


def own_unit(signed: Signed) -> str | None:
    """Give the only unit of which somebody may see more than others; None when they may see all.

    Who heads none sees none: no unit has this key.
    """
    return (signed.account.unit or "-") if signed.account.role == Role.UNIT_HEAD else None


def allows(*roles: Role) -> params.Depends:
    """Declare which roles may call a route: `dependencies=[allows(Role.LEADERSHIP)]`."""
    return params.Depends(Allowed(Access.SESSION, frozenset(roles)))


EVERYBODY = allows(*Role)
"""Whoever is signed in."""


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody may do or not: a method on a path, as the route declares it."""

    method: str
    path: str


def may_open(request: Request, signed: Signed, path: str) -> bool:
    """Whether somebody's role may open a page, which is named as its route is."""
    table: Mapping[Call, frozenset[Role]] = request.app.state.access
    return Role(signed.account.role) in table.get(Call("GET", path), ())


def access_table(app: FastAPI) -> Mapping[Call, frozenset[Role]]:
    """Give the roles of every route that is for people who are signed in.

    Raises:
        AccessUndeclared: a route is for sessions and doesn't say for which roles.
    """
    table: dict[Call, frozenset[Role]] = {}
    for route in iter_route_contexts(app.router.routes):
        inside = [guard for guard in guards(route) if guard.access is Access.SESSION]
        roles = [guard.roles for guard in inside if isinstance(guard, Allowed)]
        if inside and not roles:
            raise AccessUndeclared(
                f"the route {route.path} doesn't declare for which roles it is; "
                "add allows(Role...) to it"
            )
        if roles:
            every = frozenset(Role).intersection(*roles)
            table |= {Call(method, route.path or ""): every for method in route.methods or ()}
    return MappingProxyType(table)
