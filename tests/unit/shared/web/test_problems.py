from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from shared.errors import TransientError
from shared.web.access import Access, requires
from shared.web.problems import Problem

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]

PUBLIC = [requires(Access.PUBLIC)]


class Booking(BaseModel):
    slot: int


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    @app.post("/v1/bookings", dependencies=PUBLIC)
    async def book(booking: Booking) -> int:
        return booking.slot

    @app.get("/v1/full", dependencies=PUBLIC)
    async def full() -> None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "slot-taken",
            "The slot is taken",
            "Choose another one.",
            headers={"Retry-After": "60"},
            errors=[{"index": 3, "field": "slot", "reason": "taken"}],
        )

    @app.get("/v1/broken", dependencies=PUBLIC)
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    @app.get("/v1/away", dependencies=PUBLIC)
    async def away() -> None:
        raise TransientError("cannot reach postgresql://intake@10.0.0.7")

    return app


async def test_a_problem_says_what_where_and_what_to_do(app: FastAPI, calling: Calling) -> None:
    async with calling(app) as client:
        answer = await client.get("/v1/full")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "60"
    assert answer.json() == {
        "type": "urn:gleichfall:problem:slot-taken",
        "title": "The slot is taken",
        "status": 409,
        "detail": "Choose another one.",
        "errors": [{"index": 3, "field": "slot", "reason": "taken"}],
    }


async def test_an_invalid_body_is_explained_field_by_field_without_its_values(
    app: FastAPI, calling: Calling
) -> None:
    async with calling(app) as client:
        answer = await client.post("/v1/bookings", json={"slot": "anna@example.org"})

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:gleichfall:problem:invalid-request"
    assert [error["field"] for error in answer.json()["errors"]] == ["body.slot"]
    assert "anna" not in answer.text


@pytest.mark.parametrize(
    ("request_line", "status", "name"),
    [
        ("GET /v1/nowhere", 404, "not-found"),
        ("DELETE /v1/bookings", 405, "method-not-allowed"),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    app: FastAPI, calling: Calling, request_line: str, status: int, name: str
) -> None:
    async with calling(app) as client:
        answer = await client.request(*request_line.split())

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:gleichfall:problem:{name}"


async def test_an_unexpected_error_is_logged_and_the_caller_gets_its_trace_only(
    app: FastAPI, calling: Calling, caplog: pytest.LogCaptureFixture
) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    async with calling(app) as client:
        answer = await client.get(
            "/v1/broken", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-00"}
        )

    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:gleichfall:problem:internal-error"
    assert answer.json()["trace_id"] == trace_id
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert "hunter2" in caplog.text


async def test_what_may_work_later_says_so_without_naming_what_is_away(
    app: FastAPI, calling: Calling
) -> None:
    async with calling(app) as client:
        answer = await client.get("/v1/away")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "postgresql" not in answer.text
