"""Pages for people: the same layout everywhere, German unless English is asked for.

A page is HTML without scripts, from templates that escape every value. It refuses as a page, too:
whoever reads HTML is told in words what is wrong.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import Translations
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.errors import TransientError
from shared.organisation.model import Organisation
from shared.postgres.errors import TRANSIENT
from shared.web.access import Access, requires
from shared.web.pages.words import Language, load_words
from shared.web.problems import Problem

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "style.css").read_bytes()
_HEADERS = {
    "Cache-Control": "public, max-age=60",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}
_REFUSALS = {
    HTTPStatus.NOT_FOUND: "missing",
    HTTPStatus.UNPROCESSABLE_ENTITY: "unreadable",
}

_LOCALES = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}

AskedLanguage = Annotated[Language, Query(alias="language")]
"""The parameter by which every page is asked for in another language."""


class Pages:
    """The templates of a service with their words; kept in the state of its application."""

    def __init__(self, folder: Path, organisation: Organisation) -> None:
        """Read templates and catalogues.

        Raises:
            WordsInvalid: a catalogue can't be used.
        """
        words = load_words([_FOLDER, folder])
        loader = jinja2.FileSystemLoader([folder, _FOLDER])
        self._environments = {
            language: _environment(loader, language, words[language], organisation)
            for language in Language
        }

    def show(
        self,
        template: str,
        language: Language,
        status: HTTPStatus = HTTPStatus.OK,
        **values: object,
    ) -> Response:
        """Answer with a page; `values` are what its template names."""
        page = self._environments[language].get_template(template)
        return HTMLResponse(page.render(values), status_code=status, headers=_HEADERS)

    def refuse(self, request: Request, status: HTTPStatus) -> Response:
        """Answer with a page that says what is wrong and what to do."""
        asked = request.query_params.get("language")
        language = Language(asked) if asked in set(Language) else Language.GERMAN
        problem = _REFUSALS.get(status, "unavailable")
        answer = self.show("refusal.html", language, status, problem=problem)
        answer.headers["Cache-Control"] = "no-store"
        return answer


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
            return pages_of(request).refuse(request, status)

        return page


def pages_of(request: Request) -> Pages:
    """Give the pages of the application that a request reached."""
    found = request.app.state.pages
    assert isinstance(found, Pages)
    return found


def add_pages(app: FastAPI, pages: Pages, *routers: APIRouter) -> None:
    """Give a service its pages and the style they share."""
    app.state.pages = pages
    app.include_router(_assets)
    for router in routers:
        app.include_router(router)


_assets = APIRouter(prefix="/assets", dependencies=[requires(Access.PUBLIC)])


@_assets.get("/style.css")
async def style() -> Response:
    """Give the style of all pages."""
    return Response(
        _STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


def _environment(
    loader: jinja2.BaseLoader, language: Language, words: Translations, organisation: Organisation
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= _formats(language, organisation.jurisdiction.time_zone)
    environment.globals |= {
        "authority": getattr(organisation.authority.name, language),
        "contact": organisation.authority.contact,
        "language": language,
        "languages": [other for other in Language if other is not language],
    }
    return environment


def _formats(language: Language, zone: ZoneInfo) -> Mapping[str, Callable[..., str]]:
    locale = _LOCALES[language]

    def day(value: date) -> str:
        return format_date(value, "long", locale=locale)

    def moment(value: datetime) -> str:
        return format_datetime(value, "long", tzinfo=zone, locale=locale)

    return {"day": day, "moment": moment, "number": partial(format_decimal, locale=locale)}
