"""What `gleichfall status` says of each process and puts into its JSON."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from deploy.local.status import Progress, document, processes, unlisted_keys
from deploy.standing.processes import Process
from services.notify.gauges.store import Far


@contextmanager
def answering(status: int, body: Mapping[str, object]) -> Iterator[str]:
    """A server that answers every GET the same; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_each_process_of_a_service_is_asked_and_no_other_part() -> None:
    with answering(200, {"status": "ready"}) as url:
        addresses = {"intake": url, "notify-2": url, "kafka": "127.0.0.1:9092", "maildir": "/m"}

        found = await processes(addresses)

    assert found == [Process("intake", url, ()), Process("notify-2", url, ())]
    assert all(process.ready for process in found)


async def test_a_process_that_is_not_ready_says_what_it_lacks() -> None:
    needs = [
        {"name": "postgresql", "reason": "no answer within 2 s"},
        {"name": "relay loop", "reason": "ended: ValueError"},
    ]
    with answering(503, {"title": "not ready", "errors": needs}) as url:
        (process,) = await processes({"controlling": url})

    assert not process.ready
    assert process.missing == (
        "postgresql: no answer within 2 s",
        "relay loop: ended: ValueError",
    )


async def test_a_process_that_does_not_answer_is_not_ready() -> None:
    (process,) = await processes({"intake": "http://127.0.0.1:1"})

    assert process.missing == ("no answer (ConnectError)",)


async def test_an_answer_of_a_stranger_is_not_ready() -> None:
    with answering(404, {"detail": "Not Found"}) as url:
        (process,) = await processes({"intake": url})

    assert process.missing == ("HTTP status 404",)


def test_keys_that_no_list_has_are_counted_as_work() -> None:
    progress = [
        Progress("intake", 0, 0, 0, 0, 0, {"events_accepted": 6, "unlisted_keys": 2}),
        Progress("notify", 0, 0, 0, 0, 0, {}),
    ]
    assert unlisted_keys(progress) == 2


def test_the_document_is_ready_only_when_every_process_is() -> None:
    addresses = {"intake": "http://i", "notify": "http://n"}
    well, ill = Process("intake", "http://i", ()), Process("notify", "http://n", ("broker: away",))
    progress = [Progress("intake", 1, 2, 3, 4, 5, {"events_accepted": 6})]

    until = datetime(2026, 11, 30, 10, tzinfo=UTC)
    far = Far(85, datetime(2037, 1, 2, 9, 30, tzinfo=UTC), "case-a")

    assert document(addresses, [well, ill], progress, {"2026-12": until}, far) == {
        "ready": False,
        "addresses": addresses,
        "missing": {"intake": (), "notify": ("broker: away",)},
        "services": {
            "intake": {
                "outbox": 1,
                "parked": 2,
                "dead_letters": 3,
                "held": 4,
                "lag": 5,
                "counts": {"events_accepted": 6},
            }
        },
        "unwitnessed": {"2026-12": "2026-11-30T10:00:00+00:00"},
        "far": {"messages": 85, "latest": "2037-01-02T09:30:00+00:00", "case": "case-a"},
    }
    assert document(addresses, [well], progress, {}, Far())["ready"] is True
    assert str(far).startswith(
        "85 messages wait for a time implausibly far, the latest of case-a for 2037-01-02 09:30 UTC"
    )
