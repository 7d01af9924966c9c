"""What can go wrong between Jupyter and a bench, each with its HTTP status and one sentence."""

from __future__ import annotations

__all__ = [
    "BadRequest",
    "Conflict",
    "Forbidden",
    "JupyterError",
    "ServerNotFound",
    "ServerSilent",
    "ServerUnreachable",
    "TooManyConnections",
    "error_body",
]

from typing import Any

from tornado.web import HTTPError

from workbench.engine.errors import WorkbenchError


class JupyterError(WorkbenchError, HTTPError):
    """Base of what the extension answers with; tornado turns it into an answer by itself.

    Parameters
    ----------
    sentence
        What the person reads: what was expected, what came, the next step.

    Attributes
    ----------
    status
        HTTP status of the answer.
    word
        One word for programs; part of the public JSON shape.
    """

    status = 500
    word = "internal"

    def __init__(self, sentence: str) -> None:
        HTTPError.__init__(self, self.status, sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class BadRequest(JupyterError):
    """The request itself is wrong: a name, a dialect, a port or JSON that cannot be read."""

    status = 400
    word = "bad_request"


class Forbidden(JupyterError):
    """The user or the page that sent the request may not do this."""

    status = 403
    word = "forbidden"


class ServerNotFound(JupyterError):
    """No living kernel of this Jupyter server announces a bench, or a kernel, of that id."""

    status = 404
    word = "not_found"


class Conflict(JupyterError):
    """The kernel cannot do it as things stand: the port is taken, the package is not installed there."""

    status = 409
    word = "conflict"


class ServerUnreachable(JupyterError):
    """The bench is announced, but its hook server refused the connection or broke it off."""

    status = 502
    word = "unreachable"


class TooManyConnections(JupyterError):
    """The limit of open connections through the proxy is reached."""

    status = 503
    word = "too_many_connections"


class ServerSilent(JupyterError):
    """The hook server took the connection and did not answer in time."""

    status = 504
    word = "silent"


def error_body(status: int, reason: str, message: str) -> dict[str, Any]:
    """Make the one JSON shape that every error of the extension has.

    Parameters
    ----------
    status
        HTTP status, repeated for clients that only keep the body.
    reason
        One word for programs, such as ``not_found``.
    message
        One sentence for people; JupyterLab shows this field by itself.
    """
    return {"status": status, "reason": reason, "message": message}
