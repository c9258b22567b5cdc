"""The texts for staff: each in any language and on any way, as a recipient reads it."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from markupsafe import Markup

from services.notify.channels.sms.alphabet import Alphabet
from services.notify.errors import TextUnavailable
from services.notify.messages.rendering import locale_of
from services.notify.messages.text import BINDING_LANGUAGE, MessageType, title_of
from services.notify.plain_language.wording import load_wording
from services.notify.preview.preview import preview_letter
from services.notify.preview.sample import Sample, Wanted, in_place_of, languages_of
from services.notify.staff import staff_of
from shared.errors import PermanentError
from shared.events.vocabulary import Channel
from shared.web.pages.policy import Caching
from shared.web.pages.refusals import PageRoute
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn

FOLDER = Path(__file__).parent
_WORDING = load_wording()
router = APIRouter(prefix="/messages/texts", route_class=PageRoute)
Name = Annotated[str, InPath(max_length=64)]
In = Annotated[str, Query(alias="in", max_length=16)]


@router.get("")
async def texts(request: Request, signed: SignedIn) -> Response:
    """List all texts by what they are about."""
    staff, language = staff_of(request), signed.session.language
    kinds = sorted(staff.messages.by_name.values(), key=lambda kind: title_of(kind, language))
    every = languages_of(staff.messages)
    return show(
        request,
        signed,
        "message_texts.html",
        opens=staff.opens(request, signed),
        kinds=[(kind, title_of(kind, language), _instead(kind, every)) for kind in kinds],
        languages_of_texts=len(every),
        called=partial(_called, language),
    )


@router.get("/{name}")
async def text(
    request: Request,
    signed: SignedIn,
    name: Name,
    wanted: In = BINDING_LANGUAGE,
    by: Channel | None = None,
) -> Response:
    """Show a text as somebody gets it, with examples for its values."""
    staff, language = staff_of(request), signed.session.language
    kind, every = _kind(request, name), languages_of(staff.messages)
    if not _is_language(wanted):
        raise _unknown()
    instead = in_place_of(kind, {*every, wanted})
    channel = by or kind.description.channels[0]
    chosen = Wanted(name, instead.get(wanted, wanted), channel)
    try:
        sample = Sample.of(chosen, staff.messages, staff.organisation, _WORDING)
    except TextUnavailable as error:
        raise _unknown() from error
    return show(
        request,
        signed,
        "message_text.html",
        opens=staff.opens(request, signed),
        kind=kind,
        title=title_of(kind, language),
        chosen=chosen,
        asked=wanted if wanted in instead else None,
        sample=sample,
        html=Markup(sample.rendered.html if sample.rendered else ""),  # noqa: S704 - values were escaped when it was filled
        direction=locale_of(chosen.language).text_direction,
        gsm=sample.sms is not None and sample.sms.alphabet is Alphabet.GSM_7,
        languages_of_texts=[(one, _called(language, one)) for one in every],
        called=partial(_called, language),
    )


@router.get("/{name}/letter.pdf")
async def letter(request: Request, name: Name, wanted: In = BINDING_LANGUAGE) -> Response:
    """Give a text as the letter that is printed; to lay it out takes a moment."""
    staff = staff_of(request)
    _kind(request, name)
    write = partial(
        preview_letter, staff.messages, name, wanted, staff.organisation, staff.stationery
    )
    try:
        written = await asyncio.to_thread(write)
    except PermanentError as error:
        raise _unknown() from error
    headers = {
        "Content-Disposition": f'inline; filename="{name}-{wanted}.pdf"',
        "Cache-Control": Caching.PRIVATE.value,
    }
    return Response(written.content, media_type="application/pdf", headers=headers)


def _instead(kind: MessageType, every: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Give the languages that a text lacks, by the one that is read in their place."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for lacking, read in in_place_of(kind, every).items():
        found[read].append(lacking)
    return found


def _kind(request: Request, name: str) -> MessageType:
    kind = staff_of(request).messages.by_name.get(name)
    if kind is None:
        raise _unknown()
    return kind


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "text-unknown", "There is no such text")


def _is_language(key: str) -> bool:
    try:
        Locale.parse(key, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _called(page: str, *keys: str) -> str:
    """Name languages in that of a page."""
    return ", ".join(Locale.parse(key, sep="-").get_display_name(page) or key for key in keys)
