"""Calls from outside that are signed with a common key, as Standard Webhooks 1.0 has it.

The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`; the signature is HMAC-SHA256
of `id.timestamp.body`, in base64 behind `v1,`. There may be several, while a key is changed.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

TOLERANCE = timedelta(minutes=5)
"""How old or how far ahead a call may be: what somebody recorded can't be played again later."""


def signature(key: bytes, identity: str, timestamp: str, body: bytes) -> str:
    """Sign a call; `timestamp` is in seconds since 1970."""
    digest = hmac.digest(key, f"{identity}.{timestamp}.".encode() + body, sha256)
    return f"v1,{b64encode(digest).decode('ascii')}"


def is_authentic(key: bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a call was signed with `key`, and lately."""
    identity, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(int(timestamp[:12]) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    expected = signature(key, identity, timestamp, body).encode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(expected, one.encode()) for one in given)
