"""The common ground of every service's HTTP side."""

from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from itertools import product

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from shared.observe.health import Health, Missing
from shared.observe.metrics import (
    HTTP_REQUEST_DURATION,
    HTTP_REQUESTS,
    SECURITY_EVENTS,
    Route,
    Status,
)
from shared.observe.occurrence import Occurrence
from shared.web.access import Access, Recognise, check_access, guards, requires
from shared.web.limits import UNKNOWN_PER_MINUTE
from shared.web.middleware import (
    UNMATCHED,
    BodyLimit,
    HeadRequests,
    HostCheck,
    RequestMetrics,
    SecurityHeaders,
    TraceContext,
    UnexpectedErrors,
)
from shared.web.problems import Problem, answer_with_problems
from shared.web.strangers import Strangers

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_PROBES = frozenset({"/livez", "/readyz", "/readyz/requests"})


def create_service(
    name: str,
    *,
    lifespan: Lifespan,
    health: Health,
    body_limit: int,
    recognisers: Mapping[Access, Recognise] | None = None,
    hosts: Collection[str] | None = None,
    unknown_per_minute: int = UNKNOWN_PER_MINUTE,
) -> FastAPI:
    """Make the application of a service: probes, problems, limits and default deny.

    Args:
        name: The service's name.
        lifespan: What runs from start to stop.
        health: Answers `/livez`, `/readyz` and `/readyz/requests`.
        body_limit: The largest body of a request, in bytes.
        recognisers: How each group of callers but the public is recognised.
        hosts: By which names it answers, if it has pages; a service without any answers by all,
            and tells at `/` what it is asked for.
        unknown_per_minute: How many calls of unknown callers are looked at from one address.

    Raises:
        AccessUndeclared: At start, when a route doesn't say who may call it.
    """
    known = recognisers or {}
    templates: dict[int, str] = {}

    @asynccontextmanager
    async def checked(app: FastAPI) -> AsyncIterator[None]:
        check_access(app, known.keys())
        templates.update(_templates(app))
        _expect(templates.values())
        app.state.routes = list(_routes(app))
        async with lifespan(app):
            yield

    app = FastAPI(
        title=f"Gleichfall {name}",
        lifespan=checked,
        openapi_url=None,
        redirect_slashes=False,  # to an address that the request's Host would choose
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "exclude": lambda scope: scope["path"] in _PROBES,
        },
    )
    app.state.recognisers = known
    app.state.strangers = Strangers(unknown_per_minute)
    app.include_router(_probes(health))
    if hosts is None:
        app.include_router(_index(app.title))
    answer_with_problems(app)
    _wrap(app, body_limit, hosts, lambda route: templates.get(id(route), route.path))
    return app


def _expect(templates: Iterable[str]) -> None:
    """Tell from the start of answers that no route gave yet, and of failures of ours."""
    routes = [*map(Route, templates), UNMATCHED]
    failures = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)
    HTTP_REQUESTS.expect(product(routes, map(Status, failures)))
    HTTP_REQUEST_DURATION.expect(product(routes))
    SECURITY_EVENTS.expect(product(Occurrence))


def _wrap(
    app: FastAPI,
    body_limit: int,
    hosts: Collection[str] | None,
    template: Callable[[APIRoute], str],
) -> None:
    """Put around every route what all requests pass; the last one added is the outermost."""
    app.add_middleware(BodyLimit, limit=body_limit)
    if hosts is not None:
        app.add_middleware(HostCheck, hosts=hosts, probes=_PROBES)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(TraceContext)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, template=template)
    app.add_middleware(HeadRequests)


def _templates(app: FastAPI) -> dict[int, str]:
    """Map each route object to its whole path: the object itself lacks its router's prefix."""
    return {
        id(context.original_route): context.path or ""
        for context in iter_route_contexts(app.router.routes)
        if isinstance(context.original_route, APIRoute)
    }


def _routes(app: FastAPI) -> Iterator[dict[str, object]]:
    """Tell of each route who may call it, and what for."""
    for context in iter_route_contexts(app.router.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            yield {
                "methods": sorted(context.methods or ()),
                "path": context.path,
                "access": sorted({guard.access.value for guard in guards(context)}),
                "does": route.description.partition("\n")[0],
            }


def _index(title: str) -> APIRouter:
    router = APIRouter(dependencies=[requires(Access.PUBLIC)])

    @router.get("/")
    async def index(request: Request) -> dict[str, object]:
        """Tell what this service is asked for."""
        return {"title": title, "routes": request.app.state.routes}

    return router


def _probes(health: Health) -> APIRouter:
    router = APIRouter(dependencies=[requires(Access.PUBLIC)])

    @router.get("/livez")
    async def alive() -> dict[str, str]:
        """Tell whether the service makes progress."""
        stalled = health.liveness.stalled()
        if not stalled:
            return {"status": "alive"}
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "stalled",
            "The service makes no progress",
            errors=[{"loop": one.loop, "reason": one.reason} for one in stalled],
        )

    @router.get("/readyz")
    async def ready() -> dict[str, str]:
        """Tell whether it can do all its work now."""
        return _ready(await health.readiness.missing(), "The service can't do all its work now")

    @router.get("/readyz/requests")
    async def ready_for_requests() -> dict[str, str]:
        """Tell whether it can answer requests now."""
        missing = await health.readiness.missing_for_requests()
        return _ready(missing, "The service can't answer requests now")

    return router


def _ready(missing: Sequence[Missing], otherwise: str) -> dict[str, str]:
    if not missing:
        return {"status": "ready"}
    raise Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not-ready",
        otherwise,
        errors=[{"name": need.name, "reason": need.reason} for need in missing],
    )
