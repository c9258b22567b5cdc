"""Ports on 127.0.0.1: free, remembered, or asked for."""

import random
import socket

from deploy.local.errors import PortBusyError

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


def choose(part: str, *, asked: int | None, remembered: int | None, taken: set[int]) -> int:
    """The port for `part`.

    Args:
        part: What listens there, for the message.
        asked: A port the operator insists on.
        remembered: The port of the last run, used again when it is still free.
        taken: Ports already given to other parts.

    Raises:
        PortBusyError: when the port asked for is in use.
    """
    if asked is not None:
        if asked in taken or not is_free(asked):
            raise PortBusyError(part, asked)
        return asked
    if remembered is not None and remembered not in taken and is_free(remembered):
        return remembered
    return next(port for port in _scattered() if port not in taken and is_free(port))


def _scattered() -> list[int]:
    """All ports in random order, so that two stacks that start at once don't meet."""
    return _SCATTER.sample(RANGE, len(RANGE))
