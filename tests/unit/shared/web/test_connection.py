"""What a connection may cost, over a real socket, by callers who don't keep to HTTP's manners."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from shared.web.connection import limited
from shared.web.limits import Limits

SOON, NEVER = timedelta(seconds=0.3), timedelta(minutes=5)
PATIENT = Limits(
    head=4_096, fields=20, head_time=NEVER, body_time=NEVER, answer_time=NEVER, connections=50
)
GET = b"GET / HTTP/1.1\r\nHost: service\r\n"
POST = b"POST / HTTP/1.1\r\nHost: service\r\n"


class Service:
    """Answers with the length of the body, or with as many bytes as the path says."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        wanted = scope["path"].removeprefix("/")
        if wanted == "unread":
            await Response("no")(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        answer = b"x" * int(wanted) if wanted else str(len(body)).encode()
        await Response(answer)(scope, receive, send)


@dataclass
class Line:
    """A caller's end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> Self:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
        return self

    async def answer(self) -> tuple[int, bytes]:
        """Give status and body of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def problem(self) -> str:
        """Give the kind of problem that is answered; nothing comes behind it."""
        _, body = await self.answer()
        assert await self.is_closed()
        kind: str = json.loads(body)["type"]
        return kind.removeprefix("urn:gleichfall:problem:")

    async def is_closed(self) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(1), 20) == b""
        except ConnectionError:
            return True


class House:
    """A running service, and who calls it."""

    def __init__(self, service: Service, port: int, server: uvicorn.Server) -> None:
        self.service, self.server = service, server
        self._port = port
        self._lines: list[Line] = []

    async def call(self, *pieces: bytes) -> Line:
        line = Line(*await asyncio.open_connection("127.0.0.1", self._port))
        self._lines.append(line)
        return await line.send(*pieces)

    def hang_up(self) -> None:
        for line in self._lines:
            line.writer.close()


@asynccontextmanager
async def house(**limits: Any) -> AsyncIterator[House]:
    service = Service()
    config = uvicorn.Config(
        service,
        port=0,
        http=limited(replace(PATIENT, **limits)),
        ws="none",
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    [listening] = server.servers[0].sockets
    open_house = House(service, listening.getsockname()[1], server)
    try:
        yield open_house
    finally:
        open_house.hang_up()
        server.should_exit = True
        await serving


async def test_requests_are_answered_one_after_another_on_one_connection() -> None:
    async with house() as home:
        line = await home.call(GET + b"\r\n")
        assert await line.answer() == (200, b"0")
        await line.send(POST + b"Content-Length: 5\r\n\r\nhe", b"llo", GET + b"\r\n" + GET, b"\r\n")
        assert await line.answer() == (200, b"5")
        assert await line.answer() == (200, b"0")
        assert await line.answer() == (200, b"0")


OFFER = (
    POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
)
OFFERED = {
    "with a length": OFFER + b"Content-Length: 5\r\n\r\nhello",
    "in chunks": OFFER + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "of WebSockets": OFFER.replace(b"h2c", b"websocket") + b"Content-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("sent", OFFERED.values(), ids=OFFERED)
@pytest.mark.parametrize("size", [10_000, 150, 1], ids=["at once", "in two", "byte by byte"])
async def test_an_offer_of_another_protocol_is_passed_over_and_the_body_is_read(
    sent: bytes, size: int
) -> None:
    """Java's own client makes one with every request."""
    async with house() as home:
        line = await home.call(*(sent[at : at + size] for at in range(0, len(sent), size)))
        assert await line.answer() == (200, b"5")
        await line.send(sent, GET + b"\r\n", sent)
        assert await line.answer() == (200, b"5")
        assert await line.answer() == (200, b"0")
        assert await line.answer() == (200, b"5")
        assert home.service.asked == 4


async def test_many_offers_at_once_are_each_answered() -> None:
    offer = GET + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    async with house() as home:
        line = await home.call(offer * 300)
        for _ in range(300):
            assert await line.answer() == (200, b"0")


BIG = b"a" * 40_000
TOO_LARGE = {
    "one value": GET + b"X: " + BIG + b"\r\n\r\n",
    "one value that doesn't end": GET + b"X: " + BIG,
    "one name": GET + BIG + b": 1\r\n\r\n",
    "one name that doesn't end": GET + BIG,
    "many values": GET + b"".join(b"X%d: %s\r\n" % (n, b"a" * 500) for n in range(10)) + b"\r\n",
    "many fields": GET + b"X: 1\r\n" * 21 + b"\r\n",
    "many fields behind an offer": OFFER + b"X: 1\r\n" * 21 + b"\r\n",
    "trailers behind an offer": (
        OFFER + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + b"X: 1\r\n" * 21
    ),
    "the address": b"GET /" + BIG + b" HTTP/1.1\r\n\r\n",
    "an address that doesn't end": b"GET /" + BIG,
    "trailers": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + b"X: 1\r\n" * 21,
    "a trailer that doesn't end": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: " + BIG
    ),
    "an extension of a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + BIG,
}


@pytest.mark.parametrize("sent", TOO_LARGE.values(), ids=TOO_LARGE)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in pieces"])
async def test_a_head_over_the_limit_is_refused(sent: bytes, *, at_once: bool) -> None:
    pieces = [sent] if at_once else [sent[at : at + 900] for at in range(0, len(sent), 900)]
    async with house() as home:
        line = await home.call(GET + b"\r\n")
        await line.answer()
        await line.send(*pieces)
        assert await line.problem() == "head-too-large"


async def test_a_head_at_the_limits_is_read() -> None:
    fields = b"".join(b"X%02d: %s\r\n" % (n, b"a" * 150) for n in range(19))
    async with house() as home:
        line = await home.call(GET + fields + b"\r\n")
        assert (await line.answer())[0] == 200


async def test_a_body_is_no_head_however_many_pieces_it_has() -> None:
    chunks = b"1\r\nx\r\n" * 5_000
    async with house() as home:
        line = await home.call(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        await line.send(*(chunks[at : at + 700] for at in range(0, len(chunks), 700)))
        await line.send(b"0\r\n\r\n")
        assert await line.answer() == (200, b"5000")
        await line.send(POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)
        assert await line.answer() == (200, b"1000000")


async def test_who_sends_without_end_hears_why_and_is_cut_off() -> None:
    async with house() as home:
        line = await home.call(GET + b"X: ")
        answer = asyncio.create_task(line.answer())

        async def without_end() -> None:
            while True:
                await line.send(b"a" * 65_536)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(without_end(), 20)
        assert (await answer)[0] == 431


LATE = {
    "nothing": (b"", None),
    "half a line": (b"GET /", "too-slow"),
    "half a head": (GET, "too-slow"),
    "empty lines": (b"\r\n", "too-slow"),
    "a head without its body": (POST + b"Content-Length: 5\r\n\r\n", "too-slow"),
    "half a body": (POST + b"Content-Length: 5\r\n\r\nhe", "too-slow"),
    "half a chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe", "too-slow"),
}


@pytest.mark.parametrize(("sent", "kind"), LATE.values(), ids=LATE)
@pytest.mark.parametrize("later", [False, True], ids=["first", "second"])
async def test_what_is_sent_by_half_is_not_waited_for(
    sent: bytes, kind: str | None, *, later: bool
) -> None:
    async with house(head_time=SOON, body_time=SOON) as home:
        line = await home.call(*([GET + b"\r\n"] if later else []))
        if later:
            await line.answer()
        await line.send(sent)
        if kind is None:
            assert await line.is_closed()
        else:
            assert await line.problem() == kind


async def drip(line: Line, piece: bytes) -> float:
    """Send a piece again and again until the other side ends it; gives the seconds."""
    began = time.monotonic()
    ended = asyncio.create_task(line.reader.read())
    while not ended.done():
        assert time.monotonic() - began < 20
        try:
            await line.send(piece)
        except ConnectionError:
            break
        await asyncio.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        (b"", b"\r\n"),
        (b"GET /", b"a"),
        (GET, b"X: 1\r\n"),
        (POST + b"Content-Length: 5000\r\n\r\n", b"x"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"POST /unread HTTP/1.1\r\nContent-Length: 5000\r\n\r\n", b"x"),
    ],
    ids=["empty lines", "an address", "fields", "a body", "chunks", "a body that nobody reads"],
)
async def test_a_byte_now_and_then_gains_no_time(beginning: bytes, piece: bytes) -> None:
    limits = {"head_time": SOON, "body_time": SOON, "fields": 10_000, "head": 1_000_000}
    async with house(**limits) as home:
        line = await home.call(beginning)
        assert await drip(line, piece) < 10


async def test_who_is_answered_at_once_may_send_on_until_the_bodys_time_is_over() -> None:
    async with house(body_time=SOON) as home:
        line = await home.call(b"POST /unread HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n")
        assert await line.answer() == (200, b"no")
        await line.send(b"x" * 9_000_000, GET + b"\r\n")
        assert await line.answer() == (200, b"0")


async def test_an_answer_that_nobody_takes_is_not_kept() -> None:
    async with house(answer_time=SOON) as home:
        line = await home.call(b"GET /50000000 HTTP/1.1\r\n\r\n")
        connections = home.server.server_state.connections
        async with asyncio.timeout(20):
            while home.service.asked == 0 or connections:
                await asyncio.sleep(0.05)
        line.writer.close()


async def test_an_answer_that_is_taken_slowly_is_given() -> None:
    async with house(answer_time=timedelta(seconds=2)) as home:
        line = await home.call(b"GET /20000000 HTTP/1.1\r\n\r\n")
        await line.reader.readuntil(b"\r\n\r\n")
        taken = 0
        while taken < 20_000_000:
            taken += len(await line.reader.read(1_000_000))
            await asyncio.sleep(0.02)


async def test_what_waits_longest_makes_room_for_who_comes_new() -> None:
    async with house(connections=10) as home:
        silent = [await home.call() for _ in range(10)]
        known = await home.call(GET + b"\r\n")
        await known.answer()
        for _ in range(15):
            newcomer = await home.call(GET + b"\r\n")
            assert (await newcomer.answer())[0] == 200
        assert await silent[0].is_closed()
        assert len(home.server.server_state.connections) <= 10


MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length that is none": POST + b"Content-Length: -1\r\n\r\n",
    "a field without a colon": GET + b"X\r\n\r\n",
    "a tunnel": b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a tunnel to a path": b"CONNECT /1 HTTP/1.1\r\nHost: service\r\n\r\n",
    "two lengths behind an offer": OFFER + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "NUL": GET + b"X: \x00\r\n\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_http_is_a_problem(sent: bytes) -> None:
    async with house() as home:
        assert await (await home.call(sent)).problem() == "malformed-request"
        assert home.service.asked == 0
