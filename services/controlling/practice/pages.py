"""What the pages of every room share: the law, the authority, names of things, a question."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import Request, Response

from services.controlling.practice.free_text import suspicions
from services.controlling.practice.naming import Naming
from services.controlling.practice.practice import Practice
from shared.web.sign_in import csrf
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import BACK, came_from
from shared.web.sign_in.session import Signed

_CONFIRMED = "confirmed"


def practice_of(request: Request) -> Practice:
    """Give what every review is done with."""
    found = request.app.state.practice
    assert isinstance(found, Practice)
    return found


def naming(request: Request, signed: Signed) -> Naming:
    """Give what names things today."""
    law = practice_of(request).law
    return Naming(signed.session.language, law, law.calendar.day_of(datetime.now(UTC)))


async def doubt(request: Request, signed: Signed, field: str, longest: int) -> Response | None:
    """Ask about a text once more, with all that was sent beside it; None: it may count.

    What is kept of it is read by others and can't be taken back.

    Args:
        request: A form.
        signed: Whose.
        field: Of the form, with the text.
        longest: Characters of it.
    """
    form = await request.form()
    text = str(form.get(field, ""))
    signs = suspicions(text, naming(request, signed).today)
    if not signs or form.get(_CONFIRMED) == "true":
        return None
    asked = {csrf.FIELD, field, _CONFIRMED, BACK}
    return show(
        request,
        signed,
        "personal_data_check.html",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        field=field,
        text=text,
        longest=longest,
        signs=signs,
        kept=[(name, value) for name, value in form.multi_items() if name not in asked],
        back=await came_from(request),
    )
