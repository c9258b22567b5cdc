"""Pages refuse as pages, escape what they show, and are German unless somebody asks."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from shared.configuration.places import ROOT
from shared.errors import TransientError
from shared.organisation.file import load_organisation
from shared.web.access import Access, requires
from shared.web.pages.page import AskedLanguage, Pages, add_pages, pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.words import Language
from shared.web.problems import Problem

EMPTY = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
TEMPLATE = """{% extends "layout.html" %}
{% block title %}{{ text }}{% endblock %}
{% block main %}<p>{{ text }}</p>{% endblock %}
"""
FAILURES = {
    "gone": Problem(HTTPStatus.NOT_FOUND, "gone", "Gone"),
    "away": TransientError("away"),
    "cut": asyncpg.InterfaceError("cut"),
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    for language in Language:
        (tmp_path / f"{language}.po").write_text(EMPTY)
    (tmp_path / "echo.html").write_text(TEMPLATE)
    router = APIRouter(route_class=PageRoute, dependencies=[requires(Access.PUBLIC)])

    @router.get("/echo")
    async def echo(
        request: Request, text: str, language: AskedLanguage = Language.GERMAN
    ) -> Response:
        return pages_of(request).show("echo.html", language, text=text)

    @router.get("/failing/{how}")
    async def failing(how: str) -> Response:
        raise FAILURES[how]

    app = FastAPI()
    organisation = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
    add_pages(app, Pages([tmp_path], organisation), router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_what_somebody_sends_is_shown_as_text(client: httpx.AsyncClient) -> None:
    answer = await client.get("/echo", params={"text": '<script>"&'})
    assert "<p>&lt;script&gt;&#34;&amp;</p>" in answer.text
    assert "<script" not in answer.text


async def test_a_browsers_language_does_not_matter(client: httpx.AsyncClient) -> None:
    answer = await client.get("/echo", params={"text": "x"}, headers={"accept-language": "en"})
    assert '<html lang="de">' in answer.text
    assert "Ausländerbehörde" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/failing/gone", 404, "There is no such page"),
        ("/failing/away", 503, "The page is not there right now"),
        ("/failing/cut", 503, "The page is not there right now"),
        ("/echo", 422, "This address is wrong"),
    ],
)
async def test_a_refusal_is_a_page_that_nobody_keeps(
    client: httpx.AsyncClient, path: str, status: int, said: str
) -> None:
    answer = await client.get(path, params={"language": "en"})
    assert answer.status_code == status
    assert f"<h1>{said}</h1>" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_the_style_comes_from_here(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "url(" not in answer.text
