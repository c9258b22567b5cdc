"""Problem details for HTTP (RFC 9457): every error answer tells what is wrong and where."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from shared.errors import GleichfallError, TransientError
from shared.events.errors import MOST_FIELDS
from shared.observe.occurrence import Occurrence
from shared.observe.security_log import note, occurrence_of
from shared.observe.tracing import current_trace_id

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:gleichfall:problem:"

_FRAMEWORK_NAMES = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body-too-large",
}

logger = logging.getLogger(__name__)


class Problem(GleichfallError):
    """An answer that refuses a request and says why.

    Args:
        status: The HTTP status.
        name: The kind of problem, in kebab-case; its type URI is `urn:gleichfall:problem:<name>`.
        title: One sentence, the same for every problem of this kind.
        detail: What is wrong with this request, and what to do.
        headers: Headers of the answer, such as Retry-After.
        extensions: Further members, such as `errors=[{"index": 3, "field": "time", ...}]`.
    """

    def __init__(
        self,
        status: HTTPStatus,
        name: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extensions: JsonValue | Sequence[Mapping[str, JsonValue]],
    ) -> None:
        super().__init__(detail or title)
        self.status = status
        self.name = name
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.extensions = extensions

    def response(self) -> Response:
        """Give the answer itself."""
        members: dict[str, object] = {
            "type": NAMESPACE + self.name,
            "title": self.title,
            "status": self.status.value,
        }
        if self.detail:
            members["detail"] = self.detail
        return Response(
            json.dumps(members | self.extensions, ensure_ascii=False),
            status_code=self.status.value,
            headers=dict(self.headers),
            media_type=MEDIA_TYPE,
        )


def answer_with_problems(app: FastAPI) -> None:
    """Make every refusal of `app` a problem."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(HTTPException, _refused_by_framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TransientError, _unavailable)


def unexpected(error: Exception) -> Response:
    """Log an error nobody expected, and give an answer that names only the trace to search for."""
    logger.error("unexpected error while answering a request", exc_info=error)
    problem = Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "The service failed",
        "This is our fault and has been logged; tell the operator the trace_id.",
        trace_id=current_trace_id(),
    )
    return problem.response()


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answered(request, error)


def answered(request: Request, problem: Problem) -> Response:
    """Give a problem as the answer; what concerns security is noted."""
    what = occurrence_of(problem.status)
    if what is not None:
        note_of(request, what, problem.name, status=problem.status.value)
    return problem.response()


def note_of(
    request: Request, what: Occurrence, reason: str, *, who: str | None = None, **more: object
) -> None:
    """Note in the security log what happened to a request; `who`, if not whoever was recognised."""
    route = request.scope.get("route")
    note(
        what,
        reason,
        who=who or getattr(request.state, "caller", None),
        address=request.client.host if request.client else None,
        method=request.method,
        route=getattr(route, "path", None),
        **more,
    )


async def _refused_by_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    name = _FRAMEWORK_NAMES.get(status, f"http-{status.value}")
    detail = None if error.detail == status.phrase else error.detail
    problem = Problem(status, name, status.phrase, detail, headers=error.headers)
    return answered(request, problem)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(map(str, defect["loc"])), "reason": defect["msg"]}
        for defect in error.errors()[:MOST_FIELDS]
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    problem = Problem(status, "invalid-request", "The request is invalid", errors=errors)
    return answered(request, problem)


async def _unavailable(_: Request, error: Exception) -> Response:
    logger.warning("a request could not be served now", exc_info=error)
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "The service can't do this now",
        "Something it needs is away or busy; nothing was done, send the request again later.",
        headers={"Retry-After": "5"},
    ).response()
