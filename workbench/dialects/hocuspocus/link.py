"""One WebSocket: which document a frame is for, who may have it, and the limits before (15 to 24, 62)."""

from __future__ import annotations

__all__ = ["HocuspocusLink"]

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context
from workbench.dialects.hocuspocus.connection import DocumentConnection
from workbench.dialects.hocuspocus.errors import (
    CONNECTION_TIMEOUT,
    FORBIDDEN,
    RESET_CONNECTION,
    UNAUTHORIZED,
    CloseEvent,
    is_nothing,
    reason_of,
)
from workbench.dialects.hocuspocus.payloads import (
    AuthenticatePayload,
    ConnectedPayload,
    ConnectionConfig,
    ConnectPayload,
    TokenSyncPayload,
)
from workbench.dialects.hocuspocus.wire import AUTH, Frames, MalformedFrame, Reader, split_address
from workbench.server.errors import WebSocketFailure
from workbench.server.links import CLOSED, OPEN, WebSocketTransport
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.counters import LateCounters
    from workbench.dialects.hocuspocus.app import Hocuspocus


_AROUND = ("beforeHandleMessage", "beforeSync", "afterHandleMessage")


@dataclass(slots=True)
class _Entry:
    """What one address of the socket has come to."""

    context: Context
    config: ConnectionConfig = field(default_factory=ConnectionConfig)
    provider_version: str | None = None
    authenticating: bool = False
    queue: list[bytes] = field(default_factory=list)


class HocuspocusLink:
    """What the server tells about one socket, as Hocuspocus takes it.

    Attributes
    ----------
    app
        The application that it belongs to.
    request
        The one that asked for the WebSocket.
    connection
        Its number in the trace.
    socket_id
        Its name for hooks.
    plans
        The chains as this connection sees them.
    about
        The members that payloads of this socket share.
    """

    def __init__(self, app: Hocuspocus, request: Request, connection: int, counters: LateCounters) -> None:
        self.app = app
        self.request = request
        self.connection = connection
        self.socket_id = str(uuid.uuid4())
        self.plans = app.mount.plans_for(connection)
        self.about: dict[str, Any] = {
            "instance": app,
            "request_headers": request.headers,
            "request_parameters": request.query,
            "socket_id": self.socket_id,
        }
        self._counters = counters
        self._transport: WebSocketTransport
        self._entries: dict[str, _Entry] = {}
        self._connections: dict[str, DocumentConnection] = {}
        self._authenticated = False
        self._terminated = False
        self._seen: Any = None
        self._plain = False
        self._opened_at = self._heard_at = app.loop.time()
        self._timer: asyncio.TimerHandle | None = None

    # What the transport reports -------------------------------------------------------------------

    def opened(self, transport: WebSocketTransport) -> None:
        """Begin to watch the time; no hook runs before a document's auth frame (15)."""
        self._transport = transport
        self._counters.source = transport.counters
        self.app.links.add(self)
        self._watch()

    def message(self, data: str | bytes) -> None:
        """Pass a frame to its document's connection, or judge it."""
        if self._terminated:
            return
        self._heard_at = self.app.loop.time()
        frame = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        reader = Reader(frame)
        try:
            address = reader.text()
        except MalformedFrame as error:
            self._fail(error, UNAUTHORIZED)
            return
        connection = self._connections.get(address)
        if connection is None:
            connection = self._connections.get(split_address(address)[0])
        if connection is not None:
            connection.receive(frame, reader)
        else:
            self._judge(address, frame)

    def ping(self, data: bytes) -> None:
        """Nothing: pings are the transport's."""

    def pong(self, data: bytes) -> None:
        """Nothing, as for pings."""

    def failed(self, error: WebSocketFailure) -> None:
        """Note what the client did to the WebSocket; it is closed for it."""
        self.app.noted(error, "frame", self.connection)

    def close_received(self, code: int, reason: str) -> None:
        """Nothing: documents are left when TCP is gone."""

    def closed(self, code: int, reason: str) -> None:
        """Leave all documents."""
        self._terminated = True
        if self._timer is not None:
            self._timer.cancel()
        self.app.links.discard(self)
        self.app.mount.connections.closed(self.connection, code, reason)
        self._leave_all(None)

    def drained(self) -> None:
        """Nothing: whoever is slow gets everything later."""

    @property
    def is_plain(self) -> bool:
        """Whether no hook waits around the frames of this socket, as the board is now."""
        state = self.app.mount.board.state
        if state is not self._seen:
            self._seen = state
            self._plain = not any(self.app.wants(hook, self.plans) for hook in _AROUND)
        return self._plain

    # What the application asks ----------------------------------------------------------------------

    @property
    def state(self) -> int:
        """ReadyState of the socket."""
        return self._transport.state

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._transport.send(frame)

    def left(self, connection: DocumentConnection) -> None:
        """Forget a document that was left: its next frame is judged anew."""
        address = connection.frames.address
        if self._connections.get(address) is connection:
            del self._connections[address]
            self._entries.pop(address, None)

    def terminate(self, event: CloseEvent) -> None:
        """End the socket: a close frame to each document first, then the WebSocket's own (63)."""
        if self._terminated:
            return
        self._terminated = True
        self._leave_all(event.reason)
        self._transport.close(event.code, event.reason)

    def _leave_all(self, reason: str | None) -> None:
        for connection in list(self._connections.values()):
            connection.leave(reason)
        self._entries.clear()

    def _fail(self, error: Exception, event: CloseEvent) -> None:
        """Close for a frame that cannot be read (62)."""
        self.app.noted(error, "frame", self.connection)
        self._terminated = True
        self._transport.close(event.code, event.reason)

    # Time -------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        timeout = self.app.settings.timeout
        since = self._heard_at if self._authenticated else self._opened_at
        if self.app.loop.time() - since > timeout:
            self.terminate(CONNECTION_TIMEOUT)
        else:
            self._timer = self.app.loop.call_later(timeout, self._watch)

    # Before a document is established ---------------------------------------------------------------

    def _judge(self, address: str, frame: bytes) -> None:
        entry = self._entries.get(address)
        if entry is None:
            if self._pending() >= self.app.settings.max_pending_documents:
                self._exceeded(
                    f"{self._pending() + 1} documents wait for authentication", "max_pending_documents"
                )
                return
            entry = self._entries[address] = _Entry(Context.tracked(self.app.mount.recorder.touch))
        try:
            reader = Reader(frame)
            reader.text()
            if reader.uint() != AUTH or entry.authenticating:
                self._queue(entry, frame)
                return
            entry.authenticating = True
            reader.uint()
            token = reader.text()
            entry.provider_version = None if reader.at_end else reader.text()
        except MalformedFrame as error:
            self._fail(error, RESET_CONNECTION)
            return
        self.app.spawn(self._authenticate(address, entry, token), "onAuthenticate", self.connection)

    def _pending(self) -> int:
        return sum(not entry.config.is_authenticated for entry in self._entries.values())

    def _queue(self, entry: _Entry, frame: bytes) -> None:
        settings, entries = self.app.settings, self._entries.values()
        size = sum(len(one) for other in entries for one in other.queue) + len(frame)
        count = sum(len(other.queue) for other in entries) + 1
        if size > settings.max_unauthenticated_queue_size:
            self._exceeded(f"{size} bytes wait for authentication", "max_unauthenticated_queue_size")
        elif count > settings.max_unauthenticated_queue_messages:
            self._exceeded(f"{count} frames wait for authentication", "max_unauthenticated_queue_messages")
        else:
            entry.queue.append(frame)

    def _exceeded(self, what: str, limit: str) -> None:
        error = MalformedFrame(f"{what}, more than the limit {limit} allows; the socket is closed")
        self.app.noted(error, "frame", self.connection)
        self.terminate(RESET_CONNECTION)

    async def _authenticate(self, address: str, entry: _Entry, token: str) -> None:
        name, session = split_address(address)
        frames = Frames(address)
        try:
            await self._ask(name, entry, token)
            entry.config.is_authenticated = self._authenticated = True
            if self._terminated:
                return
            read_only = entry.config.read_only
            self._tell(
                f"authenticated, {'read only' if read_only else 'may write'}", frames.authenticated(read_only)
            )
            await self._establish(name, session, address, entry)
        except Exception as error:  # noqa: BLE001  # whatever refused it, the client is told (19)
            reason = FORBIDDEN.reason if is_nothing(error) else reason_of(error, "permission-denied")
            self._deny(address, entry, frames, reason)
            self.app.refused(error, name, self.connection)

    async def _ask(self, name: str, entry: _Entry, token: str) -> None:
        """Run onConnect and onAuthenticate, and merge what they return into the context (9, 17)."""
        about = {**self.about, "document_name": name, "request": self.request}
        connecting = ConnectPayload(
            context=entry.context,
            **about,
            connection_config=entry.config,
            provider_version=entry.provider_version,
        )
        await self.app.run("onConnect", connecting, self.plans)
        entry.context = self._merged(entry.context, connecting.additions)
        judging = AuthenticatePayload(
            context=entry.context,
            **about,
            connection_config=entry.config,
            provider_version=entry.provider_version,
            token=token,
        )
        await self.app.run("onAuthenticate", judging, self.plans)
        entry.context = self._merged(entry.context, judging.additions)

    def _merged(self, context: Context, additions: dict[str, Any]) -> Context:
        merged = Context.tracked(self.app.mount.recorder.touch)
        dict.update(merged, context)
        dict.update(merged, additions)
        return merged

    async def _establish(self, name: str, session: str | None, address: str, entry: _Entry) -> None:
        """Load the document, register the connection, hand on what waited, and say so (16 to 18, 24)."""
        document = await self.app.load(
            name,
            context=entry.context,
            config=entry.config,
            about=self.about,
            plans=self.plans,
        )
        connection = DocumentConnection(
            self, document, address, session, entry.context, entry.config, entry.provider_version
        )
        self._connections[address] = connection
        if self._terminated or self.state != OPEN:
            connection.leave(None)
            return
        queue, entry.queue = entry.queue, []
        for frame in queue:
            connection.receive(frame)
        if queue:
            await asyncio.sleep(0)  # the first of them begins before `connected` (17)
        connection.is_fresh = False
        data = ConnectedPayload(
            context=entry.context,
            **connection.about(),
            request=self.request,
            connection=connection,
            connection_config=entry.config,
            provider_version=entry.provider_version,
        )
        try:
            await self.app.run("connected", data, self.plans)
        except Exception:
            connection.leave(None)  # the original denies it and lets it go on (Q01)
            raise

    def _deny(self, address: str, entry: _Entry, frames: Frames, reason: str) -> None:
        """Tell the client why, and let it try again on the same socket (20)."""
        if self._entries.get(address) is entry:
            del self._entries[address]
        if not self._terminated and self._transport.state != CLOSED:
            self._tell(f"permission denied: {reason}", frames.permission_denied(reason))

    def _tell(self, what: str, frame: bytes) -> None:
        self.app.moment("sent", what, connection=self.connection)
        self.send(frame)

    # Afterwards -------------------------------------------------------------------------------------

    async def sync_token(self, connection: DocumentConnection, token: str) -> None:
        """Run onTokenSync; a rejection closes the document (65, 66)."""
        data = TokenSyncPayload(
            context=connection.context,
            **connection.about(),
            request=self.request,
            document=connection.document,
            connection=connection,
            connection_config=connection.config,
            provider_version=connection.provider_version,
            token=token,
        )
        try:
            await self.app.run("onTokenSync", data, self.plans)
        except Exception as error:  # noqa: BLE001  # whatever refused it, the client is told
            connection.leave(reason_of(error, UNAUTHORIZED.reason))
        else:
            connection.context = self._merged(connection.context, data.additions)
