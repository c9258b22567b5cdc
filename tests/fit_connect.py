"""The fake of FIT-Connect as a real HTTP server, whose faults the test chooses."""

import asyncio
import json
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum, auto
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from deploy.local.fake_fit_connect.mailboxes import TAKEN, messages_in
from deploy.local.fake_fit_connect.process import place
from deploy.local.fake_fit_connect.service import SimulatedService
from services.notify.channels.mailbox.fit_connect import FitConnectPlace
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys


class Step(Enum):
    """What a request asks for."""

    GRANT = auto()
    ANNOUNCE = auto()
    SUBMIT = auto()
    EVENTS = auto()
    OTHER = auto()


class Fault(Enum):
    """What else than a status can come instead of an answer."""

    CUT = auto()
    """It does what was asked and hangs up in the middle of its answer."""


class Server(uvicorn.Server):
    """uvicorn that leaves the signals of the tests' process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class FitConnectHost:
    """Runs the fake; `answers` come first, one for each request of a kind; away, it answers 503."""

    def __init__(self, service: SimulatedService, listener: socket.socket) -> None:
        self.service = service
        self.is_away = False
        self.answers: defaultdict[Step, list[int | Fault]] = defaultdict(list)
        self.asked: list[tuple[Step, bytes]] = []
        self.keys_of_client: FitConnectKeys | None = None
        self.on_submitted: Callable[[], Awaitable[None]] | None = None
        self._listener = listener
        self._app = Starlette(routes=list(service.routes))
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def place(self) -> FitConnectPlace:
        return FitConnectPlace.model_validate(place(self.port))

    @property
    def taken(self) -> list[dict[str, str]]:
        return messages_in(self.service.file)

    def times(self, step: Step) -> int:
        return sum(1 for asked, _ in self.asked if asked is step)

    async def start(self) -> None:
        config = uvicorn.Config(self, log_config=None, lifespan="off")
        self._server = Server(config)
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        while not self._server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        assert self._server is not None
        assert self._task is not None
        self._server.should_exit = self._server.force_exit = True
        await self._task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        step = _step(scope["method"], scope["path"])
        body = await _body(receive)
        self.asked.append((step, body))
        answer = self.answers[step].pop(0) if self.answers[step] else None
        answer = 503 if self.is_away else answer
        if isinstance(answer, int):
            await send({"type": "http.response.start", "status": answer, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return

        async def given() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def swallowed(_: Message) -> None:
            pass

        await self._app(scope, given, swallowed if answer is Fault.CUT else send)
        if step is Step.SUBMIT and self.on_submitted is not None:
            await self.on_submitted()
        if answer is Fault.CUT:
            headers = [(b"content-length", b"100")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{"})


def _step(method: str, path: str) -> Step:
    if path == "/token":
        return Step.GRANT
    if path.endswith("/events"):
        return Step.EVENTS
    if "/submissions" in path:
        return Step.ANNOUNCE if method == "POST" else Step.SUBMIT
    return Step.OTHER


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


@asynccontextmanager
async def fit_connect_host(
    folder: Path, client: str, kind: type[SimulatedService] = SimulatedService
) -> AsyncIterator[FitConnectHost]:
    """Run one; its keys are in `folder`, `client` is the secret `fit_connect`."""
    (folder / TAKEN).unlink(missing_ok=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        host = FitConnectHost(kind(folder, client, url), listener)
        await host.start()
        try:
            yield host
        finally:
            await host.stop()


def submitted(host: FitConnectHost) -> list[dict[str, str]]:
    """Give what was put into submissions, as it travelled."""
    return [json.loads(body) for step, body in host.asked if step is Step.SUBMIT]
