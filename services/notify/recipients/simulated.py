"""Recipients that nobody has: a message to one ends as its address says, and never leaves. Pure.

The numbers are kept free for films and books by the Bundesnetzagentur ("Drama Numbers", Mitteilung
148/2021, Amtsblatt 7/2021); the domains end in `.test`, which is reserved for this (RFC 6761).
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Ending(Enum):
    """What becomes of a message to a simulated recipient."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    """Taken, then reported as undeliverable for ever."""
    DEFERRED = "deferred"
    """Refused for now, every time."""
    SILENT = "silent"
    """Taken, and never heard of again."""


NUMBERS: Mapping[str, Ending] = MappingProxyType(
    {
        "+4915228817386": Ending.DELIVERED,
        "+491729980752": Ending.BOUNCED,
        "+4915254599371": Ending.DEFERRED,
        "+491729968532": Ending.SILENT,
    }
)
"""Simulated mobile numbers (E.164)."""

DOMAINS: Mapping[str, Ending] = MappingProxyType(
    {f"{ending.value}.test": ending for ending in Ending}
)
"""Simulated mail domains, whatever stands before the @: anna@bounced.test."""


def ending_of(address: str) -> Ending | None:
    """Tell how messages to an address end, if it is a simulated one.

    Args:
        address: A number as E.164, or an e-mail address.
    """
    domain = address.rpartition("@")[2].lower()
    return NUMBERS.get(address) or DOMAINS.get(domain)
