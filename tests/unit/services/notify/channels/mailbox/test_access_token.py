import asyncio
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from services.notify.channels.mailbox.access_token import EARLY, AccessToken
from services.notify.sending.carrier import ProviderUnreachable

HALF_AN_HOUR = 1800


class Login:
    """Grants tokens, each with a number."""

    def __init__(self, status: int = 200, body: bytes | None = None) -> None:
        self.asked: list[bytes] = []
        self._status, self._body = status, body
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.content)
        if self._body is not None or self._status != 200:
            return httpx.Response(self._status, content=self._body or b"who is anna@example.org?")
        token = {"access_token": f"token-{len(self.asked)}", "expires_in": HALF_AN_HOUR}
        return httpx.Response(200, json={**token, "token_type": "Bearer", "scope": "send"})


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def access(clock: Clock) -> AccessToken:
    return AccessToken("http://login/token", "client", SecretStr("s" * 20), clock=clock)


async def test_a_token_is_asked_for_once_whoever_needs_it() -> None:
    login, token = Login(), access(Clock())

    given = await asyncio.gather(*(token.give(login.client) for _ in range(20)))

    assert set(given) == {"token-1"}
    assert login.asked == [
        b"grant_type=client_credentials&client_id=client&client_secret=" + b"s" * 20
    ]


@pytest.mark.parametrize(
    ("later", "token"),
    [
        (timedelta(seconds=HALF_AN_HOUR) - EARLY - timedelta(seconds=1), "token-1"),
        (timedelta(seconds=HALF_AN_HOUR) - EARLY, "token-2"),
        (timedelta(days=1), "token-2"),
    ],
)
async def test_it_is_renewed_shortly_before_it_ends(later: timedelta, token: str) -> None:
    login, clock = Login(), Clock()
    kept = access(clock)
    await kept.give(login.client)

    clock.now += later.total_seconds()

    assert await kept.give(login.client) == token


async def test_one_that_is_refused_is_renewed_once_for_all() -> None:
    login, token = Login(), access(Clock())
    first = await token.give(login.client)

    renewed = await asyncio.gather(*(token.give(login.client, first) for _ in range(20)))

    assert set(renewed) == {"token-2"}
    assert len(login.asked) == 2


@pytest.mark.parametrize(
    ("status", "body"), [(401, None), (500, None), (200, b"anna@example.org"), (200, b"{}")]
)
async def test_without_one_nothing_leaves_and_nobody_is_quoted(
    status: int, body: bytes | None
) -> None:
    login = Login(status, body)

    with pytest.raises(ProviderUnreachable) as refused:
        await access(Clock()).give(login.client)

    assert "anna" not in str(refused.value)
    assert "sss" not in str(refused.value)
