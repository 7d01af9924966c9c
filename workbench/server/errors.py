# named for what happened; the root class says that they are errors
"""What can go wrong in the server, one class per cause; `ServerError` is the root of all of them."""

from __future__ import annotations

from workbench.engine.errors import Told

__all__ = [
    "AlreadyAnswered",
    "HttpFailure",
    "InvalidClose",
    "InvalidHeader",
    "InvalidOption",
    "MissingCapability",
    "NotRunning",
    "PortInUse",
    "ServerError",
    "StartFailed",
    "UnsupportedByTransport",
    "WebSocketFailure",
]


class ServerError(Told):
    """Root of every error that the server raises; its text is one sentence for a person."""


class StartFailed(ServerError):
    """The server could not begin to listen."""


class PortInUse(StartFailed):
    """The wanted port is taken.

    Parameters
    ----------
    host, port
        What was asked for.
    holder
        Who listens there ("python, process 4711"), where the system tells; None where it does not.
    free
        How any free port is asked for, where the sentence is read.

    """

    def __init__(self, host: str, port: int, holder: str | None = None, *, free: str = "port=0") -> None:
        self.host, self.port, self.holder = host, port, holder
        by = f" by {holder}" if holder else ""
        super().__init__(
            f"Port {port} on {host} is in use already{by}: stop that one, or ask for another port "
            f"({free} takes any that is free)."
        )


class NotRunning(ServerError):
    """Something was asked of a server that does not run."""


class InvalidOption(ServerError, ValueError):
    """An option has a value that the server cannot work with."""


class InvalidHeader(ServerError, ValueError):
    """A header name or value that would not survive on the wire."""


class InvalidClose(ServerError, ValueError):
    """A close code or reason that the protocol forbids to send (crossws R38)."""


class AlreadyAnswered(ServerError):
    """A second response was begun on one request."""


class UnsupportedByTransport(ServerError):
    """The transport of this connection cannot do what was asked; `capabilities.py` lists who can."""


class MissingCapability(UnsupportedByTransport):
    """An application needs what the host cannot do."""


class WebSocketFailure(ServerError):
    """The client broke the WebSocket protocol or a limit (crossws R31).

    Parameters
    ----------
    code
        What the close frame says: 1002 (protocol), 1007 (bad UTF-8 or compressed data), 1009 (too big).
    message
        One sentence about what was wrong.

    """

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class HttpFailure(ServerError):
    """A request that cannot be served: malformed, too big or too slow.

    Parameters
    ----------
    status
        The answer that it deserves: 400, 408, 413, 431 ...
    message
        One sentence about what was wrong; it becomes the body.

    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)
