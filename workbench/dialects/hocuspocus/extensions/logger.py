"""One line per hook (the original's `logger`)."""

from __future__ import annotations

__all__ = ["Logger"]

from collections.abc import Callable
from typing import Any

_LINES: dict[str, Callable[[Any], str]] = {
    "onListen": lambda data: f"Server is listening on port {data.port}.",
    "onConfigure": lambda _: "Server has been configured.",
    "onUpgrade": lambda _: "Upgrading connection ...",
    "onRequest": lambda data: f"Incoming HTTP request to {data.request.target}",
    "onConnect": lambda data: f'New connection to "{data.document_name}".',
    "onLoadDocument": lambda data: f'Loaded document "{data.document_name}".',
    "onChange": lambda data: f'Document "{data.document_name}" changed.',
    "onDisconnect": lambda data: f'Connection to "{data.document_name}" closed.',
    "onDestroy": lambda _: "Shut down.",
}


class Logger:
    """Tells of nine hooks, a line each.

    Parameters
    ----------
    log
        Takes each line; prints by default, and the trace shows the line with the call.
    prefix
        Stands in front of each line.
    **switches
        `onChange=False` leaves a hook out.
    """

    extension_name = "logger"
    priority = 1000

    def __init__(self, log: Callable[[str], object] = print, *, prefix: str = "", **switches: bool) -> None:
        self._log = log
        self._prefix = f"[{prefix}] " if prefix else ""
        for hook, line in _LINES.items():
            if switches.get(hook, True):
                setattr(self, hook, self._teller(line))

    def _teller(self, line: Callable[[Any], str]) -> Callable[[Any], None]:
        def tell(data: Any) -> None:
            self._log(self._prefix + line(data))

        return tell
