from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from prometheus_client import generate_latest

from shared.errors import TransientError
from shared.observe.health import Health
from shared.observe.metrics import HTTP_REQUESTS, Loop, Route, Status
from shared.observe.tracing import current_traceparent
from shared.web.access import Access, requires
from shared.web.application import create_service
from tests.unit.shared.web.conftest import nothing

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
    metrics = generate_latest().decode()

    assert HTTP_REQUESTS.of(route, Status(200))._value.get() - before == 2
    assert 'gleichfall_http_requests_total{route="unmatched",status="404"}' in metrics
    assert "anna" not in metrics


async def test_a_route_is_counted_and_timed_before_anybody_asks_for_it(
    app: FastAPI, calling: Calling
) -> None:
    router = APIRouter(dependencies=PUBLIC)

    @router.get("/unasked")
    async def unasked() -> None: ...

    app.include_router(router)

    async with calling(app):
        metrics = generate_latest().decode()

    assert 'gleichfall_http_request_duration_seconds_count{route="/unasked"} 0.0' in metrics
    assert 'gleichfall_http_request_duration_seconds_count{route="unmatched"}' in metrics
    assert 'gleichfall_http_requests_total{route="/unasked",status="500"} 0.0' in metrics


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


@pytest.mark.parametrize(
    "path", ["/", "/livez", "/readyz", "/v1/page", "/v1/events/a", "/v1/nowhere"]
)
async def test_head_is_answered_as_get_without_the_body(
    app: FastAPI, calling_over_a_socket: Calling, path: str
) -> None:
    async with calling_over_a_socket(app) as client:
        got, head = await client.get(path), await client.head(path)

    same = {"content-type", "content-length", "content-security-policy", "cache-control"}
    assert head.status_code == got.status_code
    assert head.content == b""
    assert {name: head.headers.get(name) for name in same} == {
        name: got.headers.get(name) for name in same
    }


async def test_a_service_without_pages_tells_at_its_address_what_it_is_asked_for(
    app: FastAPI, calling: Calling
) -> None:
    async with calling(app) as client:
        told = (await client.get("/")).json()

    assert told["title"] == "Gleichfall intake"
    assert {
        "methods": ["GET"],
        "path": "/livez",
        "access": ["public"],
        "does": "Tell whether the service makes progress.",
    } in told["routes"]


async def test_figures_are_on_no_port_that_requests_come_to(app: FastAPI, calling: Calling) -> None:
    async with calling(app) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_no_answer_leads_to_the_host_that_a_request_names(
    app: FastAPI, calling: Calling
) -> None:
    async with calling(app) as client:
        for path in ("/livez/", "//livez", "/v1/page/", "/v1/events"):
            answer = await client.get(path, headers={"host": "elsewhere.example"})
            assert "elsewhere" not in answer.headers.get("location", "")
            assert "elsewhere" not in answer.text


@pytest.fixture
def with_pages(health: Health) -> FastAPI:
    app = create_service(
        "workbench", lifespan=nothing, health=health, body_limit=LIMIT, hosts=["www.example.org"]
    )
    router = APIRouter(dependencies=PUBLIC)

    @router.get("/")
    async def start() -> str:
        return "hello"

    app.include_router(router)
    return app


@pytest.mark.parametrize("host", ["www.example.org", "WWW.Example.org:8443"])
async def test_pages_are_shown_under_the_name_that_they_have(
    with_pages: FastAPI, calling: Calling, host: str
) -> None:
    async with calling(with_pages) as client:
        assert (await client.get("/", headers={"host": host})).json() == "hello"


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "www.example.org.elsewhere.example", "127.0.0.1", "", "[::1"]
)
async def test_pages_are_shown_under_no_other_name(
    with_pages: FastAPI, calling: Calling, host: str
) -> None:
    async with calling(with_pages) as client:
        answer = await client.get("/", headers={"host": host})
        probed = await client.get("/livez", headers={"host": host})

    assert answer.status_code == 421
    assert answer.json()["type"] == "urn:gleichfall:problem:misdirected"
    assert "elsewhere" not in answer.text
    assert probed.status_code == 200, "who looks whether we live knows us by address"


async def test_who_names_two_hosts_names_none(with_pages: FastAPI, calling: Calling) -> None:
    headers = [("host", "www.example.org"), ("host", "elsewhere.example")]
    async with calling(with_pages) as client:
        assert (await client.get("/", headers=headers)).status_code == 421


async def test_an_invalid_request_is_told_a_few_of_its_faults(
    app: FastAPI, calling: Calling
) -> None:
    router = APIRouter(dependencies=PUBLIC)

    @router.post("/v1/numbers")
    async def numbers(numbers: list[int]) -> int:
        return len(numbers)

    app.include_router(router)
    async with calling(app) as client:
        answer = await client.post("/v1/numbers", json=["x"] * 24)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20
