"""Whether a form was sent from one of our own pages, by whoever is signed in."""

import hmac
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request

from shared.web.problems import Problem
from shared.web.sign_in.session import Session

FIELD = "csrf"
HEADER = "X-CSRF-Token"


class Doubt(StrEnum):
    """Why a form isn't taken for one of ours; pages have words for each."""

    FOREIGN = "foreign-page"
    """Another site's page has sent it."""
    UNSAID = "origin-unsaid"
    """The browser doesn't say from where it comes."""
    MISSING = "token-missing"
    """It carries no token."""
    OTHER = "token-other"
    """It carries a token of another session."""


class Forged(Problem):
    """A request that changes something comes from elsewhere, or from another session.

    Attributes:
        doubt: Why it isn't taken for one of ours.
    """

    def __init__(self, doubt: Doubt) -> None:
        self.doubt = doubt
        super().__init__(
            HTTPStatus.FORBIDDEN,
            doubt.value,
            "The request doesn't come from one of our pages",
            "Open the page again and repeat what you did; nothing was changed.",
        )


def check_origin(request: Request, own: str) -> None:
    """Let a request pass that one of our own pages has sent, as the browser says.

    Args:
        request: What was sent.
        own: Scheme, host and port as browsers see them.

    Raises:
        Forged: it comes from elsewhere, or the browser doesn't say from where.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        fits = site == "same-origin"
    else:
        fits = origin is not None and urlsplit(origin)[:2] == urlsplit(own)[:2]
    if not fits:
        raise Forged(Doubt.UNSAID if site is None and origin is None else Doubt.FOREIGN)


async def check_token(request: Request, session: Session) -> None:
    """Let a request pass that carries its session's token, in a field or a header.

    Raises:
        Forged: it carries none, or another's.
    """
    given = request.headers.get(HEADER)
    if given is None:
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else ""
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise Forged(Doubt.OTHER if given else Doubt.MISSING)
