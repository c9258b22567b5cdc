"""Chance that can be replayed: a number made of what it is for and of the message."""

import hashlib
from enum import StrEnum
from uuid import UUID

_RANGE = 1 << 64


class Purpose(StrEnum):
    """What is left to chance; two purposes never share a number."""

    PAUSE = "pause"
    PROVIDER = "provider"


def chance(purpose: Purpose, message: UUID, attempt: int) -> float:
    """Give a number from 0 to below 1, spread evenly; for the same message and attempt the same."""
    digest = hashlib.sha256(f"{purpose}:{message}:{attempt}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (_RANGE >> 11)
