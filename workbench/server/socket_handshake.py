"""The answer to a WebSocket request on a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.server import handshake as handshakes
from workbench.server import picows_link
from workbench.server.deflate import negotiate
from workbench.server.errors import AlreadyAnswered
from workbench.server.links import Head, RawSocket, WebSocketLink, WebSocketTransport
from workbench.server.messages import HeadersSource, Response
from workbench.server.options import DeflateOptions
from workbench.server.responses import encode_head

if TYPE_CHECKING:
    from workbench.server.http import HttpConnection

__all__ = ["SocketHandshake"]


class SocketHandshake:
    """Answers one WebSocket request on a socket."""

    def __init__(self, connection: HttpConnection, head: Head) -> None:
        self._connection = connection
        self._head = head

    def accept(
        self,
        link: WebSocketLink,
        *,
        headers: HeadersSource = None,
        protocol: str | None = None,
        deflate: bool | DeflateOptions | None = None,
        max_message: int | None = None,
        idle_timeout: float | None = -1,
    ) -> WebSocketTransport | None:
        """Answer 101 and open the WebSocket; see `Handshake`."""
        connection, options = self._connection, self._connection.host.options
        self._check_unanswered()
        invalid = handshakes.check(self._head)
        if invalid is not None:
            self.reject(invalid)
            return None
        codec, extensions = negotiate(
            self._head.headers.get("sec-websocket-extensions"),
            options.deflate if deflate is None else deflate,
        )
        sent, chosen = handshakes.switching_headers(self._head, headers, protocol, extensions)
        if connection.closing:
            return None
        connection.send_raw(encode_head(101, None, sent))
        return picows_link.open_websocket(
            connection.transport,
            link,
            connection.host,
            identity=connection.id,
            protocol=chosen,
            codec=codec,
            max_message=options.max_message if max_message is None else max_message,
            idle_timeout=options.idle_timeout if idle_timeout == -1 else idle_timeout,
            received=connection.release(),
        )

    def reject(self, response: Response) -> None:
        """Answer with this response as it is, and end the connection.

        No Content-Length or Connection header is added, and no words after the status (crossws, "What
        upgrade may answer").
        """
        self._check_unanswered()
        head = encode_head(response.status, response.status_text or "", response.headers)
        self._connection.send_raw(head + response.body)
        self._connection.close()

    def hand_over(self) -> RawSocket:
        """Let go of the connection for good."""
        self._check_unanswered()
        connection = self._connection
        head = connection.request_bytes()
        connection.send_raw(b"")
        connection.host.let_go(connection.transport)
        return RawSocket(connection.transport, connection.release(), head)

    def _check_unanswered(self) -> None:
        if not self._connection.is_unanswered(self._head):
            raise AlreadyAnswered("This WebSocket request has been answered already.")
