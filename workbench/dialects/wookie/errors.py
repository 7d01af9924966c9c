"""What can go wrong in the Wookie dialect, one class per cause; `WookieError` is the root of all of them."""

from __future__ import annotations

__all__ = [
    "BadRoute",
    "FutureFinished",
    "ResponseAlreadySent",
    "ResponseNotStarted",
    "RouteNotFound",
    "Signalled",
    "WookieError",
]

from workbench.engine.errors import WorkbenchError


class WookieError(WorkbenchError):
    """Root of the errors of this dialect."""


class ResponseAlreadySent(WookieError):
    """A second response was begun on one request (Wookie 37)."""


class ResponseNotStarted(WookieError):
    """The end of a streamed response that nobody began."""


class RouteNotFound(WookieError):
    """There is no route of that method and pattern."""


class BadRoute(WookieError):
    """A route that could never answer anything."""


class FutureFinished(WookieError):
    """A future was finished, or given an error, a second time."""


class Signalled(WookieError):
    """What stands for a value that is no error, given to `signal_error` (Wookie 31).

    Parameters
    ----------
    value
        What was signalled.

    """

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} was signalled")
        self.value = value
