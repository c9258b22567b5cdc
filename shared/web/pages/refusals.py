"""How a page refuses: as a page, which says in words what is wrong and what to do."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.errors import TransientError
from shared.postgres.errors import TRANSIENT
from shared.web.pages.page import pages_of
from shared.web.pages.policy import Caching
from shared.web.pages.words import Language
from shared.web.problems import Problem

_REFUSALS = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "missing",
    HTTPStatus.CONFLICT: "outdated",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unreadable",
}


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """Wrap what answers, as FastAPI has it for routes of one's own."""
        answer = super().get_route_handler()

        async def page(request: Request) -> Response:
            try:
                return await answer(request)
            except Problem as problem:
                status = problem.status
            except RequestValidationError:
                status = HTTPStatus.UNPROCESSABLE_ENTITY
            except HTTPException as error:
                status = HTTPStatus(error.status_code)
            except (TransientError, *TRANSIENT):
                status = HTTPStatus.SERVICE_UNAVAILABLE
            return _refusal(request, status)

        return page


def language_of(request: Request) -> Language:
    """Give the language that is asked for, or that of whoever is signed in."""
    asked = request.query_params.get("language")
    if asked in set(Language):
        return Language(asked)
    return getattr(request.state, "language", Language.GERMAN)


def _refusal(request: Request, status: HTTPStatus) -> Response:
    problem = _REFUSALS.get(status, "unavailable")
    return pages_of(request).show(
        "refusal.html", language_of(request), status, Caching.PRIVATE, problem=problem
    )
