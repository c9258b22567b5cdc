"""What a browser may do with a page, and who may keep it."""

from collections.abc import Mapping
from enum import StrEnum


class Caching(StrEnum):
    """Who may keep a page, as Cache-Control says it."""

    PUBLIC = "public, max-age=60"
    PRIVATE = "private, no-store"


class Content(StrEnum):
    """What a page may load and send, as Content-Security-Policy says it."""

    TEXT = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    SCRIPT = (
        # One script of our own and what it computes with; nothing may be sent.
        "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    FORMS = (
        # KERN's icons are pictures inside its style: without `data:` they vanish.
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def headers(caching: Caching, content: Content) -> Mapping[str, str]:
    """Give the headers of a page.

    With the strictest referrer policy a browser would name no origin when it sends a form.
    """
    found = {"Cache-Control": caching.value, "Content-Security-Policy": content.value}
    return found | {"Referrer-Policy": "same-origin"} if content is Content.FORMS else found
