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

MAILBOXES: Mapping[str, Ending] = MappingProxyType(
    {
        "00000000-0000-4000-8000-000000000001": Ending.DELIVERED,
        "00000000-0000-4000-8000-000000000002": Ending.BOUNCED,
        "00000000-0000-4000-8000-000000000003": Ending.DEFERRED,
        "00000000-0000-4000-8000-000000000004": Ending.SILENT,
    }
)
"""Handles of mailboxes: well-formed, and too regular to be anybody's."""

DOMAINS: Mapping[str, Ending] = MappingProxyType(
    {f"{ending.value}.test": ending for ending in Ending}
)
"""Simulated mail domains, whatever stands before the @: anna@bounced.test. A postal address is
simulated if one of its lines is such a domain."""


def ending_of(address: str) -> Ending | None:
    """Tell how messages to an address end, if it is a simulated one.

    Args:
        address: A number as E.164, an e-mail address, a mailbox's handle, or lines of an envelope.
    """
    return next(filter(None, map(_ending, address.splitlines())), None)


def _ending(line: str) -> Ending | None:
    domain = line.rpartition("@")[2].lower()
    return NUMBERS.get(line) or MAILBOXES.get(line) or DOMAINS.get(domain)
