"""What a browser may do with a page, and who may keep it."""

from collections.abc import Mapping
from enum import StrEnum

_CONTENT = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class Caching(StrEnum):
    """Who may keep a page, as Cache-Control says it."""

    PUBLIC = "public, max-age=60"
    PRIVATE = "no-store"


def headers(caching: Caching) -> Mapping[str, str]:
    """Give the headers of a page."""
    return {"Cache-Control": caching.value, "Content-Security-Policy": _CONTENT}
