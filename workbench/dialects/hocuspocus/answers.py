"""What onRequest and onUpgrade answer with (70)."""

from __future__ import annotations

__all__ = ["WELCOME", "HttpAnswer", "UpgradeSocket"]

from workbench.server.links import Handshake, RawSocket
from workbench.server.messages import Headers, HeadersSource, Response

WELCOME = "Welcome to Hocuspocus!"
"""The body of the answer that nobody's hook gave."""


class HttpAnswer:
    """The answer to an HTTP request, written as in Node: `write_head`, `write`, `end`.

    Only the first answer counts; the server sends it when the hooks are through.

    Attributes
    ----------
    status
        200 until `write_head` says otherwise.
    headers
        Of the answer.
    answered
        Whether `end` was called.
    """

    def __init__(self) -> None:
        self.status = 200
        self.headers = Headers()
        self.answered = False
        self._body = bytearray()

    def write_head(self, status: int, headers: HeadersSource = None) -> HttpAnswer:
        """Set status and headers."""
        if not self.answered:
            self.status = status
            for name, value in Headers(headers).items():
                self.headers[name] = value
        return self

    def write(self, data: str | bytes) -> None:
        """Add to the body."""
        if not self.answered:
            self._body += data.encode() if isinstance(data, str) else data

    def end(self, data: str | bytes = b"") -> None:
        """Finish the answer; what comes later is ignored."""
        self.write(data)
        self.answered = True

    def response(self) -> Response:
        """Give what is sent."""
        return Response(bytes(self._body), status=self.status, headers=self.headers)


class UpgradeSocket:
    """The socket of an upgrade request, for a hook that takes it over or answers by hand.

    Parameters
    ----------
    handshake
        Where it comes from. The server lets go of the socket with the first use.
    """

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake
        self._raw: RawSocket | None = None

    @property
    def taken(self) -> bool:
        """Whether a hook has the socket."""
        return self._raw is not None

    @property
    def raw(self) -> RawSocket:
        """Asyncio's transport, and what the client has sent so far.

        Raises
        ------
        UnsupportedByTransport
            Where there is no socket: in memory, or under a foreign ASGI server.
        """
        if self._raw is None:
            self._raw = self._handshake.hand_over()
        return self._raw

    def write(self, data: str | bytes) -> None:
        """Send bytes as they are; to a client that has gone, none."""
        transport = self.raw.transport
        if not transport.is_closing():  # uvloop raises
            transport.write(data.encode() if isinstance(data, str) else data)

    def end(self, data: str | bytes = b"") -> None:
        """Send bytes and close."""
        if data:
            self.write(data)
        self.raw.transport.close()

    def destroy(self) -> None:
        """Close at once."""
        self.raw.transport.abort()
