"""A real HTTP server in the place of an SMS gateway, whose answers the test chooses."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto


class Fault(Enum):
    """What else than a status can come instead of an answer."""

    CUT = auto()
    """It takes the message and hangs up without an answer."""
    SILENT = auto()
    """It takes the message and never answers."""


class GatewayHost:
    """Takes each key once; `answers` come first, one for each request, then 202."""

    def __init__(self) -> None:
        self.answers: list[int | Fault] = []
        self.usual: int = 202
        self.taken: list[str] = []
        self.texts: dict[str, dict[str, object]] = {}
        self.asked: list[str] = []
        self.port = 0
        self.on_taken: Callable[[str], Awaitable[None]] | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        key = headers["idempotency-key"]
        self.asked.append(key)
        answer = self.answers.pop(0) if self.answers else self.usual
        if isinstance(answer, Fault) or answer < 300:
            await self._take(key, body)
        if answer is Fault.CUT:
            return False
        if answer is Fault.SILENT:
            await asyncio.sleep(3_600)
        writer.write(f"HTTP/1.1 {answer} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True

    async def _take(self, key: str, body: dict[str, object]) -> None:
        if key not in self.texts:
            self.taken.append(key)
            self.texts[key] = body
            if self.on_taken is not None:
                await self.on_taken(key)


@asynccontextmanager
async def gateway_host() -> AsyncIterator[GatewayHost]:
    host = GatewayHost()
    await host.start()
    try:
        yield host
    finally:
        await host.stop()
