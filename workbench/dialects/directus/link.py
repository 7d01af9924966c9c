"""One WebSocket: from its upgrade through the sign-in to the messages of a client (R40 to R66)."""

from __future__ import annotations

__all__ = ["DirectusLink"]

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context
from workbench.dialects.counters import LateCounters
from workbench.dialects.directus.auth import SignIn
from workbench.dialects.directus.client import Client
from workbench.dialects.directus.errors import WebSocketError
from workbench.dialects.directus.messages import Messages
from workbench.dialects.directus.shapes import check_auth
from workbench.dialects.directus.wire import dump, formatted, parse
from workbench.server.errors import WebSocketFailure
from workbench.server.links import WebSocketTransport
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

_FARTHEST = 24 * 3600.0  # seconds ahead that a timer is set; it is looked at again then


class DirectusLink:
    """What the server tells about one connection, until and after somebody has signed in.

    Parameters
    ----------
    app
        The application that it belongs to.
    request
        Which asked for the WebSocket.
    base
        The accountability of nobody, with what is known of the connection.

    Attributes
    ----------
    connection
        Its number in the trace.
    client
        The client, None before the sign-in.
    """

    answers_pings = False  # R56

    def __init__(self, app: DirectusApp, request: Request, base: Context) -> None:
        self.app = app
        self.base = base
        self.client: Client | None = None
        self._counters = LateCounters()
        self.connection = app.mount.connections.opened(
            "directus", request.path, request.remote_address, self._counters
        )
        self._transport: WebSocketTransport
        self._signed: SignIn | None = None  # during the upgrade
        self._checking = False  # the handshake's message is being looked at
        self._gone = False
        self._patience: asyncio.TimerHandle | None = None  # for an auth message
        self._messages: Messages

    def grant(self, signed: SignIn) -> None:
        """Note who it is, before the WebSocket opens (R43, R130)."""
        self._signed = signed

    def refused(self, reason: str) -> None:
        """Note that there will be no WebSocket."""
        self.app.mount.connections.closed(self.connection, None, reason)

    # What the transport reports -------------------------------------------------------------------

    def opened(self, transport: WebSocketTransport) -> None:
        """Wait for the handshake, or let the client in (R40, R43)."""
        self._transport = transport
        self._counters.source = transport.counters
        if self._signed is not None:
            self._join(self._signed)
        else:
            self._wait_for_auth(self._handshake_failed)

    def message(self, data: str | bytes) -> None:
        """Take a message; bytes are text too (R55)."""
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        if self.client is not None:
            self._receive(self.client, text)
        elif not self._checking:  # what comes meanwhile is dropped (R42)
            self._checking = True
            self._stop_waiting()
            self._run(self._handshake(text))

    def ping(self, data: bytes) -> None:
        """Nothing: protocol pings are not answered (R56)."""

    def pong(self, data: bytes) -> None:
        """Nothing."""

    def failed(self, error: WebSocketFailure) -> None:
        """Tell of a broken frame, then forget the client (R65)."""
        if self.client is not None:
            self._leave(self.client)
            self._emit("websocket.error", {"client": self.client, "event": error})

    def close_received(self, code: int, reason: str) -> None:
        """Nothing: `websocket.close` comes when TCP is gone."""

    def closed(self, code: int, reason: str) -> None:
        """Forget the client, then tell (R64)."""
        self._gone = True
        self._stop_waiting()
        self.app.mount.connections.closed(self.connection, code, reason)
        if self.client is not None:
            self._leave(self.client)
            self._emit("websocket.close", {"client": self.client, "event": code})

    def drained(self) -> None:
        """Nothing: clients that read slowly wait for themselves alone."""

    # The first sign-in ----------------------------------------------------------------------------

    async def _handshake(self, text: str) -> None:
        """Let a client in, or tell it one and the same thing (R40, R41)."""
        try:
            message = check_auth(parse(text))
        except ValueError:
            message = {}
        if message.get("type") != "auth":
            self._handshake_failed()
            return
        try:
            with self.app.mount.recorder.story():
                signed = await self.app.auth.sign_in(message, Context(self.base), self.connection)
        except BaseException as error:  # a hook's that was cancelled too: its client would wait for ever
            if _is_our_end(error):
                raise
            self.app.fault(error, "filter websocket.authenticate", self.connection)
            self._handshake_failed()
            return
        if not self._gone:
            self._send(formatted("auth", _granted(signed, message)))
            self._join(signed)

    def _handshake_failed(self) -> None:
        self._send(dump(WebSocketError("auth", "AUTH_FAILED", "Authentication handshake failed.").to_json()))
        self._transport.close()

    def _join(self, signed: SignIn) -> None:
        """Make the client; from here on it is one of all (R40, R63)."""
        app = self.app
        client = self.client = Client(
            self._transport,
            self.connection,
            signed.accountability,
            signed.expires_at,
            post=app.mount.post,
            note=app.mount.recorder.sent,
        )
        self._messages = Messages(app, client)
        self._watch_expiry(client)
        app.clients.add(client)
        app.heartbeat_check()
        self._emit("websocket.connect", {"client": client})
        app.documented.first_sign_in(client, authenticated=signed.accountability.get("user") is not None)

    # Messages -------------------------------------------------------------------------------------

    def _receive(self, client: Client, text: str) -> None:
        limit = self.app.rate_limit
        refused = None if limit is None else limit.refused(client)
        if refused is not None:
            told = f"Too many messages, retry after {refused}ms."
            self._tell(client, WebSocketError("server", "REQUESTS_EXCEEDED", told))
            return
        try:
            message = parse(text)
        except ValueError:
            told = "Unable to parse the incoming message."
            self._tell(client, WebSocketError("server", "INVALID_PAYLOAD", told))
            return
        if isinstance(message, dict) and message.get("type") == "auth":
            self._stop_waiting()
            self._run(self._sign_in_again(client, message))
            return
        self._run(self._messages.take(message))

    async def _sign_in_again(self, client: Client, message: Any) -> None:
        """Change who a client is (R44, R45); a message of the wrong shape is swallowed (R46)."""
        try:
            message = check_auth(message)
        except ValueError:
            return
        with self.app.mount.recorder.story():
            try:
                signed = await self.app.auth.sign_in(message, Context(self.base), self.connection)
                client.accountability = signed.accountability
                client.expires_at = signed.expires_at
                self._watch_expiry(client)
                self._action("websocket.auth.success", {"client": client})
                self._send(formatted("auth", _granted(signed, message)))  # tokens stay out of the trace
            except BaseException as error:  # as in the handshake
                if _is_our_end(error):
                    raise
                self.app.fault(error, "filter websocket.authenticate", self.connection)
                self._refuse(client, message)

    def _refuse(self, client: Client, message: dict[str, Any]) -> None:
        """Take a client's rights away after a failed sign-in (R45)."""
        try:
            self._action("websocket.auth.failure", {"client": client})
        except Exception as error:  # noqa: BLE001 - the client has to lose its rights in any case
            self.app.fault(error, "action websocket.auth.failure", self.connection)
        self._become_public(client)
        told = WebSocketError("auth", "AUTH_FAILED", "Authentication failed.", message.get("uid"))
        self._tell(client, told)
        if self.app.settings.mode != "public":
            client.close()

    def _become_public(self, client: Client) -> None:
        client.accountability = Context(self.base)
        client.expires_at = None
        self._watch_expiry(client)

    # Expiry ---------------------------------------------------------------------------------------

    def _watch_expiry(self, client: Client) -> None:
        """Set the timer of a token's end (R141)."""
        if client.auth_timer is not None:
            client.auth_timer.cancel()
            client.auth_timer = None
        if client.expires_at is not None and not self._gone:
            left = client.expires_at - time.time()
            if left > _FARTHEST:
                client.auth_timer = self.app.mount.loop.call_later(_FARTHEST, self._watch_expiry, client)
            else:
                client.auth_timer = self.app.mount.loop.call_later(max(left, 0), self._expired, client)

    def _expired(self, client: Client) -> None:
        client.auth_timer = None
        self._become_public(client)
        self._tell(client, WebSocketError("auth", "TOKEN_EXPIRED", "Token expired."))
        self._wait_for_auth(self._auth_timed_out)

    def _auth_timed_out(self) -> None:
        client = self.client
        if client is not None:
            self._tell(client, WebSocketError("auth", "AUTH_TIMEOUT", "Authentication timed out."))
            if self.app.settings.mode != "public":
                client.close()

    def _wait_for_auth(self, too_late: Callable[[], None]) -> None:
        self._stop_waiting()
        self._patience = self.app.mount.loop.call_later(self.app.settings.auth_timeout, too_late)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # What all of them use -------------------------------------------------------------------------

    def _leave(self, client: Client) -> None:
        self._stop_waiting()
        if client.auth_timer is not None:
            client.auth_timer.cancel()
            client.auth_timer = None
        self.app.forget(client)

    def _send(self, text: str) -> None:
        self._transport.send(text)

    def _tell(self, client: Client, error: WebSocketError) -> None:
        self._answer(client, dump(error.to_json()))

    def _answer(self, client: Client, text: str) -> None:
        self.app.answer(client, text)

    def _action(self, event: str, meta: dict[str, Any]) -> None:
        self.app.emitter.action((event,), meta, None, self.connection)

    def _emit(self, event: str, meta: dict[str, Any]) -> None:
        """Emit an event that has no caller to take an error (R11)."""
        try:
            self._action(event, meta)
        except Exception as error:  # noqa: BLE001 - the connection goes on
            self.app.fault(error, f"action {event}", self.connection)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self.app.run(work)


def _granted(signed: SignIn, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a confirmation has besides its type, in the system's order (R40)."""
    told = {"status": "ok", "uid": message.get("uid"), "refresh_token": signed.refresh_token}
    return {name: value for name, value in told.items() if value is not None}


def _is_our_end(error: BaseException) -> bool:
    """Tell the end of the running task itself from the same error of a hook, of which a client hears."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
