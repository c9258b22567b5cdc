"""What nobody knows yet costs next to nothing, and whoever is known no more than they may cost."""

import asyncio
import json
import statistics
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local.loopback import PLAIN
from shared.observe.flood import MOST_EACH
from tests.integration.intake.door import (
    BATCH,
    STRUCTURED,
    TOKEN,
    Line,
    Service,
    changed,
    decision,
    running,
    send,
)
from tests.patience import PATIENCE

pytestmark = pytest.mark.stack

MEBIBYTE = 1024 * 1024
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: intake\r\n"
KNOWN = HEAD + f"Authorization: Bearer {TOKEN}\r\nContent-Type: {BATCH}\r\n".encode()


@pytest.fixture(scope="module")
async def door(
    intake: Service, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """An intake with the limits that it has by itself, but for how long it waits, and for whom."""
    folder = tmp_path_factory.mktemp("door")
    own = environment | {
        "GLEICHFALL_HTTP_HEAD_TIME": "PT2S",
        "GLEICHFALL_HTTP_BODY_TIME": "PT4S",
        "GLEICHFALL_SECURITY_LOG": str(folder / "security.log"),
        "INTAKE_BODY_LIMIT": "8MiB",
        "GLEICHFALL_HTTP_UNKNOWN_PER_MINUTE": "1000000",  # all tests come from one address
    }
    async with running(own, intake.secrets, folder / "intake.log") as service:
        async with service.client() as client:
            await send(client, decision())  # what is made once is made now
        yield service


@pytest.fixture
def security_log(door: Service) -> Path:
    return door.log.with_name("security.log")


@asynccontextmanager
async def unharmed(door: Service) -> AsyncIterator[None]:
    """Hold meanwhile that the process grows by less than 20 MiB, and says that it lives, at once.

    A machine that others use too is late now and then: so half of the answers count, and what once
    held everybody up was longer than the longest of them may be.
    """
    before = _memory(door, "VmRSS")
    _forget_peak(door)
    with _asking(f"{door.url}/livez") as waited:
        yield
        await asyncio.sleep(0.2)
    assert _memory(door, "VmHWM") - before < 20 * MEBIBYTE
    assert statistics.median(waited) < 0.2
    assert max(waited) < 1.5


def _forget_peak(door: Service) -> None:
    Path(f"/proc/{door.process.pid}/clear_refs").write_text("5")


def _memory(door: Service, which: str) -> int:
    status = Path(f"/proc/{door.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith(which)]
    return int(line.split()[1]) * 1024


@contextmanager
def _asking(url: str) -> Iterator[list[float]]:
    """Ask again and again in a thread of its own; gives how many seconds each answer took."""
    waited: list[float] = []
    enough = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=PATIENCE, verify=PLAIN) as client:
            while not enough.is_set():
                began = time.monotonic()
                assert client.get(url).is_success
                waited.append(time.monotonic() - began)
                time.sleep(0.01)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield waited
    finally:
        enough.set()
        asker.join()


async def call(door: Service, *pieces: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = httpx.URL(door.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    return reader, writer


async def without_end(door: Service, beginning: bytes, piece: bytes, most: int) -> tuple[int, int]:
    """Send up to `most` bytes until it is cut off; gives the status, and how many were sent."""
    reader, writer = await call(door, beginning)
    answer = asyncio.create_task(reader.readline())
    sent = 0
    try:
        while sent < most:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    except ConnectionError:
        pass
    line = await asyncio.wait_for(answer, PATIENCE)
    writer.close()
    return int(line.split()[1]), sent


FIELDS = b"".join(b"X-%05d: %s\r\n" % (number, b"a" * 1_000) for number in range(64))
ENDLESS = {"fields": FIELDS, "one value": b"a" * 65_536}


@pytest.mark.parametrize("piece", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("beginning", [HEAD + b"X: ", KNOWN + b"X: "], ids=["stranger", "known"])
async def test_a_head_without_end_is_cut_off(door: Service, beginning: bytes, piece: bytes) -> None:
    async with unharmed(door):
        ends = await asyncio.gather(
            *(without_end(door, beginning + b"a\r\nY: ", piece, 60_000_000) for _ in range(4))
        )
    assert {status for status, _ in ends} == {431}


HALF = {
    "nothing": b"",
    "a head": HEAD,
    "a body": KNOWN + b"Content-Length: 100\r\n\r\n[",
    "a body of a stranger": HEAD + b"Content-Length: 100\r\n\r\n[",
}


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF)
async def test_what_is_sent_by_half_is_let_go(door: Service, sent: bytes) -> None:
    async with unharmed(door):
        lines = [await call(door, sent) for _ in range(100)]
        for reader, writer in lines:
            await asyncio.wait_for(reader.read(), PATIENCE)
            writer.close()


async def test_silent_callers_keep_nobody_out(door: Service) -> None:
    silent = [await call(door) for _ in range(520)]
    async with unharmed(door), door.client() as client:
        assert (await send(client, decision())).status_code == 202
    for _, writer in silent:
        writer.close()


def event_with(unknown: int) -> bytes:
    whole = decision()
    whole["data"] |= {f"x{number}": 1 for number in range(unknown)}
    return json.dumps(whole, separators=(",", ":")).encode()


@pytest.mark.parametrize("unknown", [100_000, 600_000])
async def test_unknown_fields_by_the_hundred_thousand_are_not_even_read(
    door: Service, unknown: int
) -> None:
    body = event_with(unknown)
    assert len(body) < 8 * MEBIBYTE
    async with door.client() as client, unharmed(door):
        answer = await client.post("/v1/events", content=body, headers={"content-type": STRUCTURED})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:gleichfall:problem:too-many-values"
    assert len(answer.content) < 10_000


async def test_the_most_unknown_fields_that_are_read_hold_nobody_up(door: Service) -> None:
    """As many wrong values as a body may hold, spread so that each event is looked at."""
    events = [event_with(270) for _ in range(330)]
    body = b"[" + b",".join(events) + b"]"
    async with door.client() as client, unharmed(door):
        answer = await client.post("/v1/events", content=body, headers={"content-type": BATCH})
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert len(errors) == 330
    assert {len(error["fields"]) for error in errors} == {21}
    assert errors[0]["fields"][-1] == {"field": "(others)", "reason": "… and 250 more"}


@pytest.mark.parametrize("path", ["/v1/events", "/v1/imports", "/v1/contacts"])
async def test_of_a_stranger_nothing_is_parsed(door: Service, path: str) -> None:
    body = event_with(100_000)
    async with door.client("guessed") as stranger, unharmed(door):
        for content in (body, b"no json"):
            answer = await stranger.post(
                path, content=content, headers={"content-type": "application/json"}
            )
            assert answer.status_code == 401


async def test_an_announcement_with_unknown_fields_is_told_a_few(door: Service) -> None:
    async with door.client() as client:
        answer = await client.post("/v1/imports", json={f"x{number}": 1 for number in range(60)})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 21


async def test_bodies_are_charged_by_the_byte_whatever_is_in_them(
    fragile: tuple[Service, Line],
) -> None:
    service, _ = fragile
    async with service.client() as client:
        largest = await client.post(
            "/v1/events", content=b" " * 4_000_000, headers={"content-type": BATCH}
        )
        next_one = await client.post("/v1/events", content=b"[]", headers={"content-type": BATCH})
    assert largest.status_code == 400, "the largest body may always be sent once"
    assert next_one.status_code == 429
    assert int(next_one.headers["retry-after"]) >= 1


async def test_a_stranger_who_comes_too_often_is_sent_away_and_keeps_nobody_out(
    fragile: tuple[Service, Line],
) -> None:
    service, _ = fragile
    async with service.client("guessed") as stranger, service.client() as known:
        refused = [(await send(stranger, decision())).status_code for _ in range(3)]
        limited = await send(stranger, decision())
        taken = await send(known, decision())
    assert refused == [401, 401, 401]
    assert (limited.status_code, taken.status_code) == (429, 202)
    assert limited.json()["type"] == "urn:gleichfall:problem:too-many-unknown"
    assert 1 <= int(limited.headers["retry-after"]) <= 20


def _read(path: Path) -> str:
    return path.read_text()


async def test_of_refusals_a_few_are_in_the_security_log_and_no_secret(
    door: Service, security_log: Path
) -> None:
    guess = f"guessed-{uuid4()}"
    async with door.client(guess) as stranger:
        for _ in range(100):
            assert (await send(stranger, decision())).status_code == 401
    await without_end(door, HEAD + b"X-Secret: ", guess.encode() * 1_000, 1_000_000)
    text = _read(security_log)
    lines = [json.loads(line) for line in text.splitlines()]
    refused = [line for line in lines if line["reason"] == "unauthenticated"]
    large = [line for line in lines if line["reason"] == "head-too-large"]
    assert 0 < len(refused) <= MOST_EACH * 3, "a few a minute"
    assert {(line["event"], line["address"]) for line in large} == {("limited", "127.0.0.1")}
    assert guess not in text + _read(door.log)


async def test_figures_are_told_on_a_port_of_their_own(door: Service) -> None:
    async with door.client() as client:
        assert (await client.get("/metrics")).status_code == 404
        assert "gleichfall_http_requests_total" in (await client.get(door.figures)).text


async def test_the_address_alone_tells_what_there_is(door: Service) -> None:
    async with door.client(None) as stranger:
        told = (await stranger.get("/")).json()
        assert (await stranger.head("/")).is_success
    assert {"/v1/events", "/v1/contacts", "/livez"} <= {route["path"] for route in told["routes"]}


async def test_an_event_with_too_much_in_it_harms_only_itself(door: Service) -> None:
    much = changed(decision(), data__features={f"name-{number}": 1 for number in range(400)})
    async with door.client() as client:
        answer = await client.post(
            "/v1/events", json=[decision(), much], headers={"content-type": BATCH}
        )
    assert answer.status_code == 202
    [error] = answer.json()["errors"]
    assert (error["index"], error["defect"]) == (1, "data_invalid")
