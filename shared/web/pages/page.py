"""Pages for people: the same layout everywhere, German unless English is asked for.

A page is HTML that can be read and sent without scripts, from templates that escape every value.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import jinja2
from babel.support import Translations
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from shared.errors import PermanentError
from shared.organisation.model import Organisation
from shared.web.pages import assets
from shared.web.pages.assets import Assets
from shared.web.pages.cells import Row, in_words
from shared.web.pages.formats import formats
from shared.web.pages.policy import Caching, Content, headers
from shared.web.pages.words import FOLDER, Language, load_words, wording

AskedLanguage = Annotated[Language, Query(alias="language")]
"""The parameter by which every page is asked for in another language."""


class TemplateAmbiguous(PermanentError):
    """Two rooms have a template of the same name: one would be shown in place of the other."""


class Pages:
    """The templates of a service's rooms with their words; kept in the state of its application.

    Args:
        folders: Of the rooms; what they have goes before what all pages share.
        organisation: Whose pages they are.
        content: What the pages may load and send.
        linked: The sheets and scripts that templates name by `asset("…")`.
        home: Where the authority's own people go on from public pages; None for nowhere.

    Attributes:
        notice: What every page of people at work says at its head, by its key in the catalogues.

    Raises:
        WordsInvalid: a catalogue can't be used.
        TemplateAmbiguous: two rooms have a template of the same name.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        organisation: Organisation,
        content: Content = Content.TEXT,
        linked: Assets | None = None,
        home: str | None = None,
    ) -> None:
        _check_names(folders)
        self._words = words = load_words([FOLDER, *folders])
        loader = jinja2.FileSystemLoader([*folders, FOLDER])
        self._content = content
        self._organisation, self._zone = organisation, organisation.jurisdiction.time_zone
        self._environments = {
            language: _environment(loader, language, words[language], organisation)
            for language in Language
        }
        self.notice: str | None = None
        for environment in self._environments.values():
            environment.globals["notice"] = lambda: self.notice
            environment.globals["home"] = home
            if linked is not None:
                environment.globals["asset"] = linked.address

    def words(self, language: Language, *keys: str) -> Mapping[str, str]:
        """Give what the catalogues say for some keys: lists are searched and ordered by it."""
        return {key: self._words[language].gettext(key) for key in keys}

    def written(self, language: Language, row: Row) -> Row:
        """Write the cells of a list's row as people read that language."""
        return in_words(row, lambda key: self._words[language].gettext(key) % {}, self._zone)

    def heads(self, language: Language, keys: Sequence[str]) -> list[str]:
        """Write the heads of a table's columns, which the catalogues have by these keys."""
        return list(self.words(language, *keys).values())

    def unit(self, language: Language, key: str) -> str:
        """Name a unit of the authority."""
        return self._organisation.unit_name(key, language)

    def units(self, language: Language) -> Mapping[str, str]:
        """Name all units by their keys."""
        return {one.key: self.unit(language, one.key) for one in self._organisation.units}

    def show(
        self,
        template: str,
        language: Language,
        status: HTTPStatus = HTTPStatus.OK,
        caching: Caching = Caching.PUBLIC,
        **values: object,
    ) -> Response:
        """Answer with a page; `values` are what its template names."""
        page = self._environments[language].get_template(template)
        return HTMLResponse(
            page.render(values), status_code=status, headers=headers(caching, self._content)
        )


def pages_of(request: Request) -> Pages:
    """Give the pages of the application that a request reached."""
    found = request.app.state.pages
    assert isinstance(found, Pages)
    return found


def add_pages(app: FastAPI, pages: Pages, *routers: APIRouter) -> None:
    """Give a service its public pages and the style they share."""
    app.state.pages = pages
    app.include_router(assets.router)
    for router in routers:
        app.include_router(router)


def once(part: Callable[..., Markup], *fixed: object) -> Callable[..., Markup]:
    """Write a part of a page once for each of its values: a list has few, each many times."""
    return cache(partial(part, *fixed))


def _check_names(folders: Sequence[Path]) -> None:
    seen: dict[str, Path] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.html"))):
        if path.name in seen:
            raise TemplateAmbiguous(f"{path} is also in {seen[path.name].parent}; rename one")
        seen[path.name] = path


def _environment(
    loader: jinja2.BaseLoader, language: Language, words: Translations, organisation: Organisation
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= formats(language, organisation.jurisdiction.time_zone)
    environment.globals |= {
        "_": wording(words),
        "unit": lambda key: organisation.unit_name(key, language),
        "authority": getattr(organisation.authority.name, language),
        "contact": organisation.authority.contact,
        "once": once,
        "language": language,
        "languages": [other for other in Language if other is not language],
    }
    return environment
