"""HTTP to processes of our own, on this machine."""

from datetime import timedelta
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx

PLAIN = SSLContext(PROTOCOL_TLS_CLIENT)
"""Trusts nobody. Plain HTTP needs no more, and to read whom the machine trusts takes 40 ms, which
who asks again and again would pay each time."""
_PATIENCE = timedelta(seconds=5)


def get(url: str, *, timeout: timedelta = _PATIENCE) -> httpx.Response:
    """Ask; proxies are for elsewhere."""
    return httpx.get(url, timeout=timeout.total_seconds(), trust_env=False, verify=PLAIN)


def answers(url: str) -> bool:
    """Whether the answer comes and is a good one."""
    try:
        return get(url).is_success
    except httpx.HTTPError:
        return False
