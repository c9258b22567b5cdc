"""A connection on which nobody is known yet: uvicorn's, with limits to what it may cost.

uvicorn has none for httptools, and no server has all of them: docs/decisions/0051.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from shared.observe.metrics import HTTP_REQUESTS, Status
from shared.observe.security_log import note, occurrence_of
from shared.web.limits import Limits
from shared.web.middleware import SECURITY_HEADERS, UNMATCHED
from shared.web.problems import Problem

# What comes behind a body's piece is counted from the next slice on.
_SLICE = 16_384
# Who is refused while still sending would lose the answer if we closed at once (RFC 9112, 9.6).
_LINGER = timedelta(seconds=2)


class _Part(Enum):
    """What of a request comes next."""

    HEAD = "head"
    BODY = "body"


class Connection(HttpToolsProtocol):
    """Reads requests within `limits`; what breaks them is answered here.

    Attributes:
        since: When it began, by a clock that never goes back.
    """

    limits: ClassVar[Limits] = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the head of the first request is due."""
        super().connection_made(transport)
        self.since = time.monotonic()
        self._refused = False
        self._part = _Part.HEAD
        self._size = self._fields = self._pending = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._set_deadline()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; no timer outlives the connection."""
        self._clear_deadline()
        self._clear_closing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as uvicorn does, but for what it does with errors."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        try:
            self._feed(memoryview(data))
        except httptools.HttpParserCallbackError as error:
            self._refuse(error.__context__)
        except httptools.HttpParserError:
            self._refuse(None)
        except Problem as problem:
            self._refuse(problem)
        self._wait_for_more()

    def _feed(self, data: memoryview) -> None:
        for at in range(0, len(data), _SLICE):
            piece = data[at : at + _SLICE]
            self._pending += len(piece)
            self._parse(piece)
            if self._pending > self.limits.head:
                raise self._head_too_large()

    def _parse(self, piece: memoryview) -> None:
        while piece:
            try:
                self.parser.feed_data(piece)
            except httptools.HttpParserUpgrade as offer:
                self._pass_over_offer()
                piece = piece[offer.args[0] :]
            else:
                return

    def _pass_over_offer(self) -> None:
        """Read the head again without its offer of another protocol (RFC 9110, 7.8).

        Java's client makes one with every request, and behind it the parser reads no body.
        """
        line = b"%b %b HTTP/%b" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode(),
        )
        fields = [b"%b: %b" % field for field in self.headers if field[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's are
        self.parser.feed_data(b"\r\n".join([line, *fields, b"", b""]))

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._size = self._fields = 0

    def on_url(self, url: bytes) -> None:
        """Take the next piece of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field, or a trailer."""
        self._fields += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over; its body is due. Behind an offer the head is read again."""
        if self.parser.get_method() == b"CONNECT":  # a tunnel is no offer
            raise httptools.HttpParserInvalidMethodError
        if self.parser.should_upgrade():
            return
        self._part, self._pending = _Part.BODY, 0
        self._clear_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take the next piece of the body."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be done with reading the request."""
        if self.parser.should_upgrade():
            return
        self._part, self._pending = _Part.HEAD, 0
        self._clear_deadline()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Give the caller some time to take the answer."""
        super().pause_writing()
        self._close_after(self.limits.answer_time, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: some of it was taken."""
        if not self._refused:
            self._clear_closing()
        super().resume_writing()

    @property
    def is_idle(self) -> bool:
        """Whether no request is at work."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self.limits.head or self._fields > self.limits.fields:
            raise self._head_too_large()

    def _wait_for_more(self) -> None:
        if not self._refused and (self._part is _Part.BODY or self.is_idle):
            self._set_deadline()

    def _set_deadline(self) -> None:
        """Begin to wait for the part that is due; whoever sends a byte now and then gains none."""
        if self._deadline is None:
            head = self._part is _Part.HEAD
            time_left = self.limits.head_time if head else self.limits.body_time
            self._deadline = self.loop.call_later(time_left.total_seconds(), self._too_late)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.flow.read_paused:  # it is we who don't read
            self._set_deadline()
        elif self.is_idle and (self._part is _Part.BODY or self._pending == 0):
            self.transport.close()  # nobody waits for an answer
        else:
            self._refuse(
                Problem(
                    HTTPStatus.REQUEST_TIMEOUT,
                    "too-slow",
                    "The request takes too long",
                    f"Its {self._part.value} didn't arrive in time; send it again, at once.",
                )
            )

    def _make_room(self) -> None:
        """Close what waits for longest if there are too many; first what never asked anything."""
        if len(self.connections) <= self.limits.connections:
            return
        others = [one for one in self.connections if isinstance(one, Connection) and one != self]
        waiting = [one for one in others if one.is_idle and not one.transport.is_closing()]
        if waiting:
            min(waiting, key=lambda one: (one.cycle is not None, one.since)).transport.abort()
        else:
            self._refuse(
                Problem(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "too-many-connections",
                    "There are too many connections",
                    "Every one is at work; try again later.",
                    headers={"Retry-After": "5"},
                )
            )

    def _head_too_large(self) -> Problem:
        limits = self.limits
        return Problem(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "head-too-large",
            "The head of the request is too large",
            f"Send at most {limits.fields} header fields, and {limits.head} bytes in all.",
        )

    def _refuse(self, why: BaseException | None) -> None:
        """Answer unless an answer is on its way, then hear nothing more and close."""
        problem = why if isinstance(why, Problem) else _UNREADABLE
        self._refused = True
        self._clear_deadline()
        self.flow.resume_reading()
        address = self.client[0] if self.client else None
        what = occurrence_of(problem.status)
        if what is not None:
            note(what, problem.name, address=address, status=problem.status.value)
        HTTP_REQUESTS.of(UNMATCHED, Status(problem.status.value)).inc()
        cycle = None if self.is_idle else self.cycle
        if cycle is None or not cycle.response_started:
            self.transport.write(_raw(problem))
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write_eof()
        self._close_after(_LINGER, self.transport.abort)

    def _close_after(self, time_left: timedelta, close: Callable[[], None]) -> None:
        self._clear_closing()
        self._closing = self.loop.call_later(time_left.total_seconds(), close)

    def _clear_closing(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


_UNREADABLE = Problem(
    HTTPStatus.BAD_REQUEST,
    "malformed-request",
    "The request can't be read",
    "It isn't HTTP/1.1 as RFC 9112 has it.",
)


def limited(limits: Limits) -> type[Connection]:
    """Give connections with other limits, as uvicorn takes them: a class."""
    return type("LimitedConnection", (Connection,), {"limits": limits})


def _raw(problem: Problem) -> bytes:
    """Write a problem as it goes over the line; nobody reads on behind it."""
    response = problem.response()
    headers = {
        **dict(response.headers),
        **{name.lower(): value for name, value in SECURITY_HEADERS.items()},
        "connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[problem.status.value] + f"{lines}\r\n".encode() + bytes(response.body)
