from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from shared.errors import TransientError
from shared.observe.health import Health
from shared.observe.metrics import HTTP_REQUESTS, Loop, Route, Status
from shared.observe.tracing import current_traceparent
from shared.web.access import Access, requires

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]

PUBLIC = [requires(Access.PUBLIC)]
LIMIT = 100


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    router = APIRouter(prefix="/v1", dependencies=PUBLIC)

    @router.get("/events/{event_id}")
    async def event(event_id: str) -> str:
        return event_id

    @router.post("/events")
    async def accept(request: Request) -> int:
        return len(await request.body())

    @router.post("/contacts")
    async def register(contact: dict[str, str]) -> int:
        return len(contact)

    @router.get("/trace")
    async def trace() -> str | None:
        return current_traceparent()

    @router.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("", headers={"Content-Security-Policy": "default-src 'self'"})

    app.include_router(router)
    return app


async def test_a_service_that_makes_progress_is_alive(
    app: FastAPI, calling: Calling, health: Health
) -> None:
    health.liveness.watch(Loop.RELAY, timedelta(minutes=1))

    async with calling(app) as client:
        assert (await client.get("/livez")).status_code == 200


async def test_a_service_that_makes_none_names_the_loop(
    app: FastAPI, calling: Calling, health: Health
) -> None:
    health.liveness.watch(Loop.RELAY, timedelta(0))

    async with calling(app) as client:
        answer = await client.get("/livez")

    assert answer.status_code == 503
    assert [error["loop"] for error in answer.json()["errors"]] == ["relay"]


async def test_a_service_that_has_what_it_needs_is_ready(app: FastAPI, calling: Calling) -> None:
    async with calling(app) as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_a_service_that_lacks_something_names_it(
    app: FastAPI, calling: Calling, health: Health
) -> None:
    async def away() -> None:
        raise TransientError("the broker doesn't answer")

    health.readiness.require("broker", away)

    async with calling(app) as client:
        answer, for_requests = await client.get("/readyz"), await client.get("/readyz/requests")

    assert (answer.status_code, for_requests.status_code) == (503, 200)
    assert answer.json()["errors"] == [{"name": "broker", "reason": "the broker doesn't answer"}]


async def test_a_service_that_lost_a_loop_says_so_to_both_probes(
    app: FastAPI, calling: Calling, health: Health
) -> None:
    health.loop_ended(Loop.DELIVERY, ValueError("anna@example.org"))

    async with calling(app) as client:
        alive, ready = await client.get("/livez"), await client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (503, 503)
    assert alive.json()["errors"] == [{"loop": "delivery", "reason": "ended: ValueError"}]
    assert ready.json()["errors"] == [{"name": "delivery loop", "reason": "ended: ValueError"}]


async def test_requests_are_counted_by_route_and_never_by_path(
    app: FastAPI, calling: Calling
) -> None:
    route = Route("/v1/events/{event_id}")
    before = HTTP_REQUESTS.of(route, Status(200))._value.get()

    async with calling(app) as client:
        await client.get("/v1/events/a")
        await client.get("/v1/events/b")
        await client.get("/v1/anna@example.org")
        metrics = (await client.get("/metrics")).text

    assert HTTP_REQUESTS.of(route, Status(200))._value.get() - before == 2
    assert 'gleichfall_http_requests_total{route="unmatched",status="404"}' in metrics
    assert "anna" not in metrics


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b"x"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/contacts"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_a_body_over_the_limit_is_refused(
    app: FastAPI, calling_over_a_socket: Calling, path: str, *, announced: bool
) -> None:
    body = b"x" * (LIMIT + 1) if announced else in_pieces(LIMIT + 1)

    async with calling_over_a_socket(app) as client:
        answer = await client.post(path, content=body)

    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:gleichfall:problem:body-too-large"
    assert "100 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_a_body_at_the_limit_is_accepted(
    app: FastAPI, calling_over_a_socket: Calling, *, announced: bool
) -> None:
    body = b"x" * LIMIT if announced else in_pieces(LIMIT)

    async with calling_over_a_socket(app) as client:
        assert (await client.post("/v1/events", content=body)).json() == LIMIT


async def test_the_callers_trace_is_continued(app: FastAPI, calling: Calling) -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    async with calling(app) as client:
        answer = await client.get("/v1/trace", headers={"traceparent": traceparent})

    assert answer.json() == traceparent


@pytest.mark.parametrize("headers", [{}, {"traceparent": "anna@example.org"}])
async def test_a_request_without_a_trace_begins_one(
    app: FastAPI, calling: Calling, headers: dict[str, str]
) -> None:
    async with calling(app) as client:
        one = (await client.get("/v1/trace", headers=headers)).json()
        other = (await client.get("/v1/trace", headers=headers)).json()

    assert one.startswith("00-")
    assert one != other


async def test_every_answer_forbids_what_browsers_could_do_with_it(
    app: FastAPI, calling: Calling
) -> None:
    async with calling(app) as client:
        for path in ("/v1/events/a", "/v1/nowhere", "/livez"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_page_may_loosen_its_own_policy(app: FastAPI, calling: Calling) -> None:
    async with calling(app) as client:
        headers = (await client.get("/v1/page")).headers

    assert headers["content-security-policy"] == "default-src 'self'"
