"""Every fact of `docs/guide/events.md`, one model per type, one module per aggregate."""

from shared.events.catalogue import (
    appointment,
    case,
    notification,
    office,
    paper,
    review,
    service,
    submission,
)

__all__ = [
    "appointment",
    "case",
    "notification",
    "office",
    "paper",
    "review",
    "service",
    "submission",
]
