"""What of a flood is written down: a few of each kind, and how many more there were. Pure."""

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_network
from typing import NamedTuple

MOST_EACH = 10
"""Lines of one kind, from one address, that are written in a period."""
MOST_IN_ALL = 300
"""Lines of all kinds that are written in a period."""
MOST_KINDS = 100
"""Kinds and addresses that are told apart among those that are left out."""
_IPV6_SITE = 64


class Kind(NamedTuple):
    """What is the same about lines of a flood."""

    event: str
    reason: str
    who: str | None
    address: str | None


def site_of(address: str | None) -> str | None:
    """Give what one sender can't change at will: of IPv6 the first half."""
    if address is None or ":" not in address:
        return address
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), _IPV6_SITE), strict=False))


class Flood:
    """Counts the lines of one period after another."""

    def __init__(self) -> None:
        self._written: Counter[Kind] = Counter()
        self._left_out: Counter[Kind] = Counter()

    def take(self, kind: Kind) -> bool:
        """Whether one more line of this kind is written; if not, it is counted."""
        if self._written.total() < MOST_IN_ALL and self._written[kind] < MOST_EACH:
            self._written[kind] += 1
            return True
        known = kind in self._left_out or len(self._left_out) < MOST_KINDS
        self._left_out[kind if known else Kind(kind.event, "others", None, None)] += 1
        return False

    def end(self) -> Mapping[Kind, int]:
        """End the period; gives how many lines of which kind were left out in it."""
        left_out, self._left_out, self._written = self._left_out, Counter(), Counter()
        return left_out
