"""Guidance: short articles on norms, to be read, found and written anew."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.export import export
from services.controlling.audit.store import changing
from services.controlling.forms.criterion import Criterion
from services.controlling.guidance import store
from services.controlling.guidance.article import (
    KEY,
    Article,
    Draft,
    Fault,
    Said,
    Text,
    faults,
    key_of,
)
from services.controlling.guidance.entering import write
from services.controlling.guidance.errors import ArticleChanged
from services.controlling.guidance.markdown import as_html
from services.controlling.guidance.norm import fit
from services.controlling.guidance.store import Filter
from services.controlling.practice.free_text import suspicions
from services.controlling.practice.naming import Naming
from services.controlling.practice.pages import naming, practice_of
from shared.postgres.paging import Order, Page
from shared.postgres.pool import Connection
from shared.web.pages.cells import Row
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Search, Selection, WantedPage
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
WRITERS = (Role.LEADERSHIP, Role.CONTROLLING)
_HEADS = (
    *("guidance.key", "guidance.versions.one", "guidance.norm", "guidance.headline"),
    *("guidance.body", "guidance.example", "guidance.written", "guidance.changed_since"),
)
router = APIRouter(
    prefix="/guidance",
    route_class=PageRoute,
    dependencies=[allows(*WRITERS, Role.UNIT_HEAD, Role.AUDITOR, Role.STAFF_COUNCIL)],
)
_writers = [allows(*WRITERS)]
Key = Annotated[str, InPath(max_length=60)]


class Done(StrEnum):
    """What went well before the page that says so."""

    WRITTEN = "written"


class Asked(Selection):
    """Which articles are asked for, as the address says it."""

    def __init__(
        self,
        wanted: WantedPage,
        q: Search = "",
        stale: Annotated[str, Query(pattern="^(yes|no)?$")] = "",
    ) -> None:
        self.stale = stale
        super().__init__("/guidance", store.ARTICLES, wanted, q=q, stale=stale)

    @property
    def filter(self) -> Filter:
        """What the store understands."""
        return Filter(self.text, self.stale == "yes" if self.stale else None)


AskedFor = Annotated[Asked, Depends()]


class Written(BaseModel):
    """An article as its form sends it."""

    norm: str = Field(default="", max_length=120)
    title: str = Field(default="", max_length=120)
    body: Typed = Field(default="", max_length=4_000)
    example: Typed = Field(default="", max_length=4_000)
    title_en: str = Field(default="", max_length=120)
    body_en: Typed = Field(default="", max_length=4_000)
    example_en: Typed = Field(default="", max_length=4_000)
    based_on: int = Field(default=0, ge=0, lt=2**31)
    confirmed: bool = False

    @property
    def said(self) -> Said:
        """What it says."""
        return Said(
            norm=self.norm,
            de=Text(title=self.title, body=self.body, example=self.example),
            en=Text(title=self.title_en, body=self.body_en, example=self.example_en),
        )

    @classmethod
    def of(cls, article: Article) -> "Written":
        """Give the form of an article as it stands."""
        said = article.said
        return cls(
            norm=said.norm,
            **said.de.model_dump(),
            **{f"{name}_en": text for name, text in said.en.model_dump().items()},
            based_on=article.version,
        )


@router.get("")
async def articles(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """List articles by title."""
    names = naming(request, signed)
    async with pool_of(request).acquire() as connection:
        found = await _page(connection, asked, names, asked.order)
        stale = await store.count_stale(connection)
    return show(
        request,
        signed,
        "articles.html",
        names=names,
        articles=found.lines,
        further=found.further,
        asked=asked,
        stale=stale,
        writes=_writes(signed),
    )


@router.get("/list.csv")
async def as_file(request: Request, signed: SignedIn, asked: AskedFor) -> Response:
    """Give all articles asked for as a table; that somebody took it is an entry of the log."""
    names = naming(request, signed)
    return await export(
        request,
        signed,
        "guidance",
        _HEADS,
        order=asked.order,
        read=lambda connection, order: _page(connection, asked, names, order),
        row=lambda one: _row(one, names),
    )


@router.get("/new", dependencies=_writers)
async def new(
    request: Request, signed: SignedIn, norm: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """Show the form of a new article."""
    return _form(request, signed, None, Written(norm=norm))


@router.post("", dependencies=_writers)
async def add(request: Request, signed: SignedIn, written: Annotated[Written, Form()]) -> Response:
    """Keep a new article under a key made of its title."""
    return await _kept(request, signed, None, written)


@router.get("/{key}")
async def article(
    request: Request,
    key: Key,
    signed: SignedIn,
    version: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    done: Done | None = None,
) -> Response:
    """Show an article, or an older version of it."""
    async with pool_of(request).acquire() as connection:
        found = await store.read(connection, key, version)
        history = await store.versions(connection, key)
    if found is None:
        raise _unknown()
    return show(
        request,
        signed,
        "article.html",
        names=naming(request, signed),
        article=found,
        text=found.text(signed.session.language),
        translated=found.has(signed.session.language),
        history=history,
        questions=_asks(request, signed, found),
        html=as_html,
        writes=_writes(signed),
        done=done,
    )


@router.get("/{key}/edit", dependencies=_writers)
async def edit(request: Request, key: Key, signed: SignedIn) -> Response:
    """Show the form of a new version, filled with the last one."""
    async with pool_of(request).acquire() as connection:
        found = await store.read(connection, key)
    if found is None:
        raise _unknown()
    return _form(request, signed, key, Written.of(found))


@router.post("/{key}", dependencies=_writers)
async def rewrite(
    request: Request,
    key: Annotated[str, InPath(pattern=KEY)],
    signed: SignedIn,
    written: Annotated[Written, Form()],
) -> Response:
    """Keep a new version; who saw an older one than the last is told, with all they wrote."""
    async with pool_of(request).acquire() as connection:
        if await store.read(connection, key) is None:
            raise _unknown()
    return await _kept(request, signed, key, written)


async def _kept(request: Request, signed: Signed, key: str | None, written: Written) -> Response:
    """Keep what was written, or show its form again with what is to be mended."""
    said, now = written.said, datetime.now(UTC)
    as_key = key or key_of(said.de.title)
    lacks = list(dict.fromkeys([*faults(said), *([] if as_key else [Fault.TITLE])]))
    if lacks:
        return _form(request, signed, key, written, lacks=lacks)
    signs = suspicions("\n".join(said.every()), naming(request, signed).today)
    if signs and not written.confirmed:
        return _form(request, signed, key, written, signs=signs)
    try:
        async with changing(pool_of(request)) as change:
            await write(change, signed.account, Draft(as_key, written.based_on, said), now)
    except ArticleChanged as changed:
        if key is None:
            return _form(request, signed, key, written, taken=as_key)
        again = written.model_copy(update={"based_on": changed.version})
        return _form(request, signed, key, again, newer=changed.version)
    return RedirectResponse(f"/guidance/{as_key}?done={Done.WRITTEN}", HTTPStatus.SEE_OTHER)


def _form(
    request: Request, signed: Signed, key: str | None, written: Written, **wrong: object
) -> Response:
    status = HTTPStatus.OK
    if wrong:
        changed = "newer" in wrong or "taken" in wrong
        status = HTTPStatus.CONFLICT if changed else HTTPStatus.UNPROCESSABLE_ENTITY
    values = {"lacks": [], "signs": [], "newer": None, "taken": None} | wrong
    return show(
        request,
        signed,
        "article_form.html",
        status,
        typed=True,
        key=key,
        written=written,
        **values,
    )


def _asks(request: Request, signed: Signed, found: Article) -> Sequence[str]:
    """Give the questions of reviews that are about the norm of an article."""
    today = naming(request, signed).today
    asked: Iterable[Criterion] = practice_of(request).criteria.in_force(today)
    about = [one for one in asked if fit(found.said.norm, one.citation)]
    return [one.question.in_language(signed.session.language) for one in about]


async def _page(connection: Connection, asked: Asked, names: Naming, order: Order) -> Page[Article]:
    language, zone = names.language, names.law.calendar.zone
    return await store.page(connection, asked.filter, order, language=language, zone=zone)


def _row(one: Article, names: Naming) -> Row:
    text = one.text(names.language)
    what = (one.said.norm, text.title, text.body, text.example)
    return (one.key, one.version, *what, names.day(one.written_at), one.stale_since)


def _writes(signed: Signed) -> bool:
    return signed.account.role in WRITERS


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "article-unknown", "There is no such article")
