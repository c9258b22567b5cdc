"""Who isn't known may not come as often as they like; who is may."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from math import ceil
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import example, given
from hypothesis import strategies as st
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.web.access import Access, requires
from shared.web.limits import UNKNOWN_PER_MINUTE
from shared.web.strangers import MOST_ADDRESSES, Strangers

Calling = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]
KNOWN = {"authorization": "Bearer open sesame"}


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_may_come_so_often_a_minute_and_is_told_when_again() -> None:
    clock = Clock()
    strangers = Strangers(60, clock=clock)
    assert not any(strangers.take("192.0.2.1") for _ in range(60))
    assert strangers.take("192.0.2.1") == timedelta(seconds=1)
    assert not strangers.take("192.0.2.2")
    clock.now += 1
    assert not strangers.take("192.0.2.1")
    assert strangers.take("192.0.2.1")


def test_of_ipv6_one_sender_has_64_bits() -> None:
    strangers = Strangers(1, clock=Clock())
    assert not strangers.take("2001:db8::1")
    assert strangers.take("2001:db8::2")
    assert not strangers.take("2001:db8:0:1::1")


def test_of_all_the_addresses_in_the_world_some_are_remembered() -> None:
    strangers = Strangers(1, clock=Clock())
    for number in range(MOST_ADDRESSES + 100):
        strangers.take(f"address-{number}")
        strangers.take("192.0.2.1")
    assert len(strangers._buckets) == MOST_ADDRESSES
    assert strangers.take("192.0.2.1")


@given(pauses=st.lists(st.floats(0, 30), max_size=50), rate=st.integers(1, 200))
@example(pauses=[16.229828423489426, 0.0, 0.0, 1.0424162857537844, 0.0], rate=1)
def test_whoever_waits_as_told_comes_in(pauses: list[float], rate: int) -> None:
    clock = Clock()
    strangers = Strangers(rate, clock=clock)
    for pause in pauses:
        clock.now += pause
        if wait := strangers.take("192.0.2.1"):
            clock.now += ceil(wait.total_seconds())  # as Retry-After says it
            assert not strangers.take("192.0.2.1")


@pytest.fixture
def guarded(app: FastAPI) -> FastAPI:
    """A service with a route for systems that have a token."""

    @app.get("/v1/secret", dependencies=[requires(Access.SOURCE_SYSTEM)])
    async def secret() -> str:
        return "secret"

    return app


async def test_a_flood_of_wrong_tokens_is_limited_and_noted_and_keeps_nobody_out(
    guarded: FastAPI, calling: Calling, caplog: pytest.LogCaptureFixture
) -> None:
    async with calling(guarded) as client:
        for number in range(UNKNOWN_PER_MINUTE):
            wrong = {"authorization": f"Bearer {number}"}
            assert (await client.get("/v1/secret", headers=wrong)).status_code == 401
        with caplog.at_level("INFO", logger="gleichfall.security"):
            limited = await client.get("/v1/secret")
        known = await client.get("/v1/secret", headers=KNOWN)

    assert limited.status_code == 429
    assert limited.json()["type"] == "urn:gleichfall:problem:too-many-unknown"
    assert int(limited.headers["retry-after"]) == 1
    assert known.status_code == 200
    [noted] = (vars(one) for one in caplog.records if vars(one)["event"] == "limited")
    told = tuple(noted[name] for name in ("event", "reason", "address"))
    assert told == ("limited", "too-many-unknown", "127.0.0.1")


@pytest.mark.parametrize(("trusted", "told_apart"), [("127.0.0.1", True), ("192.0.2.7", False)])
async def test_another_address_is_believed_of_a_proxy_that_the_operator_named(
    guarded: FastAPI, trusted: str, told_apart: bool
) -> None:
    guarded.state.strangers = Strangers(1)
    proxied: Any = ProxyHeadersMiddleware(cast(Any, guarded), trusted_hosts=trusted)  # uvicorn's
    transport = httpx.ASGITransport(proxied)
    async with (
        guarded.router.lifespan_context(guarded),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        answers = [
            await client.get("/v1/secret", headers={"x-forwarded-for": f"198.51.100.{host}"})
            for host in (1, 2)
        ]
    assert [one.status_code for one in answers] == [401, 401 if told_apart else 429]
