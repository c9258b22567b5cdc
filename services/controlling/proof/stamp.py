"""The time in a stamp by RFC 3161, read as the verifiers for auditors read it: no further.

Who stamped, and whether the stamp is whole, `shared.security.time_stamps` tells by its certificate;
three verifiers that each read all of it would differ where a stamp is damaged.
"""

import hashlib
import re
from base64 import b64decode
from datetime import UTC, datetime

from shared.events.vocabulary import Digest

_GRANTED = (b"\0", b"\1")
_LONG = 0x80
_TIME = r"2[0-9]{13}(\.[0-9]+)?Z"


def told_in(stamp: str | None, text: Digest) -> datetime | None:
    """Give when a stamp says that a text was there, to the second; None if it doesn't."""
    try:
        (answer,) = _parts(b64decode(stamp or ""))
        status, token = _parts(answer)
        signed_data = _parts(_parts(_parts(token)[1])[0])
        info = _parts(_parts(_parts(_parts(signed_data[2])[1])[0])[0])
        imprint, at = _parts(info[2])[1], info[4].decode()
        is_granted = _parts(status)[0] in _GRANTED
    except (ValueError, IndexError):
        return None
    is_ours = imprint == hashlib.sha256(text.encode()).digest()
    return _moment(at) if is_granted and is_ours and re.fullmatch(_TIME, at) else None


def _moment(at: str) -> datetime | None:
    try:
        return datetime.strptime(at[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _parts(der: bytes) -> list[bytes]:
    """Give what stands in each part of an encoding by DER."""
    found = []
    while der:
        size, start = der[1], 2
        if size >= _LONG:
            start += size - _LONG
            size = int.from_bytes(der[2:start], "big")
        if start + size > len(der):
            raise ValueError("cut")
        found.append(der[start : start + size])
        der = der[start + size :]
    return found
