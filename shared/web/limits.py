"""What a connection may cost before anybody is known on it."""

from dataclasses import dataclass
from datetime import timedelta

_KIBIBYTE = 1024
UNKNOWN_PER_MINUTE = 120
"""Calls from one address whose callers nobody knows: more than a mistake makes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may cost.

    Attributes:
        head: Bytes of a request's first line and header fields, and of its trailers.
        fields: Header fields of a request.
        head_time: From the connection's beginning, or a request's first byte, to the head's end.
        body_time: From there to the body's end.
        answer_time: How long nothing of an answer may be taken.
        connections: How many at once; those that wait longest make room for new ones.
    """

    head: int = 32 * _KIBIBYTE
    fields: int = 100
    head_time: timedelta = timedelta(seconds=10)
    body_time: timedelta = timedelta(seconds=60)
    answer_time: timedelta = timedelta(seconds=30)
    connections: int = 500
