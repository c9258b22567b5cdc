from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from shared.web.access import Access, AccessUndeclared, requires

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]

SourceSystem = Annotated[str, requires(Access.SOURCE_SYSTEM)]


async def anything() -> str:
    return "anything"


async def for_source_systems(caller: SourceSystem) -> str:
    return caller


async def through_another_dependency(caller: Annotated[str, Depends(for_source_systems)]) -> str:
    return caller


def undeclared(app: FastAPI) -> None:
    app.get("/v1/secret")(anything)


def undeclared_in_a_router(app: FastAPI) -> None:
    router = APIRouter(prefix="/v1")
    router.get("/secret")(anything)
    app.include_router(router)


def a_plain_route(app: FastAPI) -> None:
    app.router.routes.append(Route("/v1/secret", lambda _: PlainTextResponse("secret")))


def a_mounted_application(app: FastAPI) -> None:
    app.router.routes.append(Mount("/v1/secret", FastAPI(openapi_url=None)))


def a_websocket(app: FastAPI) -> None:
    app.websocket("/v1/secret")(anything)


@pytest.mark.parametrize(
    "add",
    [undeclared, undeclared_in_a_router, a_plain_route, a_mounted_application, a_websocket],
)
async def test_a_service_with_a_route_for_nobody_in_particular_does_not_start(
    app: FastAPI, calling: Calling, add: Callable[[FastAPI], None]
) -> None:
    add(app)

    with pytest.raises(AccessUndeclared, match="/v1/secret"):
        async with calling(app):
            pass


async def test_a_service_that_cannot_recognise_its_callers_does_not_start(
    app: FastAPI, calling: Calling
) -> None:
    app.get("/v1/handover", dependencies=[requires(Access.SERVICE)])(anything)

    with pytest.raises(AccessUndeclared, match="/v1/handover is for service"):
        async with calling(app):
            pass


async def test_a_whole_router_can_declare_its_callers(app: FastAPI, calling: Calling) -> None:
    router = APIRouter(prefix="/v1", dependencies=[requires(Access.SOURCE_SYSTEM)])
    router.get("/events")(anything)
    app.include_router(router)

    async with calling(app) as client:
        assert (await client.get("/v1/events")).status_code == 401


@pytest.mark.parametrize("endpoint", [for_source_systems, through_another_dependency])
async def test_a_route_is_given_its_caller(
    app: FastAPI, calling: Calling, endpoint: Callable[[str], Awaitable[str]]
) -> None:
    app.get("/v1/events")(endpoint)

    async with calling(app) as client:
        answer = await client.get("/v1/events", headers={"Authorization": "Bearer open sesame"})

    assert answer.json() == "advis"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "open sesame"},
        {"Authorization": "Basic open sesame"},
    ],
)
async def test_an_unknown_caller_is_refused(
    app: FastAPI, calling: Calling, headers: dict[str, str]
) -> None:
    app.get("/v1/events")(for_source_systems)

    async with calling(app) as client:
        answer = await client.get("/v1/events", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:gleichfall:problem:unauthenticated"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_the_frameworks_own_pages_are_not_there(
    app: FastAPI, calling: Calling, path: str
) -> None:
    async with calling(app) as client:
        assert (await client.get(path)).status_code == 404


async def test_a_service_that_reads_a_body_before_it_knows_whose_it_is_does_not_start(
    app: FastAPI, calling: Calling
) -> None:
    async def take(contact: dict[str, str], _: SourceSystem) -> int:
        return len(contact)

    app.post("/v1/contacts")(take)

    with pytest.raises(AccessUndeclared, match="/v1/contacts has its body parsed"):
        async with calling(app):
            pass
