"""A FAKE of FIT-Connect and of the mailboxes behind it: it keeps every message and sends none on.

It behaves as docs.fitko.de/fit-connect says of the Submission API, version 2: it grants access,
opens submissions, takes what is encrypted and nothing else, and tells what happened in signed
events. Behind it stands the owner of the mailboxes, who decrypts and checks what it is given. It
was never compared with the real one; what it says where the documentation is silent is marked as
ours. A process of its own:
`python -m deploy.local.fake_fit_connect --port 2527 --folder FOLDER --secrets FOLDER`.
"""

import asyncio
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette

from deploy.local.fake_fit_connect.service import SimulatedService
from deploy.local.ports import HOST
from shared.security.secrets import SecretName, SecretStore


async def serve(port: int, folder: Path, secrets: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    client = SecretStore(secrets).text(SecretName.FIT_CONNECT).get_secret_value()
    service = SimulatedService(folder, client, f"http://{HOST}:{port}")
    app = Starlette(routes=list(service.routes))
    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


@click.command()
@click.option("--port", type=int, required=True, help="Port to listen on.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where to store.")
@click.option("--secrets", type=click.Path(path_type=Path), required=True, help="Its client's.")
def main(port: int, folder: Path, secrets: Path) -> None:
    """Keep every message to a mailbox as a line of a file and send none on: a fake."""
    asyncio.run(serve(port, folder, secrets))


if __name__ == "__main__":
    main()
