"""What makes two events the same: their meaning, not the bytes they travelled in."""

import hashlib
from datetime import UTC
from json import JSONEncoder

from shared.events.envelope import CloudEvent

_canonical = JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def fingerprint(envelope: CloudEvent, data: object) -> bytes:
    """Give the SHA-256 of type, subject, time and data.

    The same event sent again in another mode, in another order of keys or with another offset
    from UTC has the same fingerprint. Attributes of the transport (trace, extensions) don't count.

    Args:
        envelope: The event.
        data: Its data, parsed.
    """
    time = None if envelope.time is None else envelope.time.astimezone(UTC).isoformat()
    meaning = (envelope.type, envelope.subject, time, data)
    return hashlib.sha256(_canonical(meaning).encode()).digest()
