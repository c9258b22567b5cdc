"""What every request passes, as plain ASGI: cheap, and no answer is buffered."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from http import HTTPStatus
from time import perf_counter

from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observe.context import bound
from shared.observe.metrics import HTTP_REQUEST_DURATION, HTTP_REQUESTS, Route, Status
from shared.observe.tracing import is_traceparent, new_traceparent, tracing_is_on
from shared.web.problems import Problem, answered, unexpected

UNMATCHED = Route("unmatched")
"""What requests are counted under that reach no route."""
_CLIENT_CLOSED_REQUEST = 499
_PORT = re.compile(r":\d*$")
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says that says nothing else."""


class HttpMiddleware(ABC):
    """Takes part in HTTP requests and lets everything else pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be the ASGI application around `app`."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    @abstractmethod
    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, mostly by way of `app`."""


class HeadRequests(HttpMiddleware):
    """Answers HEAD as GET, without the body (RFC 9110, 9.3.2)."""

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            body = message["type"] == "http.response.body"
            await send({**message, "body": b""} if body else message)

        await self.app({**scope, "method": "GET"}, receive, without_body)


class HostCheck(HttpMiddleware):
    """Answers only to names that the operator gave us, so that no page repeats another one.

    Probes are asked by address, and name nothing.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], probes: Collection[str]) -> None:
        super().__init__(app)
        self._hosts = {host.lower() for host in hosts}
        self._probes = probes

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = Headers(scope=scope).getlist("host")
        ours = len(named) == 1 and _PORT.sub("", named[0]).lower() in self._hosts
        if ours or scope["path"] in self._probes:
            await self.app(scope, receive, send)
            return
        problem = Problem(
            HTTPStatus.MISDIRECTED_REQUEST,
            "misdirected",
            "This service has another name",
            "Call it by the name that its operator gave it; for operators: GLEICHFALL_HOSTS.",
        )
        await answered(Request(scope), problem)(scope, receive, send)


class RequestMetrics(HttpMiddleware):
    """Counts and times requests by route template and status."""

    def __init__(self, app: ASGIApp, template: Callable[[APIRoute], str]) -> None:
        super().__init__(app)
        self._template = template

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = _CLIENT_CLOSED_REQUEST
        started = perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            matched = scope.get("route")
            route = Route(self._template(matched)) if isinstance(matched, APIRoute) else UNMATCHED
            HTTP_REQUESTS.of(route, Status(status)).inc()
            HTTP_REQUEST_DURATION.of(route).observe(perf_counter() - started)


class SecurityHeaders(HttpMiddleware):
    """Adds the strictest headers to every answer that hasn't set its own."""

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:

        async def protect(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, protect)


class TraceContext(HttpMiddleware):
    """Continues the caller's trace in our logs and events, or begins one."""

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if tracing_is_on():
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("traceparent", "")
        with bound(trace=given if is_traceparent(given) else new_traceparent()):
            await self.app(scope, receive, send)


class UnexpectedErrors(HttpMiddleware):
    """Answers with a problem when a route raises what nobody expected."""

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            return
        except Exception as error:
            response = unexpected(error)
            if started:
                raise
            await response(scope, receive, send)


class BodyLimit(HttpMiddleware):
    """Refuses bodies over a limit, also those that don't announce their length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        super().__init__(app)
        self._limit = limit

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "")
        received = 0

        async def limited() -> Message:
            nonlocal received
            if announced.isdecimal() and int(announced) > self._limit:
                raise self._too_large()
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise self._too_large()
            return message

        await self.app(scope, limited, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body is larger than the limit of {self._limit} bytes; send less at once.",
        )
