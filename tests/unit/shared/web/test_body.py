"""JSON that would grow when it is parsed is not read to its end."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request

from shared.web.access import Access, requires
from shared.web.body import read_json

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]
MOST = 10


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    router = APIRouter(prefix="/v1", dependencies=[requires(Access.PUBLIC)])

    @router.post("/events")
    async def accept(request: Request) -> str:
        return (await read_json(request, MOST)).decode()

    app.include_router(router)
    return app


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(len(body)):
        yield body[at : at + 1]


@pytest.mark.parametrize("pieces", [False, True], ids=["at once", "in pieces"])
@pytest.mark.parametrize(("commas", "status"), [(MOST, 200), (MOST + 1, 413)])
async def test_a_body_may_hold_so_many_values(
    app: FastAPI, calling_over_a_socket: Calling, commas: int, status: int, *, pieces: bool
) -> None:
    body = b"[" + b"1," * commas + b"1]"

    async with calling_over_a_socket(app) as client:
        answer = await client.post("/v1/events", content=in_pieces(body) if pieces else body)

    assert answer.status_code == status
    assert answer.json() == body.decode() if status == 200 else "10" in answer.json()["detail"]


async def test_an_encoded_body_is_not_read(app: FastAPI, calling: Calling) -> None:
    async with calling(app) as client:
        answer = await client.post(
            "/v1/events", content=b"[]", headers={"content-encoding": "gzip"}
        )

    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
