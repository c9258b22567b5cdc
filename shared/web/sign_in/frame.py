"""How pages are shown to somebody who is signed in."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request, Response

from shared.web.pages.page import pages_of
from shared.web.pages.policy import Caching
from shared.web.pages.refusals import SAFE_METHODS
from shared.web.sign_in.recognising import switches
from shared.web.sign_in.session import Signed


def show(
    request: Request,
    signed: Signed,
    template: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    typed: bool = False,
    **values: object,
) -> Response:
    """Answer with a page in the frame of whoever is signed in.

    Its template extends `workbench.html` and has, beside `values`: `account`, `csrf` (a field of
    each form), `here` (the page's path) and `navigation`.

    Args:
        request: What it answers.
        signed: Whose frame it is.
        template: The page.
        status: Of the answer.
        typed: Whether people come to write much: a link to another language would lose it.
        values: What the template names.
    """
    query = request.query_params.multi_items()
    kept = "&".join(f"{quote(name)}={quote(value)}" for name, value in query if name != "language")
    path = request.url.path
    # What answers a form has no address of its own: a link to it would lose what was typed.
    reads = request.method in SAFE_METHODS and not typed
    return pages_of(request).show(
        template,
        signed.session.language,
        status,
        Caching.PRIVATE,
        account=signed.account,
        csrf=signed.session.csrf,
        here=path,
        navigation=request.app.state.navigation(signed.account.role),
        switches=switches(f"{path}?{kept}" if kept else path) if reads else {},
        **values,
    )
