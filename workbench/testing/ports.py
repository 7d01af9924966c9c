"""Ports for servers under test."""

from __future__ import annotations

__all__ = ["FIRST_PORT", "LAST_PORT", "free_port"]

import random
import socket

FIRST_PORT = 20_000
LAST_PORT = 31_999
"""Below 32768, where the system takes the ports of outgoing connections from: up there, a client's own
connection can sit on the port that a server is about to take."""

_TRIES = 200
_random = random.SystemRandom()


def free_port(count: int = 1) -> int:
    """Find a free port on the loopback.

    Parameters
    ----------
    count
        How many consecutive ports have to be free.

    Returns
    -------
    int
        The first of them.

    Raises
    ------
    OSError
        When none could be found in 200 tries.
    """
    for _ in range(_TRIES):
        first = _random.randint(FIRST_PORT, LAST_PORT - count)
        if all(_is_free(first + step) for step in range(count)):
            return first
    message = f"No {count} consecutive free ports found between {FIRST_PORT} and {LAST_PORT}."
    raise OSError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
