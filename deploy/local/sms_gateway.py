"""SMS gateways that keep every message as a line of a file and send none on.

They stand for real ones: they know a repeat by its key, understand the simulated numbers, and
report each delivery in a signed call. A process of its own:
`python -m deploy.local.sms_gateway --port 2526 --folder FOLDER --secrets FOLDER`.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID, uuid4

import click
import httpx
import uvicorn
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.local import child, stand_in
from deploy.local.folder import Folder
from deploy.local.ports import HOST
from services.notify.channels.sms.gateway_keys import GatewayKeys, read_gateway_keys
from services.notify.recipients.simulated import Ending, ending_of
from shared.security.secrets import SecretName, SecretStore
from shared.security.webhooks import signature

GATEWAYS = "NOTIFY_SMS_GATEWAYS"
"""The variable that names real ones."""

_PAUSE = timedelta(milliseconds=100)
_RETRY = timedelta(seconds=1)
_BATCH = 500
# TP-Status, 3GPP TS 23.040, 9.2.3.15: received by the phone; not obtainable.
_STATUSES: Mapping[Ending | None, int] = {None: 0x00, Ending.DELIVERED: 0x00, Ending.BOUNCED: 0x43}


class SmsGateways:
    """The SMS gateways of the local stack, in one process.

    Args:
        folder: Where their files, the secrets and the log file are.
        port: Port for clients.
    """

    def __init__(self, folder: Folder, *, port: int) -> None:
        self._folder = folder
        self._port = port

    @property
    def settings(self) -> Mapping[str, str]:
        """Give notify's settings for them."""
        keys = read_gateway_keys(SecretStore(self._folder.secrets).text(SecretName.SMS_GATEWAYS))
        url = f"http://{HOST}:{self._port}"
        known = [{"name": name, "url": f"{url}/{name}/"} for name in sorted(keys)[:2]]
        return {GATEWAYS: json.dumps(known)}

    def start(self) -> child.Child:
        """Start the process and wait until it answers.

        Raises:
            ChildDied, NotReady: when it doesn't.
        """
        return stand_in.start(
            "sms",
            "deploy.local.sms_gateway",
            port=self._port,
            files=self._folder.sms,
            folder=self._folder,
        )


class _Asked(BaseModel):
    """What notify posts."""

    to: str
    text: str
    alphabet: str
    valid_for: int
    report_to: str


class SimulatedGateway:
    """One gateway: takes each key once, and reports what the number says.

    Not synchronised to disk: a message survives the end of this process, not of the machine.
    """

    def __init__(self, file: Path, keys: GatewayKeys) -> None:
        self._file = file
        self._keys = keys
        self._taken: set[str] = set()
        self._due: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue()
        for message in messages_in(file):
            self._remember(message)

    async def take(self, request: Request) -> Response:
        """Take one message, or say why not."""
        token = f"Bearer {self._keys.token.get_secret_value()}"
        if not hmac.compare_digest(request.headers.get("authorization", ""), token):
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        try:
            key = str(UUID(request.headers.get("idempotency-key", "")))
            asked = _Asked.model_validate_json(await request.body())
        except (ValueError, ValidationError):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if key in self._taken:
            return Response(status_code=HTTPStatus.OK)
        ending = ending_of(asked.to)
        if ending is Ending.DEFERRED:
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS)
        message = {"id": key, **asked.model_dump()}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(message)}\n")
        self._remember(message)
        return Response(status_code=HTTPStatus.ACCEPTED)

    def _remember(self, message: Mapping[str, str]) -> None:
        """Know a message again, and report it: after a new start once more, as real ones do."""
        self._taken.add(message["id"])
        ending = ending_of(message["to"])
        if ending is not Ending.SILENT:
            report = {"message": message["id"], "status": _STATUSES[ending]}
            self._due.put_nowait((message["report_to"], report))

    async def keep_reporting(self, client: httpx.AsyncClient) -> None:
        """Report in small groups, each until it was taken."""
        while True:
            report_to, report = await self._due.get()
            await asyncio.sleep(_PAUSE.total_seconds())
            reports = [report]
            while not self._due.empty() and len(reports) < _BATCH:
                reports.append(self._due.get_nowait()[1])
            body = json.dumps({"reports": reports}).encode()
            while not await self._report(client, report_to, body):
                await asyncio.sleep(_RETRY.total_seconds())

    async def _report(self, client: httpx.AsyncClient, report_to: str, body: bytes) -> bool:
        identity, now = str(uuid4()), str(int(datetime.now(UTC).timestamp()))
        signed = signature(self._keys.report_key.get_secret_value(), identity, now, body)
        headers = {
            "content-type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": now,
            "webhook-signature": signed,
        }
        try:
            return (await client.post(report_to, content=body, headers=headers)).is_success
        except httpx.HTTPError:
            return False


def messages_in(file: Path) -> list[dict[str, str]]:
    """Read what a gateway took, in order."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


async def serve(port: int, folder: Path, secrets: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    keys = read_gateway_keys(SecretStore(secrets).text(SecretName.SMS_GATEWAYS))
    gateways = {name: SimulatedGateway(folder / f"{name}.jsonl", own) for name, own in keys.items()}
    routes = [
        Route(f"/{name}/messages", gateway.take, methods=["POST"])
        for name, gateway in gateways.items()
    ]
    app = Starlette(routes=[Route("/", _welcome), *routes])
    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False)
    async with httpx.AsyncClient(trust_env=False) as client:
        reporting = [
            asyncio.create_task(gateway.keep_reporting(client)) for gateway in gateways.values()
        ]
        await uvicorn.Server(config).serve()
        for task in reporting:
            task.cancel()


async def _welcome(_: Request) -> Response:
    return Response("SMS gateways that send nothing on\n")


@click.command()
@click.option("--port", type=int, required=True, help="Port to listen on.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where to store.")
@click.option("--secrets", type=click.Path(path_type=Path), required=True, help="Their keys.")
def main(port: int, folder: Path, secrets: Path) -> None:
    """Keep every SMS as a line of a file and send none on."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(port, folder, secrets))


if __name__ == "__main__":
    main()
