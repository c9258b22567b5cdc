"""The common ground of every service's HTTP side."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute, iter_route_contexts
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.observe.health import Health, Missing
from shared.web.access import Access, Recognise, check_access, requires
from shared.web.middleware import (
    BodyLimit,
    RequestMetrics,
    SecurityHeaders,
    TraceContext,
    UnexpectedErrors,
)
from shared.web.problems import Problem, answer_with_problems

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_PROBES = frozenset({"/metrics", "/livez", "/readyz", "/readyz/requests"})


def create_service(
    name: str,
    *,
    lifespan: Lifespan,
    health: Health,
    body_limit: int,
    recognisers: Mapping[Access, Recognise] | None = None,
) -> FastAPI:
    """Make the application of a service: probes, metrics, problems, limits and default deny.

    Args:
        name: The service's name.
        lifespan: What runs from start to stop.
        health: Answers `/livez`, `/readyz` and `/readyz/requests`.
        body_limit: The largest body of a request, in bytes.
        recognisers: How each group of callers but the public is recognised.

    Raises:
        AccessUndeclared: At start, when a route doesn't say who may call it.
    """
    known = recognisers or {}
    templates: dict[int, str] = {}

    @asynccontextmanager
    async def checked(app: FastAPI) -> AsyncIterator[None]:
        check_access(app, known.keys())
        templates.update(_templates(app))
        async with lifespan(app):
            yield

    app = FastAPI(
        title=f"Gleichfall {name}",
        lifespan=checked,
        openapi_url=None,
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "exclude": lambda scope: scope["path"] in _PROBES,
        },
    )
    app.state.recognisers = known
    app.include_router(_probes(health))
    answer_with_problems(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, limit=body_limit)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(TraceContext)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, template=lambda route: templates.get(id(route), route.path))
    return app


def _templates(app: FastAPI) -> dict[int, str]:
    """Map each route object to its whole path: the object itself lacks its router's prefix."""
    return {
        id(context.original_route): context.path or ""
        for context in iter_route_contexts(app.router.routes)
        if isinstance(context.original_route, APIRoute)
    }


def _probes(health: Health) -> APIRouter:
    router = APIRouter(dependencies=[requires(Access.PUBLIC)])

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/livez")
    async def alive() -> dict[str, str]:
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
        return _ready(await health.readiness.missing(), "The service can't do all its work now")

    @router.get("/readyz/requests")
    async def ready_for_requests() -> dict[str, str]:
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
