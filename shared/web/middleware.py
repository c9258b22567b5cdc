"""What every request passes, as plain ASGI: cheap, and no answer is buffered."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter

from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observe.context import bound
from shared.observe.metrics import HTTP_REQUEST_DURATION, HTTP_REQUESTS, Route, Status
from shared.observe.tracing import is_traceparent, new_traceparent, tracing_is_on
from shared.web.problems import unexpected

_UNMATCHED = Route("unmatched")
_CLIENT_CLOSED_REQUEST = 499
_SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


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
            route = Route(self._template(matched)) if isinstance(matched, APIRoute) else _UNMATCHED
            HTTP_REQUESTS.of(route, Status(status)).inc()
            HTTP_REQUEST_DURATION.of(route).observe(perf_counter() - started)


class SecurityHeaders(HttpMiddleware):
    """Adds the strictest headers to every answer that hasn't set its own."""

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:

        async def protect(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY_HEADERS.items():
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
