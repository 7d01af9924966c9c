"""How often Python threads take turns, while a server runs.

At the interpreter's 5 ms a client waits that long for each turn of the server under a cell that computes;
at 1 ms the round trip falls from 5.8 ms to 1.7 ms and the cell loses less than 5 %.
"""

from __future__ import annotations

import sys
import threading

__all__ = ["INTERVAL", "hold", "release"]

INTERVAL = 0.001  # seconds

_lock = threading.Lock()
_users = 0
_before = INTERVAL


def hold() -> None:
    """Take turns quickly until the same number of `release`."""
    global _users, _before  # noqa: PLW0603
    with _lock:
        if _users == 0:
            _before = sys.getswitchinterval()
            sys.setswitchinterval(INTERVAL)
        _users += 1


def release() -> None:
    """Undo one `hold`; the last one restores what was, unless somebody changed it meanwhile."""
    global _users  # noqa: PLW0603
    with _lock:
        _users -= 1
        if _users == 0 and abs(sys.getswitchinterval() - INTERVAL) < INTERVAL / 10:
            sys.setswitchinterval(_before)
