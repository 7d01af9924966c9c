"""One signed-in client as hooks see it, and the service that reaches all of them (R49, R67, R68)."""

from __future__ import annotations

__all__ = ["Client", "ShadowClient"]

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from workbench.dialects.context import Context
from workbench.dialects.directus.wire import dump
from workbench.dialects.known import known_as
from workbench.server.links import WebSocketTransport


class Client:
    """A client of the WebSocket endpoint, from its sign-in on.

    Parameters
    ----------
    transport
        Its socket.
    connection
        Its number in the trace.
    accountability
        Who it is.
    expires_at
        When its token expires, in seconds since 1970; None: never.
    post
        Calls a function on the loop.
    note
        Is told each text that is sent.

    Attributes
    ----------
    uid
        A random UUID, unrelated to the uids of messages.
    auth_timer
        The timer of the token's expiry, None without one.
    """

    def __init__(
        self,
        transport: WebSocketTransport,
        connection: int,
        accountability: Context,
        expires_at: float | None,
        *,
        post: Callable[..., None],
        note: Callable[[int, str], object],
    ) -> None:
        self._transport = transport
        self._post = post
        self._note = note
        self.connection = connection
        self.uid = str(uuid4())
        self.accountability = accountability
        self.expires_at = expires_at
        self.auth_timer: Any = None

    def send(self, data: Any) -> None:
        """Send a message; does nothing once the client is gone.

        Parameters
        ----------
        data
            Text as it is; anything else as JSON.
        """
        self._post(self._send, data if isinstance(data, str) else dump(data))

    def _send(self, text: str) -> None:
        self._note(self.connection, text)
        self._transport.send(text)

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Close the connection.

        Parameters
        ----------
        code
            None: without a code, which the client sees as 1005.
        reason
            At most 123 bytes.

        Raises
        ------
        InvalidClose
            For a code or reason that the protocol forbids.
        """
        self._post(self._transport.close, code, reason)

    def terminate(self) -> None:
        """Drop the connection at once: 1006 on both sides."""
        self._post(self._transport.terminate)

    @property
    def ready_state(self) -> int:
        """0 connecting, 1 open, 2 closing, 3 closed."""
        return self._transport.state

    def shadow(self) -> Client:
        """Make a stand-in that reads as this one and sends nothing."""
        return ShadowClient(self)

    def __repr__(self) -> str:
        return f"<client {self.uid}>"


@known_as(Client)
class ShadowClient(Client):
    """A client whose commands do nothing, for shadow hooks.

    Parameters
    ----------
    real
        Whose place it takes.
    """

    def __init__(self, real: Client) -> None:
        super().__init__(
            real._transport,  # noqa: SLF001 - it is the same connection
            real.connection,
            Context(real.accountability),
            real.expires_at,
            post=lambda *_: None,
            note=lambda *_: None,
        )
        self.uid = real.uid
