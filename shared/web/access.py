"""Who may call a route: default deny, declared per route, checked before the first request."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fastapi import FastAPI, Request, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.errors import PermanentError
from shared.web.problems import Problem
from shared.web.strangers import refusal

Authenticate = Callable[[str], object | None]
"""From a bearer token to its owner, or None."""
Recognise = Callable[[Request], Awaitable[object]]
"""Gives who sends a request, or refuses it."""

_SCHEME = "bearer"


class Access(StrEnum):
    """The groups of callers that a route can be open to."""

    PUBLIC = "public"
    SOURCE_SYSTEM = "source_system"
    SERVICE = "service"
    SESSION = "session"
    DISPLAY = "display"


_BY_TOKEN = frozenset({Access.SOURCE_SYSTEM, Access.SERVICE})


class AccessUndeclared(PermanentError):
    """A route doesn't say who may call it, or nobody can tell who calls, or not in time."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets one group of callers pass; as a dependency it gives the caller."""

    access: Access

    async def __call__(self, request: Request) -> object | None:
        """Give the caller, as the service recognises this group; None for a public route.

        Raises:
            GleichfallError: the caller can't be told, or is nobody we know.
        """
        if self.access is Access.PUBLIC:
            return None
        recognise: Recognise = request.app.state.recognisers[self.access]
        caller = await recognise(request)
        request.state.caller = getattr(caller, "name", None)
        return caller


def bearer(authenticate: Authenticate) -> Recognise:
    """Recognise callers by a token that they send with each request."""

    async def recognise(request: Request) -> object:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        caller = authenticate(token.strip()) if scheme.lower() == _SCHEME else None
        if caller is None:
            problem = Problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "The caller is unknown",
                "Send your token as 'Authorization: Bearer <token>'.",
                headers={"WWW-Authenticate": "Bearer"},
            )
            raise refusal(request, problem)
        return caller

    return recognise


def requires(access: Access) -> params.Depends:
    """Declare who may call a route.

    Either `dependencies=[requires(Access.PUBLIC)]`, or as a parameter that receives the caller:
    `caller: Annotated[SourceSystem, requires(Access.SOURCE_SYSTEM)]`.
    """
    return params.Depends(Guard(access))


def check_access(app: FastAPI, recognised: Collection[Access]) -> None:
    """Make sure that every route of `app` declares its callers, and that they can be told apart.

    Raises:
        AccessUndeclared: Naming the first route that doesn't.
    """
    for route in iter_route_contexts(app.router.routes):
        declared = {guard.access for guard in guards(route)}
        if not declared:
            raise AccessUndeclared(
                f"the route {route.path} doesn't declare who may call it; "
                "add requires(Access...) to it"
            )
        unknown = declared - {Access.PUBLIC} - set(recognised)
        if unknown:
            raise AccessUndeclared(
                f"the route {route.path} is for {', '.join(sorted(unknown))}, but the service was "
                "created without a way to recognise them"
            )
        if declared & _BY_TOKEN and _reads_body(route):
            raise AccessUndeclared(
                f"the route {route.path} has its body parsed before it knows who calls; take the "
                "Request, and read it in the handler"
            )


def _reads_body(route: RouteContext) -> bool:
    """Whether the framework reads the body: it does so before it asks anybody who calls."""
    return isinstance(route.original_route, APIRoute) and route.body_field is not None


def guards(route: RouteContext) -> list[Guard]:
    """Give who guards a route; a route that isn't FastAPI's has nobody."""
    return list(_guards(route.dependant)) if isinstance(route.original_route, APIRoute) else []


def _guards(dependant: Dependant) -> Iterator[Guard]:
    if isinstance(dependant.call, Guard):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _guards(inner)
