"""Which problems intake answers with, by status: their names, which are for ever, and meanings."""

from collections.abc import Mapping
from types import MappingProxyType

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:gleichfall:problem:"
"""What a problem's name follows."""

_EVENTS_REFUSED = "no event was taken; `errors` says why, by place, defect and field"

BY_STATUS: Mapping[int, Mapping[str, str]] = MappingProxyType(
    {
        400: {
            "request-unreadable": "no event can be told apart",
            "events-refused": _EVENTS_REFUSED,
            "malformed-contacts": "the body is not JSON",
            "malformed-request": "this is not HTTP",
        },
        401: {"unauthenticated": "the token is missing or unknown"},
        403: {
            "events-refused": _EVENTS_REFUSED,
            "source-forbidden": "the system may not send for this source",
            "contacts-forbidden": "the system may not hand over or erase contacts",
            "foreign-contacts": "another system brought them",
        },
        404: {
            "no-such-event": "none with this id and source was accepted of this system",
            "not-found": "there is no such address",
        },
        405: {"method-not-allowed": "the address is asked otherwise"},
        408: {"too-slow": "the request took too long to arrive"},
        409: {
            "events-refused": _EVENTS_REFUSED,
            "keys-would-change": "the log's events were known by something else before",
        },
        413: {
            "body-too-large": "send less at once",
            "too-many-events": "send less at once",
            "too-many-contacts": "send less at once",
            "too-many-values": "send less at once",
        },
        415: {
            "request-unreadable": "the content type is none of CloudEvents",
            "events-refused": _EVENTS_REFUSED,
            "encoded-body": "send it without Content-Encoding",
        },
        422: {
            "events-refused": _EVENTS_REFUSED,
            "invalid-contacts": "`errors` says why, by place and field",
            "invalid-request": "`errors` says why, by field",
        },
        429: {
            "too-fast": "nothing was taken; wait and send it again",
            "too-many-unknown": "the token is missing or unknown, as often before",
        },
        431: {"head-too-large": "the head of the request is too large"},
        500: {"internal-error": "our fault; tell the operator the `trace_id`"},
        503: {
            "unavailable": "something is away or busy; send it again later",
            "too-many-connections": "send it again later, over connections that you keep",
            "not-ready": "of a probe: what is missing",
            "stalled": "of a probe: which loop makes no progress",
        },
    }
)
