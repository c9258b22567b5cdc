"""What the pages of every room are given: the law, the authority, and the names of things."""

from datetime import UTC, datetime

from fastapi import Request

from services.controlling.practice.naming import Naming
from services.controlling.practice.practice import Practice
from shared.web.sign_in.session import Signed


def practice_of(request: Request) -> Practice:
    """Give what every review is done with."""
    found = request.app.state.practice
    assert isinstance(found, Practice)
    return found


def naming(request: Request, signed: Signed) -> Naming:
    """Give what names things today."""
    law = practice_of(request).law
    return Naming(signed.session.language, law, law.calendar.day_of(datetime.now(UTC)))
