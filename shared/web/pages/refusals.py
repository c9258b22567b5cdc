"""How a page refuses: as a page, which says in words what is wrong and what to do."""

from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus

from asyncpg import CharacterNotInRepertoireError
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException

from shared.errors import TransientError
from shared.observe.security_log import occurrence_of
from shared.postgres.errors import TRANSIENT
from shared.web.pages.page import pages_of
from shared.web.pages.policy import Caching
from shared.web.pages.words import Language
from shared.web.problems import Problem, note_of

_REFUSALS = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "missing",
    HTTPStatus.METHOD_NOT_ALLOWED: "missing",
    HTTPStatus.CONFLICT: "outdated",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unreadable",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unreadable",
}
_FORM = (b"application/x-www-form-urlencoded", b"utf-8")
_TOLD = 100
"""So many characters of a value that can't be read are told."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing (RFC 9110, 9.2.1)."""


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """Wrap what answers, as FastAPI has it for routes of one's own."""
        answer = super().get_route_handler()

        async def page(request: Request) -> Response:
            name, headers = None, None
            unread: Sequence[str] = ()
            try:
                check_form(request)
                return await answer(request)
            except Problem as problem:
                status, name, headers = problem.status, problem.name, problem.headers
            except RequestValidationError as error:
                status, unread = HTTPStatus.UNPROCESSABLE_ENTITY, _unread(error)
            except HTTPException as error:
                status = HTTPStatus(error.status_code)
            except CharacterNotInRepertoireError:  # NUL, which no text of a database holds
                status = HTTPStatus.UNPROCESSABLE_ENTITY
            except (TransientError, *TRANSIENT):
                status = HTTPStatus.SERVICE_UNAVAILABLE
            what = occurrence_of(status)
            if what is not None and status is not HTTPStatus.UNPROCESSABLE_ENTITY:
                reason = _REFUSALS.get(status, name or "unavailable")
                note_of(request, what, reason, status=status.value)
            refusal = _refusal(request, status, name, unread)
            refusal.headers.update(headers or {})
            return refusal

        return page


def check_form(request: Request) -> None:
    """Let a request pass whose body a form of ours can have sent.

    Another one would be read as an empty form, and a part in a charset of the sender's choice can
    keep the process busy for as long as they like.

    Raises:
        HTTPException: it has another kind of body, or one in another charset.
    """
    if request.method in SAFE_METHODS:
        return
    kind, options = parse_options_header(request.headers.get("content-type"))
    announced = (request.headers.get(name, "0") for name in ("content-length", "transfer-encoding"))
    if not kind and set(announced) == {"0"}:
        return
    if (kind.lower(), options.get(b"charset", b"utf-8").lower()) != _FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def language_of(request: Request) -> Language:
    """Give the language that is asked for, or that of whoever is signed in."""
    asked = request.query_params.get("language")
    if asked in set(Language):
        return Language(asked)
    return getattr(request.state, "language", Language.GERMAN)


def _unread(error: RequestValidationError) -> Sequence[str]:
    """Give what of an address can't be read, each once, as it stands there."""
    asked = [one for one in error.errors() if one["loc"][0] == "query"]
    told = {str(one["loc"][1]): str(one["input"] or "")[:_TOLD] for one in asked}
    return [
        "".join(one if one.isprintable() else "\ufffd" for one in f"{name}={value}")
        for name, value in told.items()
    ]


def _refusal(
    request: Request, status: HTTPStatus, name: str | None, unread: Sequence[str]
) -> Response:
    """Say what is wrong: in the words for exactly this, or else for whatever has its status."""
    language = language_of(request)
    problem = _REFUSALS.get(status, "unavailable")
    if problem == "unreadable" and request.method not in SAFE_METHODS:
        problem = "unreadable_form"
    own = f"refusal.{name}"
    if name is not None and pages_of(request).words(language, own)[own] != own:
        problem = name
    return pages_of(request).show(
        "refusal.html", language, status, Caching.PRIVATE, problem=problem, unread=unread
    )
