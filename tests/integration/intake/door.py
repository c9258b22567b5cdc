"""The door of the system over real HTTP: a running intake, and what is sent to it."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.requests import Request
from starlette.responses import Response

from deploy.local.loopback import PLAIN
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretStore
from tests.patience import PATIENCE

OURS = "urn:test:permits"
MORE = "urn:test:more:"
PROMPT = "urn:test:prompt"
EXAMPLE = "urn:gleichfall:example"
THEIRS = "urn:other:appointments"
PHONE = "urn:other:phone"
TOKEN, OTHER_TOKEN = "token-of-permits", "token-of-appointments"
PHONE_TOKEN = "token-of-the-telephone"
SYSTEMS = f"""
systems:
  - {{key: permits, sources: ["{OURS}", "{MORE}*", "{EXAMPLE}", "{PROMPT}"], types: ["*"],
     contacts: true, unlisted: ["{MORE}*"], history: ["{OURS}", "{MORE}*", "{EXAMPLE}"]}}
  - {{key: other, sources: ["{THEIRS}"], types: ["*"], contacts: true, history: ["{THEIRS}"]}}
  - {{key: phone, sources: ["{PHONE}"], types: ["call.*"]}}
"""
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_PSEUDONYMS = Pseudonymiser(os.urandom(32))


def pseudonym(kind: PseudonymKind) -> str:
    return _PSEUDONYMS.of(kind, str(uuid4()))


def decision(case: str | None = None) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": OURS,
        "type": "gleichfall.decision.made.v1",
        "subject": case or pseudonym(PseudonymKind.CASE),
        "time": "2026-10-01T10:00:00+02:00",
        "data": {
            "decision_id": pseudonym(PseudonymKind.DECISION),
            "type_code": "AufenthG-18b",
            "direction": "adverse",
            "unit": "unit-1",
            "decider": "decider-" + "a" * 26,
            "features": {"renewal": True, "years-of-stay": 24},
        },
    }


def changed(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with attributes, or with `data__field`, set; None takes an attribute away."""
    copy = deepcopy(event)
    for name, value in changes.items():
        target, key = (copy["data"], name[6:]) if name.startswith("data__") else (copy, name)
        if value is None:
            del target[key]
        else:
            target[key] = value
    return copy


@dataclass
class Notify:
    """Stands where notify stands: takes sealed contacts, or is broken."""

    status: int = 202
    problem: dict[str, Any] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append((request.method, request.url.path))
        if self.status == 202:
            self.taken.append(body)
            self.tokens.append(request.headers["authorization"])
        body = json.dumps(self.problem).encode()
        await Response(body, status_code=self.status)(scope, receive, send)


class Line:
    """A TCP line to a server that can be cut, slowed and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self.cut = False
        self.delay = 0.0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    def break_now(self) -> None:
        self.cut = True
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                await asyncio.sleep(self.delay)
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@dataclass
class Service:
    """One running service, mostly intake."""

    url: str
    figures: str
    process: asyncio.subprocess.Process
    log: Path
    secrets: SecretStore

    def client(self, token: str | None = TOKEN) -> httpx.AsyncClient:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE, verify=PLAIN)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    environment: dict[str, str], secrets: SecretStore, log: Path, name: str = "intake"
) -> AsyncIterator[Service]:
    port, figures = free_port(), free_port()
    options = ["--port", str(port), "--metrics-port", str(figures)]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.command_line", "serve", name, *options),
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    addresses = (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{figures}/metrics")
    service = Service(*addresses, process, log, secrets)
    try:
        await until_ready(service)
        yield service
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_ready(service: Service) -> None:
    async with asyncio.timeout(PATIENCE), service.client() as client:
        while service.process.returncode is None:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(service.log.read_text())


async def send(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/events", json=event, headers={"content-type": STRUCTURED})


async def send_batch(client: httpx.AsyncClient, events: Iterable[Any]) -> httpx.Response:
    return await client.post("/v1/events", json=list(events), headers={"content-type": BATCH})


async def send_binary(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    attributes = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    return await client.post("/v1/events", json=event["data"], headers=attributes)


def statuses(answer: httpx.Response) -> list[tuple[int, str]]:
    return [(receipt["sequence"], receipt["status"]) for receipt in answer.json()["receipts"]]


async def published(client: httpx.AsyncClient, event: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await client.get(f"/v1/events/{event['id']}", params={"source": OURS})
            shown: dict[str, Any] = answer.json()
            if shown["published"]:
                return shown
            await asyncio.sleep(0.05)
