"""Runs one process of a service, `create_app(Settings())` of its room, under uvicorn."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from importlib.metadata import version
from platform import python_version

import click
import uvicorn
import uvloop
from fastapi import FastAPI
from prometheus_client import start_http_server
from pydantic import ValidationError

from shared.errors import PermanentError
from shared.law.checking import LawFiles
from shared.observe.metrics import BUILD, Version
from shared.service.runtime import calm_garbage_collection
from shared.service.settings import ConnectionSettings
from shared.web.connection import limited
from shared.web.limits import Limits

PROCESSES = {
    "intake": "services.intake",
    "controlling": "services.controlling",
    "notify": "services.notify",
    "workbench": "services.controlling.workbench",
    "desk": "deploy.desk",
}
"""What can be served, and the room that wires it."""
GIVES_WAY = {"controlling": 15, "notify": 15}
"""How nice a process is that works on what nobody waits for at a page: pages go first."""
# Time for open requests and the batch at hand; Kubernetes and compose give 30 s in all.
GRACE = timedelta(seconds=15)


class SettingsInvalid(PermanentError):
    """The environment lacks something that the service needs, or has it wrong."""

    def __init__(self, service: str, error: ValidationError) -> None:
        # Only names and reasons: a value may be a secret.
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        super().__init__(f"{service} cannot start with this environment: {faults}")


class Server(uvicorn.Server):
    """uvicorn that leaves at SIGTERM by returning, so that the service can close what it holds."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as a request to finish; uvicorn would raise them again."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


@click.command()
@click.argument("name", type=click.Choice(list(PROCESSES)))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True)
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="As --host.")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65_535),
    help="Port for /metrics alone, which no other port has; without it nobody is told figures.",
)
def serve(name: str, host: str, port: int, metrics_host: str, metrics_port: int | None) -> None:
    """Run the process NAME in the foreground until SIGTERM or Ctrl-C.

    Everything else comes from the environment: KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL,
    GLEICHFALL_SECRETS_DIR and what docs/operations/local.md lists. `gleichfall up` does all of
    this for you; use `serve` in containers, or to run one service by hand.

    \b
    Example:
        gleichfall serve intake --port 8080
    """
    os.nice(GIVES_WAY.get(name, 0))
    app, limits = _create(name), _limits(name)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=limited(limits),
        ws="none",
        lifespan="off",  # `_serve` runs it, so that its errors keep their type
        log_config=None,
        access_log=False,
        server_header=False,
        # Nobody is believed to have passed on somebody else's request unless an operator says so.
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", ""),
        timeout_graceful_shutdown=int(GRACE.total_seconds()),
    )
    BUILD.of(Version(version("gleichfall")), Version(python_version())).set(1)
    if metrics_port is not None:
        start_http_server(metrics_port, metrics_host)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, Server(config)))


def _limits(name: str) -> Limits:
    try:
        return ConnectionSettings().limits
    except ValidationError as error:
        raise SettingsInvalid(name, error) from error


def _create(name: str) -> FastAPI:
    LawFiles.read()  # each process reads a part of it: that all can be used, one must ask
    try:
        settings = import_module(f"{PROCESSES[name]}.settings").Settings()
        app: FastAPI = import_module(f"{PROCESSES[name]}.app").create_app(settings)
    except ValidationError as error:  # parts of a service have settings of their own
        raise SettingsInvalid(name, error) from error
    return app


async def _serve(app: FastAPI, server: Server) -> None:
    async with app.router.lifespan_context(app):
        calm_garbage_collection()
        await server.serve()
