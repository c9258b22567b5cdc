"""Ports on 127.0.0.1: free, remembered, or asked for."""

import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local import record
from deploy.local.errors import PortBusy

HOST = "127.0.0.1"
# Below the range the kernel gives to outgoing connections (32768 on Linux, 49152 elsewhere), so
# that a remembered port isn't taken by a stranger's connection while the stack is down.
RANGE = range(20_000, 32_000)
_SCATTER = random.SystemRandom()


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Whether a server takes connections on `port` now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def allot(path: Path, parts: Iterable[str], asked: Mapping[str, int]) -> dict[str, int]:
    """Give each part a port and remember it in the stack's record.

    Args:
        path: The record, with the ports of the last run: used again where they are free.
        parts: Who needs a port.
        asked: Ports the operator insists on, by part.

    Raises:
        PortBusy: when a port asked for is in use.
    """
    last = record.load(path)
    allotted = dict(last.ports)
    wanted = list(parts)
    for part in wanted:
        others = {port for other, port in allotted.items() if other != part}
        allotted[part] = _choose(part, asked.get(part), allotted.get(part), others)
    record.save(path, last.model_copy(update={"ports": allotted}))
    return {part: allotted[part] for part in wanted}


def _choose(part: str, asked: int | None, remembered: int | None, others: set[int]) -> int:
    if asked is not None:
        if not is_free(asked):
            raise PortBusy(part, asked)
        return asked
    if remembered is not None and is_free(remembered):
        return remembered
    return next(port for port in _scattered() if port not in others and is_free(port))


def _scattered() -> list[int]:
    """All ports in random order, so that two stacks that start at once don't meet."""
    return _SCATTER.sample(RANGE, len(RANGE))
