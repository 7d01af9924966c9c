"""A client without sockets: the quickest way to test what a server does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from workbench.server.host import Host, log_error
from workbench.server.links import Application, Handler, Head
from workbench.server.memory import (
    ConnectionLost,
    Disconnected,
    MemoryConnection,
    MemoryWebSocket,
    Refused,
)
from workbench.server.messages import Headers, HeadersSource, Response
from workbench.server.options import ServerOptions
from workbench.server.requests import serve_handler
from workbench.server.server import HookServer

__all__ = ["ConnectionLost", "Disconnected", "MemoryClient", "MemoryWebSocket", "Refused"]


class MemoryClient:
    """Speaks to an application as a client would, on the caller's loop.

    Parameters
    ----------
    served
        A `HookServer` (it need not run), an `Application` or a `Handler`.
    options
        The server's; a `HookServer` brings its own.

    """

    def __init__(
        self, served: HookServer | Application | Handler, options: ServerOptions | None = None
    ) -> None:
        if isinstance(served, HookServer):
            application, options, report = served.application, options or served.options, served.report
        else:
            application, report = _application(served), log_error
        self.host = Host(application, options or ServerOptions(), report)

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        headers: HeadersSource = None,
        body: str | bytes | Iterable[bytes] = b"",
    ) -> Response:
        """Send a request, on a connection of its own, and give the answer.

        Pieces as `body` arrive one by one. Raises `ConnectionLost` when the server gives no answer.
        """
        pieces = (
            [body.encode()] if isinstance(body, str) else [body] if isinstance(body, bytes) else list(body)
        )
        connection = self.connection()
        try:
            return await connection.exchange(make_head(method, path, headers, sum(map(len, pieces))), pieces)
        finally:
            connection.end()

    async def connect(
        self, path: str = "/", *, headers: HeadersSource = None, protocols: Sequence[str] = ()
    ) -> MemoryWebSocket:
        """Open a WebSocket; raises `Refused` with the response that came instead."""
        fields = Headers(headers)
        if protocols:
            fields["sec-websocket-protocol"] = ", ".join(protocols)
        connection = self.connection()
        head = make_head("GET", path, fields, 0)
        head.websocket = True
        response = await connection.exchange(head)
        if connection.websocket is None:
            raise Refused(response)
        connection.websocket.response = response
        return connection.websocket

    def connection(self) -> MemoryConnection:
        """Open a connection, to send several requests on it with `exchange(make_head(...))`."""
        return MemoryConnection(self.host)


def _application(served: Application | Handler) -> Application:
    if hasattr(served, "connect"):
        return cast(Application, served)
    return serve_handler(served)


def make_head(method: str, path: str, headers: HeadersSource = None, length: int | None = 0) -> Head:
    """Make the head of a request as a client sends it."""
    fields = Headers(headers)
    if "host" not in fields:
        fields.append("host", "localhost")
    secure = fields.get("x-forwarded-proto") == "https"
    return Head(
        method,
        path,
        f"{'https' if secure else 'http'}://{fields['host']}{path}",
        "1.1",
        fields,
        "127.0.0.1",
        length=length,
        expects_continue=(fields.get("expect") or "").lower() == "100-continue",
    )
