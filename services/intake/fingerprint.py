"""What makes two events the same: their meaning, not the bytes they travelled in."""

import hashlib
from datetime import UTC
from json import JSONEncoder

from pydantic_core import from_json

from shared.events.envelope import CloudEvent

_canonical = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def fingerprint(envelope: CloudEvent) -> bytes:
    """Give the SHA-256 of type, subject, time and data.

    The same event sent again in another mode, in another order of keys or with another offset
    from UTC has the same fingerprint. Attributes of the transport (trace, extensions) don't count.

    Args:
        envelope: An event whose data is JSON.
    """
    meaning = (
        envelope.type,
        envelope.subject,
        None if envelope.time is None else envelope.time.astimezone(UTC).isoformat(),
        None if envelope.data is None else from_json(envelope.data),
    )
    return hashlib.sha256(_canonical(meaning).encode()).digest()
