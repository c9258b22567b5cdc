"""What intake says to senders of events."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import Response
from pydantic import ValidationError
from pydantic_core import to_json

from services.intake.door import Admission
from services.intake.errors import KeysWouldChange
from services.intake.imported_logs import Announcement
from services.intake.receipts import Receipt
from services.intake.screening import Refusal
from shared.events.errors import Defect, EventError, FieldError, field_errors
from shared.web.problems import Problem

_BAD_REQUEST = frozenset(
    {
        Defect.HEADER_NOT_UTF8,
        Defect.ATTRIBUTE_MISSING,
        Defect.ATTRIBUTE_INVALID,
        Defect.BODY_EMPTY,
        Defect.BODY_NOT_JSON,
    }
)
FORBIDDEN = frozenset(
    {
        Defect.SOURCE_FORBIDDEN,
        Defect.TYPE_FORBIDDEN,
        Defect.UNIT_FORBIDDEN,
        Defect.FOREIGN,
    }
)
"""What a system may not say, however well it says it."""
_STATUS = {
    Defect.MODE_UNKNOWN: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Defect.ID_REUSED: HTTPStatus.CONFLICT,
    **dict.fromkeys(_BAD_REQUEST, HTTPStatus.BAD_REQUEST),
    **dict.fromkeys(FORBIDDEN, HTTPStatus.FORBIDDEN),
}


def answer(admission: Admission) -> Response:
    """Say what became of each event.

    202 when at least one was taken (or none was sent), with a receipt per event taken and an error
    per event refused. When all were refused, a problem: with their common status, else 422.
    """
    if admission.refusals and not admission.receipts:
        raise refused(admission.refusals)
    document = {
        "receipts": [_receipt(receipt) for receipt in admission.receipts],
        "errors": [_error(refusal) for refusal in admission.refusals],
    }
    return Response(to_json(document), HTTPStatus.ACCEPTED, media_type="application/json")


def forbidden(admission: Admission) -> Counter[Defect]:
    """Count what a system said that it may not, for the security log."""
    return Counter(one.defect for one in admission.refusals if one.defect in FORBIDDEN)


def refused(refusals: Sequence[Refusal]) -> Problem:
    """Give the problem of a request of which nothing was taken."""
    statuses = {status_of(refusal.defect) for refusal in refusals}
    status = statuses.pop() if len(statuses) == 1 else HTTPStatus.UNPROCESSABLE_ENTITY
    return Problem(
        status,
        "events-refused",
        "No event of this request was taken",
        errors=[_error(refusal) for refusal in refusals],
    )


def unreadable(error: EventError) -> Problem:
    """Give the problem of a request in which no event can be told apart."""
    return Problem(
        status_of(error.defect),
        "request-unreadable",
        "The request can't be read as CloudEvents",
        defect=error.defect.value,
        fields=_fields(error.fields),
    )


def announcement(body: bytes) -> Announcement:
    """Read what an import says of itself.

    Raises:
        Problem: 422, naming fields and never values.
    """
    try:
        return Announcement.model_validate_json(body)
    except ValidationError as error:
        fields = field_errors(error, known=Announcement.model_fields)
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            "The announcement of the import is invalid",
            errors=_fields(fields),
        ) from None


def too_many_events(limit: int) -> Problem:
    """Give the problem of a batch over the limit."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-many-events",
        "The batch holds too many events",
        f"Send at most {limit} events at once.",
    )


def too_fast(wait: timedelta) -> Problem:
    """Give the problem of a source system that sends faster than it may."""
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-fast",
        "This source system sends faster than it may",
        "Nothing was taken; wait as long as Retry-After says and send the request again.",
        headers={"Retry-After": str(ceil(wait.total_seconds()))},
    )


def foreign_log(source: str) -> Problem:
    """Give the problem of an import for a source that isn't the system's."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "source-forbidden",
        "This system may not send for this source",
        f"Its token doesn't allow events of {source}.",
    )


def keys_would_change(error: KeysWouldChange) -> Problem:
    """Give the problem of an import that would send again what was sent before."""
    return Problem(
        HTTPStatus.CONFLICT,
        "keys-would-change",
        "The events of this log are known by something else",
        str(error),
    )


def contacts_forbidden() -> Problem:
    """Give the problem of a system that may not bring or erase contacts."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "contacts-forbidden",
        "This source system may not hand over or erase contacts",
        "Whoever operates this installation says what a system may do, in the file of systems.",
    )


def foreign_contacts(places: Iterable[tuple[int, str]]) -> Problem:
    """Give the problem of contacts that another system brought, by place and field."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "foreign-contacts",
        "Another source system brought these contacts; nothing was done",
        errors=[{"index": place, "field": field} for place, field in places],
    )


def status_of(defect: Defect) -> HTTPStatus:
    """Give the status of a refusal: 422 unless the request itself is broken or not allowed."""
    return _STATUS.get(defect, HTTPStatus.UNPROCESSABLE_ENTITY)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": receipt.id,
        "source": receipt.source,
        "sequence": receipt.sequence,
        "status": receipt.status.value,
    }
    if receipt.unlisted:
        told["warnings"] = [
            {"field": one.field, "reason": one.reason} for one in dict.fromkeys(receipt.unlisted)
        ]
    return told


def _error(refusal: Refusal) -> dict[str, Any]:
    return {
        "index": refusal.place,
        "id": refusal.id,
        "source": refusal.source,
        "defect": refusal.defect.value,
        "fields": _fields(refusal.fields),
    }


def _fields(fields: Sequence[FieldError]) -> list[dict[str, str]]:
    return [{"field": field.field, "reason": field.reason} for field in fields]
