"""Who may call a route: default deny, declared per route, checked before the first request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fastapi import FastAPI, Request, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.errors import PermanentError
from shared.web.problems import Problem

Authenticate = Callable[[str], object | None]
"""From a bearer token to its owner, or None."""

_SCHEME = "bearer"


class Access(StrEnum):
    """The groups of callers that a route can be open to."""

    PUBLIC = "public"
    SOURCE_SYSTEM = "source_system"
    SERVICE = "service"


class AccessUndeclared(PermanentError):
    """A route doesn't say who may call it, or nobody can tell who calls."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets one group of callers pass; as a dependency it gives the caller."""

    access: Access

    async def __call__(self, request: Request) -> object | None:
        """Give the caller whose token the request shows; None for a public route.

        Raises:
            Problem: 401, when the token is missing or unknown.
        """
        if self.access is Access.PUBLIC:
            return None
        authenticate: Authenticate = request.app.state.authenticators[self.access]
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        caller = authenticate(token.strip()) if scheme.lower() == _SCHEME else None
        if caller is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "The caller is unknown",
                "Send your token as 'Authorization: Bearer <token>'.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return caller


def requires(access: Access) -> params.Depends:
    """Declare who may call a route.

    Either `dependencies=[requires(Access.PUBLIC)]`, or as a parameter that receives the caller:
    `caller: Annotated[SourceSystem, requires(Access.SOURCE_SYSTEM)]`.
    """
    return params.Depends(Guard(access))


def check_access(app: FastAPI, authenticators: Mapping[Access, Authenticate]) -> None:
    """Make sure that every route of `app` declares its callers, and that they can be told apart.

    Raises:
        AccessUndeclared: Naming the first route that doesn't.
    """
    for route in iter_route_contexts(app.router.routes):
        declared = (
            set(_declared(route.dependant)) if isinstance(route.original_route, APIRoute) else set()
        )
        if not declared:
            raise AccessUndeclared(
                f"the route {route.path} doesn't declare who may call it; "
                "add requires(Access...) to it"
            )
        unknown = declared - {Access.PUBLIC} - authenticators.keys()
        if unknown:
            raise AccessUndeclared(
                f"the route {route.path} is for {', '.join(sorted(unknown))}, but the service was "
                "created without a way to authenticate them"
            )


def _declared(dependant: Dependant) -> Iterator[Access]:
    if isinstance(dependant.call, Guard):
        yield dependant.call.access
    for inner in dependant.dependencies:
        yield from _declared(inner)
