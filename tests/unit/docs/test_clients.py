"""The guide's recipe for pseudonyms holds in every language, and its clients don't give up."""

import json
import re
import runpy
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from shared.security.commands import pseudonym
from tests.clients import CLIENTS, FOLDER, NODE, environment, write_secrets
from tests.unit.docs.pages import ROOT

GUIDE = (ROOT / "docs" / "guide" / "events.md").read_text(encoding="utf-8")
SAMPLES = re.findall(
    r"^\| `(\w+)` \| `([^`]+)` \| (?:`(\d{4}-\d)`)? ?\| `([a-z]+-[a-z2-7]{26})` \|$",
    GUIDE,
    re.MULTILINE,
)
KEY = bytes(range(32))
LONGEST = 50


def test_the_guide_has_a_sample_of_each_kind() -> None:
    assert len(SAMPLES) == 8
    assert {kind for kind, *_ in SAMPLES} == {
        "case",
        "contact",
        "decision",
        "appointment",
        "submission",
        "decider",
    }


@pytest.mark.parametrize(("kind", "identifier", "quarter", "expected"), SAMPLES)
def test_the_command_makes_a_sample(
    kind: str, identifier: str, quarter: str, expected: str, tmp_path: Path
) -> None:
    write_secrets(tmp_path, "")
    words = [kind, "--quarter", quarter] if quarter else [kind]
    made = CliRunner(env={"GLEICHFALL_SECRETS_DIR": str(tmp_path)}).invoke(
        pseudonym, words, input=f"{identifier}\n"
    )
    assert made.output == f"{expected}\n"


@pytest.mark.parametrize(("kind", "identifier", "quarter", "expected"), SAMPLES)
def test_the_python_client_makes_a_sample(
    kind: str, identifier: str, quarter: str, expected: str
) -> None:
    client = runpy.run_path(str(FOLDER / "client.py"))
    assert client["pseudonym"](KEY, kind, identifier, quarter) == expected


def test_the_javascript_client_makes_all_samples() -> None:
    program = (
        f"import {{ pseudonym }} from {json.dumps((FOLDER / 'client.mjs').as_uri())};"
        f"const key = Buffer.from('{KEY.hex()}', 'hex');"
        f"const samples = {json.dumps(SAMPLES)};"
        "console.log(JSON.stringify(samples.map(([k, i, q]) => pseudonym(key, k, i, q))));"
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [expected for *_, expected in SAMPLES]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_a_page(client: list[str]) -> None:
    assert len(Path(client[1]).read_text(encoding="utf-8").splitlines()) <= LONGEST


@contextmanager
def answering(refusals: list[int], after: str = "0") -> Iterator[tuple[str, list[str]]]:
    """A server that refuses as it is told, 0 being a connection that ends, and then takes all."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.answer(body.decode())

        def do_GET(self) -> None:
            self.answer("")

        def answer(self, body: str) -> None:
            asked.append(f"{self.command} {self.path} {body}")
            status = refusals.pop(0) if refusals else 202
            if not status:
                self.close_connection = True
                return
            taken: dict[str, Any] = {"receipts": [{"status": "accepted"}], "published": True}
            self.send_response(status)
            self.send_header("Retry-After", after)
            self.end_headers()
            self.wfile.write(json.dumps(taken).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def run(client: list[str], url: str, secrets: Path) -> subprocess.CompletedProcess[str]:
    write_secrets(secrets, "token")
    return subprocess.run(
        [*client, "4711"],
        env=environment(url, secrets),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_asks_again_with_the_same_after_each_answer_that_asks_for_it(
    client: list[str], tmp_path: Path
) -> None:
    with answering([429, 502, 503, 504, 0]) as (url, asked):
        done = run(client, url, tmp_path)

    assert done.returncode == 0, done.stderr
    assert len(asked) == 5 + 5, "one contact, two events, a receipt each"
    assert len(set(asked)) == 5, "what is sent again is the same"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_asks_again_after_a_proxy_that_names_the_time_as_a_date(
    client: list[str], tmp_path: Path
) -> None:
    with answering([503], "Wed, 21 Oct 2026 07:28:00 GMT") as (url, asked):
        done = run(client, url, tmp_path)

    assert done.returncode == 0, done.stderr
    assert len(asked) == 1 + 5


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_ends_with_what_intake_says_of_a_request_that_it_never_takes(
    client: list[str], tmp_path: Path
) -> None:
    with answering([422]) as (url, asked):
        done = run(client, url, tmp_path)

    assert done.returncode == 1
    assert "receipts" in done.stderr
    assert len(asked) == 1
