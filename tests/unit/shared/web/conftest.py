"""Services in miniature: as ASGI applications, and over a real loopback socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from deploy.local.loopback import PLAIN
from shared.observe.health import Health
from shared.web.access import Access, bearer
from shared.web.application import create_service

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def app(health: Health) -> FastAPI:
    """A service without routes of its own."""
    return create_service(
        "intake",
        lifespan=nothing,
        health=health,
        body_limit=100,
        recognisers={Access.SOURCE_SYSTEM: bearer({"open sesame": "advis"}.get)},
    )


@pytest.fixture
def calling() -> Calling:
    """Start an application and give a client that calls it."""
    return _calling


@pytest.fixture
def calling_over_a_socket() -> Calling:
    """Serve an application on a free port and give a client that calls it."""
    return _calling_over_a_socket


@asynccontextmanager
async def _calling(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield client


@asynccontextmanager
async def _calling_over_a_socket(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    [socket] = server.servers[0].sockets
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{socket.getsockname()[1]}", verify=PLAIN
    ) as client:
        yield client
    server.should_exit = True
    await serving
